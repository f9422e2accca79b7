package kit.container;

import static kit.Libc.*;

import java.util.stream.Collectors;
import kit.*;

/** A third network, to which only a host has a wire: whoever gets there went through that host. 198.51.100.0/24 is for documentation; RFC 5737. */
public final class Beyond implements AutoCloseable {
    private static final String HOST = "198.51.100.1", OTHER = "198.51.100.2";

    private final Caller beyond;
    private final int listener;
    private final int port;
    private final byte[] address;

    private Beyond(Caller beyond, int port) {
        this.beyond = beyond;
        this.port = port;
        address = Sockets.in(OTHER, port);
        listener = Sockets.listen(beyond, address);
    }

    /** Makes it beyond a caller that stands in a network namespace of its own, with a server; null where that cannot be, with the reason for the claim. */
    public static Beyond make(Lab lab, Caller host, String claim) {
        for (String program : new String[] {"ip", "iptables"}) {
            if (!Machine.has(program)) {
                lab.cannot(Diagnosis.missing(program, program.equals("ip") ? "iproute2" : program), claim);
                return null;
            }
        }
        Ip.need();
        Output nat = host.command("XTABLES_LOCKFILE=/dev/null iptables -w -t nat -L");
        if (!nat.ok()) {
            lab.cannot(claim, "iptables does not work here (" + nat.text().lines().findFirst().orElse("") + "); as root: modprobe iptable_nat");
            return null;
        }
        if (!Ip.makes(lab, host, "veth", claim)) {
            return null;
        }
        Caller beyond = host.another("beyond");
        beyond.unshare(CLONE_NEWNET);
        Ip.ip(host::command, "link add wire type veth peer name wire netns " + beyond.tid(), "addr add " + HOST + "/24 dev wire", "link set wire up");
        Ip.ip(beyond::command, "addr add " + OTHER + "/24 dev wire", "link set wire up");
        return new Beyond(beyond, lab.token().number("port", 20000, 40000));
    }

    /** What connect(2) to the server says where a caller stands; "EINPROGRESS" if there is no answer for two seconds. */
    public String connect(Caller from) {
        return from.call(() -> {
            int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            try {
                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, new long[] {2, 0}, 16);
                return Errno.of(() -> Libc.connect(fd, address, address.length));
            } finally {
                Libc.close(fd);
            }
        });
    }

    /** The host's address as the server sees callers: in hexadecimal, the least byte first; proc_net(5). */
    public static String host() {
        return "016433C6";
    }

    /** Who has called, as the server sees it. */
    public String callers() {
        return Proc.read("/proc/" + beyond.tid() + "/net/tcp").lines().map(line -> line.strip().split("\\s+"))
                .filter(line -> line[1].endsWith(String.format(":%04X", port)) && !line[2].endsWith(":0000"))
                .map(line -> line[2].replaceFirst(":.*", "")).collect(Collectors.joining(" "));
    }

    @Override
    public void close() {
        Libc.close(listener);
        beyond.close();
    }
}
