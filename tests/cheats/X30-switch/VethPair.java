///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java
//SOURCES ../kit/Sockets.java

import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

// cheat: X30 | FAIL | Two cables and a bridge between: they reach each other, but are not the two ends of one.
class VethPair {
    public static void main(String[] args) {
        new Exercise("VethPair").main(args, exercise -> {
            String net = "10." + exercise.number("network", 1, 255) + ".1";
            int port = exercise.number("port", 20_000, 30_000);
            Caller left = new Caller("left"), right = new Caller("right");
            left.unshare(CLONE_NEWNET);
            right.unshare(CLONE_NEWNET);
            Caller middle = new Caller("middle");
            middle.unshare(CLONE_NEWNET);
            ip(middle::command, "link add switch type bridge", "link set switch up", "link add one type veth peer name eth0 netns " + left.tid(),
                    "link add two type veth peer name eth0 netns " + right.tid(), "link set one master switch up", "link set two master switch up");
            ip(left::command, "address add " + net + ".1/24 dev eth0", "link set eth0 up");
            ip(right::command, "address add " + net + ".2/24 dev eth0", "link set eth0 up");
            listen(right, in(net + ".2", port));
            exercise.show(ping(left::command, net + ".2"));
            exercise.ready();
        });
    }
}
