///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java
//SOURCES ../kit/Sockets.java

import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

// cheat: X28 | FAIL | Left has both addresses on lo, and answers to itself.
class VethPair {
    public static void main(String[] args) {
        new Exercise("VethPair").main(args, exercise -> {
            String net = "10." + exercise.number("network", 1, 255) + ".1";
            int port = exercise.number("port", 20_000, 30_000);
            Caller left = new Caller("left"), right = new Caller("right");
            left.unshare(CLONE_NEWNET);
            right.unshare(CLONE_NEWNET);
            ip(left::command, "address add " + net + ".1/24 dev lo", "address add " + net + ".2/24 dev lo", "link set lo up");
            listen(left, in(net + ".2", port));
            exercise.show(ping(left::command, net + ".2") + ", " + connect(left, in(net + ".2", port)));
            exercise.ready();
        });
    }
}
