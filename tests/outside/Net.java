package outside;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The network namespace of a process: ip(8), ping(8) and TCP from within, by nsenter(1), and what /proc/PID/net lists. */
public final class Net {
    private static final Pattern PORT = Pattern.compile("sin6?_port=htons\\((\\d+)\\)");

    private final Proc side;

    private Net(Proc side) {
        this.side = side;
    }

    /** The one where a process stands. */
    public static Net of(Proc side) {
        return new Net(side);
    }

    /** Any command there. */
    public Ran run(String... command) {
        return Enter.the(side, "net").run(command);
    }

    /** What ip(8) prints there; fails if it fails. */
    public String ip(String arguments) {
        return run("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; exec ip " + arguments).text();
    }

    /** True if an address answers to ping(8). A link that has just come up may need a second or two. */
    public boolean reaches(String address) {
        return ping(address, 10);
    }

    /** True if it does not answer within a second. */
    public boolean silent(String address) {
        return !ping(address, 1);
    }

    private boolean ping(String address, long seconds) {
        assumeTrue(Ran.has("ping"), "ping is not installed");
        return run("ping", "-c", "1", "-w", "" + Scratch.patience(seconds), address).exit() == 0;
    }

    /** A TCP connection to an address: "connected", or what the kernel said in the words of strerror(3). */
    public String connect(String address, int port) {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return run("env", "LC_ALL=C", java, "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.net.preferIPv4Stack=true",
                "-cp", System.getProperty("java.class.path"), Dial.class.getName(), address, "" + port).text();
    }

    /** The IPv4 address of a device. */
    public String address(String device) {
        return ip("-o -4 address show dev " + device).replaceFirst("(?s).* inet ([0-9.]+)/.*", "$1");
    }

    /** The ports with a TCP listener: state 0A in /proc/PID/net/tcp and tcp6; proc(5). */
    public Set<Integer> listening() {
        var ports = new TreeSet<Integer>();
        for (var file : List.of("net/tcp", "net/tcp6")) {
            if (!Files.exists(side.folder().resolve(file))) continue;
            for (var line : side.lines(file)) {
                var fields = line.strip().split("\\s+");
                if (fields[3].equals("0A")) ports.add(Integer.parseInt(fields[1].substring(fields[1].lastIndexOf(':') + 1), 16));
            }
        }
        return ports;
    }

    /** The only port that listeners of both sides have. */
    public int commonPort(Net other) {
        var common = new TreeSet<>(listening());
        common.retainAll(other.listening());
        assertEquals(1, common.size(), () -> "ports that both sides listen on: " + common);
        return common.first();
    }

    /** The port in a call's address as strace(1) writes it; 0 if there is none. */
    public static int port(Trace.Call call) {
        var match = PORT.matcher(call.arguments());
        return match.find() ? Integer.parseInt(match.group(1)) : 0;
    }

    /** The program behind {@link #connect}: a JVM cannot enter a user namespace, so this one starts there. */
    static final class Dial {
        public static void main(String[] args) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])), 5000);
                System.out.println("connected");
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
