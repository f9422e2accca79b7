package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class VethPairCheck extends Check {
    @Test
    @Verifies("veth.pings")
    void pings(Live live) {
        NetSide left = side(live, 1), right = side(live, 2);
        NetSide.Link one = left.with(net(live) + ".1/24"), two = right.with(net(live) + ".2/24");
        for (var end : List.of(one, two)) {
            assertEquals("veth", end.kind(), "The device with " + end.addresses() + " is not the end of a cable.");
            assertTrue(end.up(), "The cable's end with " + end.addresses() + " is not up, or the other end is not.");
        }
        assertEquals(List.of(one.index(), two.index()), List.of(two.peer(), one.peer()), "The devices with the two addresses are not the two ends of one cable.");
        assertTrue(left.pings(live, net(live) + ".2"), "From left no ping gets to " + net(live) + ".2.");
        assertTrue(right.pings(live, net(live) + ".1"), "From right no ping gets to " + net(live) + ".1.");
    }

    @Test
    @Verifies("veth.same-device-name")
    void names(Live live) {
        assertEquals("eth0 and eth0", Stream.of(1, 2).map(i -> side(live, i).with(net(live) + "." + i + "/24").name()).reduce((a, b) -> a + " and " + b).orElse(""),
                "The devices with the two addresses are not both called eth0.");
    }

    @Test
    @Verifies("veth.connects")
    void connects(Live live) {
        int port = live.number("port", 20_000, 30_000);
        var left = side(live, 1);
        assertTrue(side(live, 2).listens(port), "Nobody listens on port " + port + " where right stands.");
        assertTrue(left.pings(live, net(live) + ".2"), "From left nothing gets to " + net(live) + ".2.");
        assertEquals("connected", left.connect(net(live) + ".2", port), "From left connect(2) to " + net(live) + ".2, port " + port + ", does not get there.");
    }

    private static String net(Live live) {
        return "10." + live.number("network", 1, 255) + ".1";
    }

    /** The network namespace that has the address with this last number, and not the other one. */
    private static NetSide side(Live live, int number) {
        live.apart("net");
        String own = net(live) + "." + number + "/24", other = net(live) + "." + (3 - number) + "/24";
        var sides = NetSide.all(live).stream().filter(side -> side.with(own) != null).toList();
        assertFalse(sides.isEmpty(), "No network namespace of yours has the address " + own + ".");
        assertEquals(1, sides.size(), "More than one network namespace of yours has the address " + own + ".");
        assertTrue(sides.get(0).with(other) == null, "One network namespace has both addresses: it would answer to itself.");
        return sides.get(0);
    }

    @Override
    public List<String> hints() {
        return List.of("A veth pair is made by one command, with both of its ends. Each end may lie in another network namespace from the start.",
                "ip link add NAME type veth peer name NAME netns PID: in ip(8) a PID says which namespace, and a thread's number is as good.",
                "An address for a device: \"address add ADDRESS/24 dev eth0\". A device is down until \"link set eth0 up\", and a cable works when both ends are up.",
                "ip(left::command, \"link add eth0 type veth peer name eth0 netns \" + right.tid(), \"address add ...\", \"link set eth0 up\"), then right's end; then listen(right, in(net + \".2\", port)).");
    }

    @Override
    public String hint(Live live) {
        return NetSide.all(live).stream().map(side -> side.task().link("net") + " has " + (side.devices().isEmpty() ? "no device but lo" : side.devices().stream()
                .map(link -> link.name() + " (" + link.kind() + ", " + (link.up() ? "up" : "down") + ") " + link.addresses()).reduce((a, b) -> a + ", " + b).orElse("")))
                .reduce((a, b) -> a + "; " + b).map(text -> text + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            What goes in at one end comes out at the other, wherever that lies: a veth pair is the only device that leads from one
            network namespace into another. Names are per namespace, and so both ends may be eth0. The address brings a route to
            10.X.1.0/24 with it; nothing else is needed between two neighbours. A container's eth0 is such an end.""";
    }
}
