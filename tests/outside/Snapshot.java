package outside;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything of the host that a lab could leave changed, as sets of lines by kind, to compare before and after.
 *
 * <p>Processes are only those of this run of the tests ({@link Scratch#MARKER}), so other work on the machine does not
 * disturb. All other kinds belong to the whole machine: {@link #settled} waits until what others do has passed.
 */
public record Snapshot(Map<String, SortedSet<String>> kinds) {
    /** What a JVM or the tests themselves write below /tmp: no lab's doing. */
    private static final String OWN_FILES = "(nslabs-tests-|hsperfdata_|\\.java_pid|jdk-provider-cache|strace-).*";

    /** Where everybody puts things and takes them away again: only what is new there counts. */
    private static final Set<String> BUSY = Set.of("file in /tmp", "file in /var/tmp", "cgroup");

    /** The settings that labs speak of. */
    private static final List<String> SETTINGS = List.of("kernel/hostname", "kernel/domainname", "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni",
            "kernel/shmmax", "kernel/shmall", "kernel/shmmni", "kernel/sem", "kernel/shm_rmid_forced", "fs/mqueue/queues_max", "fs/mqueue/msg_max",
            "fs/mqueue/msgsize_max", "kernel/pid_max", "net/ipv4/ip_forward", "net/ipv4/ip_unprivileged_port_start", "net/ipv4/ping_group_range",
            "user/max_user_namespaces", "user/max_uts_namespaces", "user/max_ipc_namespaces", "user/max_pid_namespaces", "user/max_mnt_namespaces",
            "user/max_net_namespaces", "user/max_cgroup_namespaces", "user/max_time_namespaces");

    /** The host now. */
    public static Snapshot take() {
        var kinds = new TreeMap<String, SortedSet<String>>();
        kinds.put("setting", settings());
        // Without ids: an unmount and the same mount again is no difference that anybody could see.
        kinds.put("mount", lines(() -> Proc.self().mounts().stream().map(m -> m.point() + " " + m.type() + " " + m.source() + " root=" + m.root() + " " + m.tags())));
        kinds.put("mount of the account", As.ORDINARY_USER.account() && As.ORDINARY_USER.obstacle() == null
                ? lines(() -> As.ORDINARY_USER.outside().mounts().stream().map(m -> m.point() + " " + m.type())) : new TreeSet<>());
        kinds.put("System V object", lines(() -> Stream.of("msg", "sem", "shm").flatMap(kind -> ipc(kind))));
        kinds.put("network device", lines(() -> Proc.self().netDevices().stream()));
        kinds.put("address", command("ip", "-o", "address"));
        kinds.put("route", command("ip", "route", "show", "table", "all"));
        kinds.put("cgroup", cgroups());
        kinds.put("POSIX message queue", queues());
        kinds.put("process", lines(() -> Processes.marked(Scratch.RUN).stream().map(Snapshot::process)));
        for (var folder : List.of("/tmp", "/dev/shm", "/run", "/run/netns", "/var/tmp")) kinds.put("file in " + folder, names(Path.of(folder)));
        return new Snapshot(kinds);
    }

    /** What is in one and not in the other, in words; empty when the host is as it was. */
    public static List<String> differences(Snapshot before, Snapshot after) {
        var differences = new ArrayList<String>();
        before.kinds.forEach((kind, was) -> {
            var is = after.kinds.get(kind);
            was.stream().filter(line -> !BUSY.contains(kind) && !is.contains(line)).forEach(line -> differences.add(kind + " gone: " + line));
            is.stream().filter(line -> !was.contains(line)).forEach(line -> differences.add(kind + " new: " + line));
        });
        return differences;
    }

    /**
     * What still differs when things have come to rest: looks again until nothing differs, for up to these seconds. What
     * others on this machine did meanwhile has passed by then; what a lab left behind has not.
     */
    public static List<String> settled(Snapshot before, long seconds) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(seconds));
        while (true) {
            var differences = differences(before, take());
            if (differences.isEmpty() || System.nanoTime() > deadline) return differences;
            Processes.sleep(200);
        }
    }

    private static SortedSet<String> settings() {
        var settings = new TreeSet<String>();
        for (var name : SETTINGS) {
            try (var file = new FileInputStream("/proc/sys/" + name)) {
                // In one piece: a number there answers only the first read(2), and Files.readString starts with one byte.
                var piece = new byte[4096];
                settings.add(name + " = " + new String(piece, 0, Math.max(0, file.read(piece)), StandardCharsets.UTF_8).strip());
            } catch (IOException absent) {
                settings.add(name + " is absent");
            }
        }
        return settings;
    }

    /** /proc/sysvipc: key, id and owner say which object it is; the rest changes with use. */
    private static Stream<String> ipc(String kind) {
        try {
            return Files.readAllLines(Path.of("/proc/sysvipc", kind)).stream().skip(1).map(String::strip)
                    .map(line -> kind + " " + String.join(" ", List.of(line.split("\\s+")).subList(0, 3)));
        } catch (IOException kernelWithoutIt) {
            return Stream.empty();
        }
    }

    /** The labs' cgroups in every mounted hierarchy; an init system makes and removes its own all the time. */
    private static SortedSet<String> cgroups() {
        var found = new TreeSet<String>();
        for (var mount : Proc.self().mounts()) {
            if (!mount.type().startsWith("cgroup")) continue;
            try (var all = Files.walk(Path.of(mount.point()))) {
                all.filter(folder -> folder.toString().contains("/nslabs-") && Files.isDirectory(folder)).forEach(folder -> found.add(folder.toString()));
            } catch (IOException | UncheckedIOException vanished) {
                // A cgroup that is removed while we walk: the next look finds the rest.
            }
        }
        return found;
    }

    /** The queues of our IPC namespace, if somebody has mounted them; root mounts them for a moment, out of sight. */
    private static SortedSet<String> queues() {
        for (var mount : Proc.self().mounts()) if (mount.type().equals("mqueue")) return names(Path.of(mount.point()));
        if (!As.TESTS_ARE_ROOT) return new TreeSet<>();
        return command("unshare", "--mount", "--propagation", "private", "sh", "-c", "mount -t mqueue none /mnt && ls -1 /mnt");
    }

    private static String process(Proc proc) {
        try {
            return proc.pid() + " started " + proc.startTime() + " state " + proc.state() + ": " + String.join(" ", proc.commandLine());
        } catch (UncheckedIOException gone) {
            return proc.pid() + " (has just ended)";
        }
    }

    private static SortedSet<String> names(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(Snapshot::ours).map(file -> file.getFileName().toString()).filter(name -> !name.matches(OWN_FILES)).collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException | UncheckedIOException absent) {
            return new TreeSet<>();
        }
    }

    /** Made by a user as whom labs run: nobody else's file can be a lab's. */
    private static boolean ours(Path file) {
        try {
            var uid = ((Integer) Files.getAttribute(file, "unix:uid", java.nio.file.LinkOption.NOFOLLOW_LINKS)).longValue();
            return Stream.of(As.values()).filter(as -> as.obstacle() == null).anyMatch(as -> as.uid() == uid);
        } catch (IOException gone) {
            return false;
        }
    }

    private static SortedSet<String> command(String... command) {
        // A machine without the program has nothing to compare, before as after.
        return lines(() -> Ran.command(command).stdout().lines().map(line -> line.replaceAll("(valid_lft|preferred_lft|expires) \\S+", "").strip()));
    }

    private static SortedSet<String> lines(Supplier<Stream<String>> source) {
        try {
            return source.get().collect(Collectors.toCollection(TreeSet::new));
        } catch (UncheckedIOException absent) {
            return new TreeSet<>(List.of("not readable: " + absent.getCause().getClass().getSimpleName()));
        }
    }
}
