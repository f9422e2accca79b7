package kit;

import java.util.function.Function;
import java.util.stream.Collectors;

/** Network devices and what moves over them, by ip(8) and ping(8): run where a {@link Caller} or a {@link Child} stands. */
public final class Ip {
    private Ip() {}

    /** Makes sure that there is an ip(8). */
    public static void need() {
        if (!Machine.has("ip")) {
            throw new Problem("ip", Errno.ENOENT, Diagnosis.missing("ip", "iproute2"));
        }
    }

    /** Runs ip(8) on one side, {@code ip(inside::command, "link set lo up")}, and wants it to succeed. */
    public static void ip(Function<String, Output> side, String... commands) {
        for (String command : commands) {
            Output done = side.apply("ip " + command);
            if (!done.ok()) {
                throw new IllegalStateException("ip " + command + ": " + done.text());
            }
        }
    }

    /** Whether the kernel makes "veth" or "bridge" devices; that may be a module which is not there. If not, settles the claims. */
    public static boolean makes(Lab lab, Caller side, String type, String... claims) {
        Output made = side.command("ip link add probe type " + type + " && ip link del probe");
        if (!made.ok()) {
            lab.cannot(new Diagnosis(true, "this kernel makes no " + type + " device (" + made.text() + ")",
                    "as root: modprobe " + type), claims);
        }
        return made.ok();
    }

    /** Whether there is a ping(8). If not, settles the claims. */
    public static boolean hasPing(Lab lab, String... claims) {
        if (!Machine.has("ping")) {
            lab.cannot(Diagnosis.missing("ping", "iputils-ping"), claims);
        }
        return Machine.has("ping");
    }

    /** Echo requests until the first answer, at most for 10 seconds: "answer" or "no answer". */
    public static String ping(Function<String, Output> side, String address) {
        return side.apply("ping -c 1 -w 3 " + address).ok() ? "answer" : "no answer";
    }

    /** The devices of a thread's network namespace in the order of the alphabet: "eth0 lo". */
    public static String devices(Caller side) {
        return names(side.call(() -> Proc.read("/proc/thread-self/net/dev")));
    }

    /** The names in a text of /proc/PID/net/dev, but for the tunnel devices that some modules add to every namespace. */
    public static String names(String dev) {
        return dev.lines().skip(2).map(line -> line.substring(0, line.indexOf(':')).strip())
                .filter(name -> !name.matches("(tunl|sit|gre|gretap|erspan|ip_vti|ip6_vti|ip6tnl|ip6gre)0"))
                .sorted().collect(Collectors.joining(" "));
    }

    /** How many things "ip -o WHAT" lists: it prints a line for each. */
    public static long count(Caller side, String what) {
        return side.sh("ip -o " + what).lines().count();
    }
}
