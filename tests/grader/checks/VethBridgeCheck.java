package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class VethBridgeCheck extends Check {
    private static final int GUESTS = 3;

    @Test
    @Verifies("veth.bridge-joins-two")
    void bridge(Live live) {
        var guests = guests(live);
        var middle = NetSide.all(live).stream().filter(side -> side.links().stream().anyMatch(link -> link.kind().equals("bridge"))).findFirst()
                .orElseThrow(() -> new AssertionError("There is no bridge in any network namespace of yours."));
        assertTrue(guests.stream().noneMatch(guest -> guest.task().identity("net").equals(middle.task().identity("net"))), "The bridge lies with a guest; it is to have a network namespace of its own.");
        var bridge = middle.links().stream().filter(link -> link.kind().equals("bridge")).findFirst().orElseThrow();
        assertTrue(bridge.up(), "The bridge " + bridge.name() + " is down, or none of its ports is up.");
        var ports = middle.links().stream().filter(link -> link.master().equals(bridge.name())).toList();
        for (int i = 1; i <= GUESTS; i++) {
            var devices = guests.get(i - 1).devices();
            assertEquals(1, devices.size(), "Guest " + i + " has more devices than lo and its end of one cable.");
            var end = devices.get(0);
            assertEquals("veth", end.kind(), "Guest " + i + "'s device " + end.name() + " is not the end of a cable.");
            assertTrue(ports.stream().anyMatch(port -> port.index() == end.peer() && port.peer() == end.index()), "The other end of guest " + i + "'s cable is no port of " + bridge.name() + ".");
        }
        assertEquals(List.of(), middle.devices().stream().flatMap(link -> link.addresses().stream()).toList(), "A bridge needs no address to be a switch; with one its namespace takes part in the network.");
    }

    @Test
    @Verifies("veth.pings")
    void pings(Live live) {
        var guests = guests(live);
        for (int from = 1; from <= GUESTS; from++) {
            for (int to = from + 1; to <= GUESTS; to++) { // an answer has come back, so that once is both ways
                assertTrue(guests.get(from - 1).pings(live, net(live) + "." + to), "Guest " + from + " and guest " + to + " do not answer each other's pings.");
            }
        }
    }

    private static String net(Live live) {
        return "10." + live.number("network", 1, 255) + ".4";
    }

    /** The guests' network namespaces, by their addresses: three different ones. */
    private static List<NetSide> guests(Live live) {
        live.apart("net");
        var all = NetSide.all(live);
        var guests = new ArrayList<NetSide>();
        for (int i = 1; i <= GUESTS; i++) {
            var address = net(live) + "." + i + "/24";
            var sides = all.stream().filter(side -> side.with(address) != null).toList();
            assertFalse(sides.isEmpty(), "No network namespace of yours has the address " + address + ".");
            assertEquals(1, sides.size(), "More than one network namespace of yours has the address " + address + ".");
            guests.add(sides.get(0));
        }
        assertEquals(GUESTS, guests.stream().distinct().count(), "The addresses lie in fewer network namespaces than there are guests.");
        return guests;
    }

    @Override
    public List<String> hints() {
        return List.of("Two ends per cable: one with the guest, one in middle. What makes three loose ends in middle one network?",
                "ip link add switch type bridge. A device becomes a port of it by \"link set DEVICE master switch\".",
                "A guest's end has the address, a port needs none. Up must be: the bridge, each port, each guest's end.",
                "For guest i: ip(middle::command, \"link add port\" + i + \" type veth peer name eth0 netns \" + guest.tid(), \"link set port\" + i + \" master switch up\").");
    }

    @Override
    public String hint(Live live) {
        return NetSide.all(live).stream().map(side -> side.task().link("net") + ": " + (side.devices().isEmpty() ? "no device but lo" : side.devices().stream()
                .map(link -> link.name() + (link.master().isEmpty() ? "" : " on " + link.master()) + (link.up() ? " up" : " down") + (link.addresses().isEmpty() ? "" : " " + link.addresses()))
                .reduce((a, b) -> a + ", " + b).orElse(""))).reduce((a, b) -> a + "; " + b).map(text -> text + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            A bridge is a switch: it learns behind which port an Ethernet address lies, and knows nothing of IP. So it needs no address,
            and the guests have one hop between them. Docker's docker0 is such a bridge, with one veth end per container plugged in;
            it has an address only because it also is the containers' way out.""";
    }
}
