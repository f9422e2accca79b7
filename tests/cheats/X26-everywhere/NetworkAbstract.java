///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Sockets.java

import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

// cheat: X26 | FAIL | Makes a socket of that name in both network namespaces, so that each connects to its own.
class NetworkAbstract {
    public static void main(String[] args) {
        new Exercise("NetworkAbstract").main(args, exercise -> {
            byte[] name = un("\0" + exercise.value("name"));
            byte[] path = un("/tmp/" + exercise.value("socket"));
            Caller service = new Caller("service"), guest = new Caller("guest");
            service.unshare(CLONE_NEWNET);
            guest.unshare(CLONE_NEWNET);
            listen(service, name);
            listen(guest, name);
            listen(service, path);
            int fd = guest.call(() -> socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            guest.run(() -> connect(fd, path, path.length));
            exercise.ready();
        });
    }
}
