///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Sockets.java

import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

// cheat: X27 | FAIL | The guest connects to a socket of its own, which only has the same path.
class NetworkAbstract {
    public static void main(String[] args) {
        new Exercise("NetworkAbstract").main(args, exercise -> {
            byte[] name = un("\0" + exercise.value("name"));
            byte[] path = un("/tmp/" + exercise.value("socket"));
            Caller service = new Caller("service"), guest = new Caller("guest");
            service.unshare(CLONE_NEWNET);
            guest.unshare(CLONE_NEWNET | CLONE_NEWNS);
            guest.run(() -> mount("none", "/tmp", "tmpfs", 0, null));
            listen(service, name);
            listen(service, path);
            listen(guest, path);
            int fd = guest.call(() -> socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            guest.run(() -> connect(fd, path, path.length));
            exercise.ready();
        });
    }
}
