///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java

import static kit.Ip.*;
import static kit.Libc.*;

import java.util.List;
import kit.*;

/*
 * Exercise VethBridge | lab Veth | difficulty 4
 *
 * Three guests, each in a network namespace of its own, are to talk to each other. A cable has only two ends: so each guest gets one
 * cable to a switch, which is a bridge in a fourth network namespace. The addresses end with .1, .2 and .3, with 24 bits of network.
 *
 *   veth.bridge-joins-two | 4 | Each guest has one veth device beside lo; the other end is a port of the bridge, which has three, and no address.
 *   veth.pings            | 2 | Each guest has its address, and answers to the pings of both others.
 *
 * Read: bridge(8), ip-link(8), veth(4)
 */
class VethBridge {
    public static void main(String[] args) {
        new Exercise("VethBridge").main(args, VethBridge::solve);
    }

    static void solve(Exercise exercise) {
        String net = "10." + exercise.number("network", 1, 255) + ".4";
        Ip.need();
        Caller middle = new Caller("middle");
        middle.unshare(CLONE_NEWNET);
        List<Caller> guests = List.of(new Caller("guest 1"), new Caller("guest 2"), new Caller("guest 3"));
        guests.forEach(guest -> guest.unshare(CLONE_NEWNET));

        // TODO 1: make the bridge where middle stands: ip(middle::command, "link add ...", ...)
        for (int i = 1; i <= guests.size(); i++) {
            Caller guest = guests.get(i - 1);
            // TODO 2: make a cable from middle to the guest, and plug its end in middle into the bridge
            // TODO 3: give the guest's end the address net + "." + i, and bring up all that must be up
            exercise.show("guest " + i + ": " + guest.sh("ip -brief address"));
        }
        exercise.show("middle: " + middle.sh("ip -brief link"));
        exercise.show("guest 1 pings guest 3: " + ping(guests.get(0)::command, net + ".3"));
        exercise.ready();
    }
}
