package kit.container;

import static kit.Libc.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import kit.*;

/** The network of a container: its loopback device and, where that is asked for, a way out through its creator's network namespace. */
final class ContainerNetwork implements AutoCloseable {
    private static final long SIOCSIFFLAGS = 0x8914;
    private static final int IFF_UP = 1, IFREQ = 40, IFR_FLAGS = 16; // linux/if.h

    private final Process undo;

    private ContainerNetwork(Process undo) {
        this.undo = undo;
    }

    /** Switches the loopback device on, as ifconfig(8) does it; netdevice(7). */
    static void loopback(Puppet puppet) {
        byte[] request = ByteBuffer.allocate(IFREQ).order(ByteOrder.nativeOrder()).put("lo".getBytes(StandardCharsets.US_ASCII)).putShort(IFR_FLAGS, (short) IFF_UP).array();
        int socket = puppet.descriptor("socket", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        puppet.call("ioctl", socket, SIOCSIFFLAGS, request);
        puppet.call("close", socket);
    }

    /**
     * A veth pair between the creator's network namespace and the container's, and in the creator's forwarding and NAT for
     * it. The pair goes with the container; for the rest a shell waits for the end of its input and undoes it.
     */
    static ContainerNetwork nat(Caller creator, int pid) {
        Ip.need();
        if (!Machine.has("iptables")) {
            throw new Problem("iptables", Errno.ENOENT, Diagnosis.missing("iptables", "iptables"));
        }
        String device = "nslabs" + pid, net = "10.89." + pid % 250 + ".";
        Ip.ip(creator::command, "link add " + device + " type veth peer name eth0 netns " + pid, "addr add " + net + "1/24 dev " + device, "link set " + device + " up");
        try (Caller inside = creator.another("network of the container")) {
            inside.run(() -> {
                int fd = open("/proc/" + pid + "/ns/net", O_RDONLY | O_CLOEXEC, 0);
                setns(fd, CLONE_NEWNET);
                Libc.close(fd);
            });
            Ip.ip(inside::command, "addr add " + net + "2/24 dev eth0", "link set eth0 up", "route add default via " + net + "1");
        }
        String rule = "POSTROUTING -s " + net + "0/24 ! -o " + device + " -j MASQUERADE", forward = "/proc/sys/net/ipv4/ip_forward";
        String before = creator.call(() -> Proc.read(forward));
        Process undo = creator.call(() -> new ProcessBuilder("setsid", "sh", "-c", "read -r nothing; iptables -w -t nat -D " + rule
                + (before.equals("0") ? "; echo 0 >" + forward : "")).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
        Output added = creator.command("XTABLES_LOCKFILE=/dev/null iptables -w -t nat -A " + rule);
        if (!added.ok()) {
            throw new IllegalStateException("iptables -A " + rule + ": " + added.text());
        }
        creator.run(() -> Proc.write(forward, "1"));
        return new ContainerNetwork(undo);
    }

    @Override
    public void close() {
        try {
            undo.getOutputStream().close();
        } catch (IOException e) {
            // it has ended already
        }
        undo.onExit().join();
    }
}
