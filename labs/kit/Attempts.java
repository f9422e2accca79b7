package kit;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Six operations that processes with more and with fewer rights try alike, and what stood in the way:
 * {@code hidden} by a namespace, {@code not permitted} without a capability, {@code forbidden} by seccomp, or {@code allowed}.
 */
public final class Attempts {
    public static final List<String> OPERATIONS = List.of("sethostname", "mount", "kill", "bind", "unshare", "shadow");

    private final Caller host;
    private final String mountPoint;
    private final String shadow;
    private int processes;

    /** @param host has a server at port 80, the directory and the file */
    public Attempts(Caller host, String mountPoint, String shadow) {
        this.host = host;
        this.mountPoint = mountPoint;
        this.shadow = shadow;
    }

    /** A child of the host takes the steps and tries everything once: per operation the word and the errno. */
    public List<String> by(int flags, Child.Step... steps) throws InterruptedException {
        String name = "renamed-" + ++processes;
        byte[] port80 = Sockets.in("0.0.0.0", 80);
        Memory address = new Memory(port80.length);
        address.write(0, port80, 0, port80.length);
        try (Child victim = host.clone(0)) {
            victim.sh(":"); // it has become a shell: the JVM's handler for SIGTERM is gone
            List<String> all = host.errnos(flags, UserMap.NONE, Stream.concat(Stream.of(steps), Stream.of(
                    call("close", 0), call("socket", AF_INET, SOCK_STREAM, 0), // the socket becomes number 0
                    call("sethostname", name, (long) name.length()), call("mount", "none", mountPoint, "tmpfs", 0L, 0L),
                    call("kill", victim.pid, SIGTERM), call("bind", 0, address, port80.length), call("unshare", CLONE_NEWIPC),
                    call("open", shadow, O_RDONLY, 0), call("_exit", 0))).toArray(Child.Step[]::new));
            List<String> ready = all.subList(0, steps.length + 2), saw = all.subList(steps.length + 2, steps.length + 8);
            if (!ready.stream().allMatch("success"::equals)) {
                throw new IllegalStateException("a process that should try could not be made: " + ready);
            }
            for (int i = 0; i < 100 && saw.get(2).equals("success") && victim.alive(); i++) {
                Thread.sleep(10); // the signal is on its way
            }
            // Did it happen to the host? Who gets port 80 stands on another network stack than the host's server.
            boolean[] felt = {host.call(Libc::gethostname).equals(name),
                    !Proc.mountsAt(Proc.read("/proc/" + host.tid() + "/mountinfo"), mountPoint).isEmpty(), !victim.alive(), false, true, true};
            return IntStream.range(0, saw.size()).mapToObj(i -> switch (saw.get(i)) {
                case "success" -> felt[i] ? "allowed: yes" : "hidden: own copy";
                case "EADDRINUSE" -> "allowed: EADDRINUSE";
                case "ESRCH", "ENOENT" -> "hidden: " + saw.get(i);
                case "EPERM", "EACCES" -> "not permitted: " + saw.get(i);
                default -> "forbidden: " + saw.get(i);
            }).toList();
        }
    }

    /** A table of what {@link #by} gave: a line per operation, a column per process. */
    public static String text(Map<String, List<String>> columns) {
        StringBuilder text = new StringBuilder(line("", List.copyOf(columns.keySet())));
        for (int i = 0; i < OPERATIONS.size(); i++) {
            int row = i;
            text.append(line(OPERATIONS.get(i), columns.values().stream().map(cells -> cells.get(row).replaceFirst(".*: ", "")).toList()));
        }
        return text.toString();
    }

    private static String line(String first, List<String> cells) {
        StringBuilder line = new StringBuilder(String.format("%-13s", first));
        cells.forEach(cell -> line.append(String.format("%-13s", cell)));
        return line.toString().stripTrailing() + "\n";
    }
}
