package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class NetworkPortCheck extends Check {
    @Test
    @Verifies("net.same-port-twice")
    void twice(Live live) {
        services(live);
    }

    @Test
    @Verifies("net.unreachable-until-up")
    void reached(Live live) {
        int port = port(live);
        var said = services(live).stream().limit(4).toList().parallelStream().map(side -> side.connect("127.0.0.1", port)).toList();
        assertTrue(said.stream().filter("connected"::equals).count() >= 2, () -> "From within, 127.0.0.1:" + port + " cannot be reached everywhere; connect(2) says: " + String.join(", ", said));
    }

    /** The network namespaces with a listener, two at least. */
    private static List<NetSide> services(Live live) {
        live.apart("net");
        var sides = NetSide.all(live).stream().filter(side -> side.listens(port(live))).toList();
        if (sides.size() < 2) assertEquals(2, sides.size(), "Of your new network namespaces too few have a listener on port " + port(live) + ".");
        return sides;
    }

    private static int port(Live live) {
        return live.number("port", 20_000, 30_000);
    }

    @Override
    public List<String> hints() {
        return List.of("A port is taken in one network namespace. What does each service need?",
                "service.unshare(CLONE_NEWNET): both of them, for the network where the program was started is not yours to set up.",
                "ENETUNREACH: a new network has one device, lo, and \"ip link\" says of it that it is DOWN.",
                "Root of the namespace may change that: service.sh(\"ip link set lo up\"), or with an error if it fails: ip(service::command, \"link set lo up\").");
    }

    @Override
    public String hint(Live live) {
        var sides = NetSide.all(live);
        if (sides.isEmpty()) return "All threads of your program stand in " + live.init().link("net") + ", as before.";
        return sides.stream().map(side -> side.task().link("net") + ": " + (side.listens(port(live)) ? "somebody listens" : "nobody listens on port " + port(live))
                + ", lo is " + (side.links().stream().anyMatch(link -> link.name().equals("lo") && link.up()) ? "up" : "down")).reduce((a, b) -> a + ". " + b).orElse("") + ".";
    }

    @Override
    public String explanation() {
        return """
            Ports belong to a network namespace, as devices, addresses and routes do: bind(2) looks for a conflict in the one
            where the socket was made. Each starts with lo, down and without an address; the kernel gives it 127.0.0.1 when
            it comes up. That is how two containers both have a web server on port 80.""";
    }
}
