package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A process (or one of its threads) as /proc tells it to the tests. Nothing here enters a namespace.
 * Sources: proc(5), namespaces(7).
 */
public final class Proc {
    /** The ten names in /proc/PID/ns, as namespaces(7) lists them. */
    public static final List<String> LINKS = List.of("cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts");
    /** The eight types of namespace: the links without the two that speak of children. */
    public static final List<String> TYPES = LINKS.stream().filter(name -> !name.endsWith("_for_children")).toList();

    private final Path folder;
    private final long pid;

    private Proc(Path folder, long pid) {
        this.folder = folder;
        this.pid = pid;
    }

    /** The process with this pid, as the tests see pids. */
    public static Proc of(long pid) {
        return new Proc(Path.of("/proc/" + pid), pid);
    }

    /** One thread of a process: in a JVM the threads may stand in different namespaces, and /proc/PID tells of main's only. */
    public static Proc thread(long pid, long tid) {
        return new Proc(Path.of("/proc/" + pid + "/task/" + tid), tid);
    }

    /** The observer. The thread that asks, not the process: /proc/thread-self. */
    public static Proc self() {
        try {
            // thread-self is a link to PID/task/TID; resolved once, so that the answer does not change with the reader.
            var resolved = Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")));
            return new Proc(resolved, Long.parseLong(resolved.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pid (of a thread: its tid). */
    public long pid() {
        return pid;
    }

    /** Where /proc keeps it. */
    public Path folder() {
        return folder;
    }

    /** Its root directory as it sees it: /proc/PID/root goes through its mount namespace. */
    public Path root() {
        return folder.resolve("root");
    }

    /** True while it is there and is not a zombie. */
    public boolean alive() {
        var state = state();
        return state != '-' && state != 'Z' && state != 'X';
    }

    /** Its state letter as in ps(1): R S D T t Z X; {@code -} when it is gone. */
    public char state() {
        return stat(0).map(s -> s.charAt(0)).orElse('-');
    }

    /** Its parent as the tests see it; 0 when the parent is in another PID namespace (or it is the first process); -1 when it is gone. */
    public long parent() {
        return stat(1).map(Long::parseLong).orElse(-1L);
    }

    /** When it started, in clock ticks since boot (field 22 of stat): with the pid, this names a process for ever; -1 when gone. */
    public long startTime() {
        return stat(19).map(Long::parseLong).orElse(-1L);
    }

    /** The CPU time that all its threads have used, in milliseconds (fields 14 and 15 of stat, in ticks of 10 ms); 0 when it is gone. */
    public long cpuMillis() {
        return 10 * (stat(11).map(Long::parseLong).orElse(0L) + stat(12).map(Long::parseLong).orElse(0L));
    }

    // ---- namespaces

    /** The text of one link, such as {@code uts:[4026531838]}. */
    public String link(String name) {
        try {
            return Files.readSymbolicLink(folder.resolve("ns").resolve(name)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All links that can be read (pid_for_children has none before the first child). */
    public Map<String, String> links() {
        var links = new TreeMap<String, String>();
        for (var name : LINKS) {
            try {
                links.put(name, link(name));
            } catch (UncheckedIOException unreadable) {
                // An absent link is itself an observation: the map lacks the name.
            }
        }
        return links;
    }

    /** Device and inode of the namespace: two processes share it if and only if both are equal (namespaces(7)). */
    public String identity(String name) {
        try {
            var file = folder.resolve("ns").resolve(name);
            return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The types in which this process stands in another namespace than the other one: {@code [uts, user]}. */
    public Set<String> apartFrom(Proc other) {
        var apart = new TreeSet<String>();
        for (var type : TYPES)
            if (Files.exists(folder.resolve("ns").resolve(type)) && !identity(type).equals(other.identity(type))) apart.add(type);
        return apart;
    }

    // ---- identity and privilege

    /** /proc/PID/status as key and value. */
    public Map<String, String> status() {
        var status = new LinkedHashMap<String, String>();
        for (var line : lines("status")) {
            int colon = line.indexOf(':');
            if (colon > 0) status.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return status;
    }

    /** Its pid in every PID namespace, from the reader's to its own. */
    public List<Long> nsPids() {
        return numbers(status().get("NSpid"));
    }

    /** Real, effective, saved-set and file-system uid, as the reader's user namespace names them. */
    public List<Long> uids() {
        return numbers(status().get("Uid"));
    }

    /** The same four for the group. */
    public List<Long> gids() {
        return numbers(status().get("Gid"));
    }

    /** A capability set as a bit mask; name it CapInh, CapPrm, CapEff, CapBnd or CapAmb (capabilities(7)). */
    public long capabilities(String set) {
        return Long.parseUnsignedLong(status().get(set), 16);
    }

    /** One line of uid_map or gid_map; {@code outside} is expressed in the reader's user namespace (user_namespaces(7)). */
    public record IdRange(long inside, long outside, long count) {}

    /** /proc/PID/uid_map. */
    public List<IdRange> uidMap() {
        return map("uid_map");
    }

    /** /proc/PID/gid_map. */
    public List<IdRange> gidMap() {
        return map("gid_map");
    }

    /** /proc/PID/setgroups: {@code allow} or {@code deny}. */
    public String setgroups() {
        return text("setgroups").strip();
    }

    // ---- what its namespaces hold

    /** Its mount list. */
    public List<Mount> mounts() {
        return lines("mountinfo").stream().map(Mount::parse).toList();
    }

    /** The topmost mount at a path, if one is there. */
    public Optional<Mount> mountAt(String point) {
        return mounts().stream().filter(mount -> mount.point().equals(point)).reduce((below, above) -> above);
    }

    /** Its cgroups as the reader's cgroup namespace names them: controllers (empty text for v2) to path. */
    public Map<String, String> cgroups() {
        var cgroups = new LinkedHashMap<String, String>();
        for (var line : lines("cgroup")) {
            var fields = line.split(":", 3);
            cgroups.put(fields[1], fields[2]);
        }
        return cgroups;
    }

    /** The names of the network devices in its network namespace (/proc/PID/net/dev, two lines of header). */
    public Set<String> netDevices() {
        var names = new TreeSet<String>();
        for (var line : lines("net/dev")) if (line.contains(":")) names.add(line.substring(0, line.indexOf(':')).strip());
        return names;
    }

    /** Seconds by which its children's clocks are shifted: {@code monotonic} and {@code boottime} (time_namespaces(7)). */
    public Map<String, Long> timeOffsets() {
        var offsets = new TreeMap<String, Long>();
        for (var line : lines("timens_offsets")) {
            var fields = line.strip().split("\\s+");
            offsets.put(fields[0], Long.parseLong(fields[1]));
        }
        return offsets;
    }

    // ---- neighbours

    /** Its children, of all of its threads. */
    public List<Proc> children() {
        return Processes.all().stream().filter(proc -> proc.parent() == pid).toList();
    }

    /** Its threads. */
    public List<Proc> threads() {
        try (var tasks = Files.list(folder.resolve("task"))) {
            return tasks.map(task -> Long.parseLong(task.getFileName().toString())).map(tid -> thread(pid, tid)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its open files are called, such as {@code uts:[4026532178]}. */
    public List<String> openFiles() {
        try (var files = Files.list(folder.resolve("fd"))) {
            var links = new ArrayList<String>();
            for (var file : files.toList()) if (Files.isSymbolicLink(file)) links.add(Files.readSymbolicLink(file).toString());
            return links;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The program and its arguments; empty for a kernel thread or a zombie. */
    public List<String> commandLine() {
        return Stream.of(text("cmdline").split("\0")).filter(word -> !word.isEmpty()).toList();
    }

    /** Any file below /proc/PID. */
    public String text(String file) {
        try {
            return new String(Files.readAllBytes(folder.resolve(file)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Any file below /proc/PID, line by line. */
    public List<String> lines(String file) {
        return text(file).lines().toList();
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    private List<IdRange> map(String file) {
        return lines(file).stream().map(Proc::numbers).map(n -> new IdRange(n.get(0), n.get(1), n.get(2))).toList();
    }

    /** A field of stat after the command's name, which may itself hold spaces and brackets; empty when the process is gone. */
    private Optional<String> stat(int field) {
        try {
            var stat = new String(Files.readAllBytes(folder.resolve("stat")), StandardCharsets.UTF_8);
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[field]);
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static List<Long> numbers(String text) {
        var numbers = new ArrayList<Long>();
        for (var word : text.strip().split("\\s+")) numbers.add(Long.parseLong(word));
        return numbers;
    }
}
