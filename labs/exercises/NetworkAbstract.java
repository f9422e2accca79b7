///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Sockets.java

import static kit.Libc.*;
import static kit.Sockets.*;

import java.io.File;
import kit.*;

/*
 * Exercise NetworkAbstract | lab Network | difficulty 3
 *
 * A service has two UNIX sockets: one with an abstract name, for who stands in its network namespace, and one with a path, for
 * everybody who finds the file. This program gives it both, but the abstract one is known in the wrong place.
 * Then a guest from another network namespace is to be connected to the service, in the way that is open to it.
 *
 *   net.abstract-sockets-apart | 3 | The abstract name is known in one network namespace, a new one, and not where the program was started.
 *   net.path-sockets-are-files | 2 | A socket in a second new network namespace is connected to the path.
 *
 * Read: unix(7), network_namespaces(7)
 */
class NetworkAbstract {
    public static void main(String[] args) {
        new Exercise("NetworkAbstract").main(args, NetworkAbstract::solve);
    }

    static void solve(Exercise exercise) {
        byte[] name = un("\0" + exercise.value("name"));
        File file = new File("/tmp", exercise.value("socket"));
        file.deleteOnExit();
        byte[] path = un(file.getPath());
        Caller service = new Caller("service"), guest = new Caller("guest");
        guest.unshare(CLONE_NEWNET);

        // TODO 1: to which network namespace does a socket belong?
        listen(service, name);
        listen(service, path);
        service.unshare(CLONE_NEWNET);
        exercise.show("the service connects to the name: " + connect(service, name));
        exercise.show("the guest connects to the name: " + connect(guest, name));
        // TODO 2: let the guest make a socket and connect it, and keep it: socket(AF_UNIX, SOCK_STREAM, 0), connect(fd, address, length)

        exercise.ready();
    }
}
