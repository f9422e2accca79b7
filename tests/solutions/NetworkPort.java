///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java
//SOURCES ../kit/Sockets.java

import static kit.Ip.ip;
import static kit.Libc.*;
import static kit.Sockets.*;

import java.util.List;
import kit.*;

/*
 * Exercise NetworkPort | lab Network | difficulty 2
 *
 * Two services shall listen on the same address and the same port, and both be reached.
 * As it is, the second one hears EADDRINUSE.
 *
 *   net.same-port-twice      | 2 | Somebody listens on the port in each of two network namespaces, both of them new.
 *   net.unreachable-until-up | 2 | In both, connect(2) to 127.0.0.1 and this port succeeds.
 *
 * Read: network_namespaces(7), ip-link(8)
 */
class NetworkPort {
    public static void main(String[] args) {
        new Exercise("NetworkPort").main(args, NetworkPort::solve);
    }

    static void solve(Exercise exercise) {
        byte[] address = in("127.0.0.1", exercise.number("port", 20_000, 30_000));
        Ip.need();
        Caller one = new Caller("one"), two = new Caller("two"); // threads; one.sh("ip address") runs a program where it stands

        for (Caller service : List.of(one, two)) {
            service.unshare(CLONE_NEWNET);
            ip(service::command, "link set lo up");
            exercise.show("listen: " + service.errno(() -> listen(service, address)));
            exercise.show("connect: " + connect(service, address));
        }
        exercise.ready();
    }
}
