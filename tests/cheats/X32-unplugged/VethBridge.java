///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java

import static kit.Ip.*;
import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X32 | FAIL | Three cables and a bridge, and none of them is plugged in.
class VethBridge {
    public static void main(String[] args) {
        new Exercise("VethBridge").main(args, exercise -> {
            String net = "10." + exercise.number("network", 1, 255) + ".4";
            Caller middle = new Caller("middle");
            middle.unshare(CLONE_NEWNET);
            List<Caller> guests = List.of(new Caller("guest 1"), new Caller("guest 2"), new Caller("guest 3"));
            guests.forEach(guest -> guest.unshare(CLONE_NEWNET));
            ip(middle::command, "link add switch type bridge", "link set switch up");
            for (int i = 1; i <= guests.size(); i++) {
                Caller guest = guests.get(i - 1);
                ip(middle::command, "link add port" + i + " type veth peer name eth0 netns " + guest.tid(), "link set port" + i + " up");
                ip(guest::command, "address add " + net + "." + i + "/24 dev eth0", "link set eth0 up");
            }
            exercise.ready();
        });
    }
}
