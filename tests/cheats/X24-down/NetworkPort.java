///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Sockets.java

import static kit.Libc.*;
import static kit.Sockets.*;

import java.util.List;
import kit.*;

// cheat: X24 | FAIL | Two network namespaces, but lo is down in them: somebody listens, and nobody comes.
class NetworkPort {
    public static void main(String[] args) {
        new Exercise("NetworkPort").main(args, exercise -> {
            byte[] address = in("127.0.0.1", exercise.number("port", 20_000, 30_000));
            for (Caller service : List.of(new Caller("one"), new Caller("two"))) {
                service.unshare(CLONE_NEWNET);
                listen(service, address);
            }
            exercise.ready();
        });
    }
}
