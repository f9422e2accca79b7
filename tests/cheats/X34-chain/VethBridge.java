///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java

import static kit.Ip.*;
import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X34 | FAIL | No switch: guest 2 has two cables and a bridge of its own, through which the two others reach each other.
class VethBridge {
    public static void main(String[] args) {
        new Exercise("VethBridge").main(args, exercise -> {
            String net = "10." + exercise.number("network", 1, 255) + ".4";
            Caller middle = new Caller("middle");
            middle.unshare(CLONE_NEWNET);
            List<Caller> guests = List.of(new Caller("guest 1"), new Caller("guest 2"), new Caller("guest 3"));
            guests.forEach(guest -> guest.unshare(CLONE_NEWNET));
            Caller first = guests.get(0), second = guests.get(1), third = guests.get(2);
            ip(second::command, "link add eth0 type bridge", "link set eth0 up", "address add " + net + ".2/24 dev eth0",
                    "link add one type veth peer name eth0 netns " + first.tid(), "link set one master eth0 up",
                    "link add three type veth peer name eth0 netns " + third.tid(), "link set three master eth0 up");
            ip(first::command, "address add " + net + ".1/24 dev eth0", "link set eth0 up");
            ip(third::command, "address add " + net + ".3/24 dev eth0", "link set eth0 up");
            exercise.ready();
        });
    }
}
