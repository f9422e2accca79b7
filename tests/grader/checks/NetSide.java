package grader.checks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.List;
import outside.Enter;
import outside.Net;
import outside.Proc;
import outside.Ran;
import outside.Scratch;

/** A network namespace of an answer, seen from within by the judge's own ip(8), ping(8) and connect(2). */
record NetSide(Proc task, List<Link> links) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A network device.
     *
     * @param peer the index of a veth device's other end, in the namespace where that is; else 0
     * @param master the bridge of which it is a port; else empty
     * @param addresses IPv4, such as {@code 10.1.1.1/24}
     */
    record Link(int index, String name, String kind, int peer, String master, boolean up, List<String> addresses) {}

    /** All that the answer has made. */
    static List<NetSide> all(Live live) {
        return live.oneOfEach("net").stream().map(task -> of(live, task)).toList();
    }

    private static NetSide of(Live live, Proc task) {
        var links = new ArrayList<Link>();
        for (var each : json(live.enter(task, "net"), "ip", "-json", "-details", "address")) {
            var addresses = new ArrayList<String>();
            for (var address : each.path("addr_info")) {
                if (address.path("family").asText().equals("inet")) addresses.add(address.path("local").asText() + "/" + address.path("prefixlen").asInt());
            }
            var flags = new ArrayList<String>();
            for (var flag : each.path("flags")) flags.add(flag.asText());
            links.add(new Link(each.path("ifindex").asInt(), each.path("ifname").asText(), each.path("linkinfo").path("info_kind").asText(),
                    each.path("link_index").asInt(), each.path("master").asText(), flags.containsAll(List.of("UP", "LOWER_UP")), List.copyOf(addresses)));
        }
        return new NetSide(task, List.copyOf(links));
    }

    private static JsonNode json(Enter side, String... command) {
        var words = new ArrayList<>(List.of("env", "PATH=/usr/sbin:/sbin:/usr/bin:/bin"));
        words.addAll(List.of(command));
        var ran = side.run(words.toArray(String[]::new));
        if (ran.exit() != 0) throw new IllegalStateException(String.join(" ", command) + ": " + ran.stderr());
        try {
            return JSON.readTree(ran.stdout());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(String.join(" ", command) + " prints no JSON: " + ran.stdout(), e);
        }
    }

    /** The device that has an address; null if none has. */
    Link with(String address) {
        return links.stream().filter(link -> link.addresses().contains(address)).findFirst().orElse(null);
    }

    /** All devices but lo, and the tunnels that some modules add to every namespace. */
    List<Link> devices() {
        return links.stream().filter(link -> !link.name().matches("lo|(tunl|sit|gre|gretap|erspan|ip_vti|ip6_vti|ip6tnl|ip6gre)0")).toList();
    }

    /** Whether an address answers to ping(8) from here. */
    boolean pings(Live live, String address) {
        if (!Ran.has("ping")) throw new IllegalStateException("ping is not installed on the machine of the grader");
        return live.enter(task, "net").asRoot().run("ping", "-c", "1", "-w", "" + Scratch.patience(2), address).exit() == 0;
    }

    /** What comes of a TCP connection from here: "connected", or what the kernel said. */
    String connect(String address, int port) {
        return Net.of(task).connect(address, port);
    }

    boolean listens(int port) {
        return Net.of(task).listening().contains(port);
    }
}
