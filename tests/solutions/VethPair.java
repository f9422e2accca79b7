///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java
//SOURCES ../kit/Sockets.java

import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import kit.*;

/*
 * Exercise VethPair | lab Veth | difficulty 3
 *
 * Two threads, left and right, stand in network namespaces of their own. Connect them by a cable.
 * On left's end the address is the one asked for with .1 at its end, on right's end that with .2; both with 24 bits of network.
 *
 *   veth.pings            | 3 | Left and right are the two ends of a veth pair, and each answers to the ping of the other.
 *   veth.same-device-name | 1 | On both sides the device is called eth0.
 *   veth.connects         | 2 | On right's address somebody listens on the port, and from left connect(2) gets there.
 *
 * Read: veth(4), ip-link(8), ip-address(8)
 */
class VethPair {
    public static void main(String[] args) {
        new Exercise("VethPair").main(args, VethPair::solve);
    }

    static void solve(Exercise exercise) {
        String net = "10." + exercise.number("network", 1, 255) + ".1";
        int port = exercise.number("port", 20_000, 30_000);
        Ip.need();
        Caller left = new Caller("left"), right = new Caller("right");
        left.unshare(CLONE_NEWNET);
        right.unshare(CLONE_NEWNET);

        ip(left::command, "link add eth0 type veth peer name eth0 netns " + right.tid(), "address add " + net + ".1/24 dev eth0", "link set eth0 up");
        ip(right::command, "address add " + net + ".2/24 dev eth0", "link set eth0 up");
        listen(right, in(net + ".2", port));

        exercise.show("left: " + left.sh("ip -brief address"));
        exercise.show("right: " + right.sh("ip -brief address"));
        String answer = ping(left::command, net + ".2");
        exercise.show("left pings right: " + answer);
        if (answer.equals("answer")) { // else connect(2) tries for two minutes
            exercise.show("left connects to right: " + connect(left, in(net + ".2", port)));
        }
        exercise.ready();
    }
}
