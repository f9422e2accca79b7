///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java
//SOURCES ../kit/Sockets.java

import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

// cheat: X24 | FAIL | A cable of which one end is down.
class VethPair {
    public static void main(String[] args) {
        new Exercise("VethPair").main(args, exercise -> {
            String net = "10." + exercise.number("network", 1, 255) + ".1";
            int port = exercise.number("port", 20_000, 30_000);
            Caller left = new Caller("left"), right = new Caller("right");
            left.unshare(CLONE_NEWNET);
            right.unshare(CLONE_NEWNET);
            ip(left::command, "link add eth0 type veth peer name eth0 netns " + right.tid(), "address add " + net + ".1/24 dev eth0", "link set eth0 up");
            ip(right::command, "address add " + net + ".2/24 dev eth0");
            listen(right, in(net + ".2", port));
            exercise.ready();
        });
    }
}
