package kit.tree;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kit.*;
import kit.tree.NamespaceTree.Holder;
import kit.tree.NamespaceTree.Node;

/**
 * Finds namespaces where something can hold one: the links, open files and mounts of every process in /proc; namespaces(7).
 * From there it asks the kernel for owners and parents, in which there may be nobody; ioctl_ns(2). Processes and threads end
 * while it looks: what is gone then is left out.
 */
final class NamespaceSearch {
    private static final Pattern LINK = Pattern.compile("(cgroup|ipc|mnt|net|pid|time|user|uts):\\[\\d+]");
    private static final List<String> OF_A_THREAD = Stream.concat(Stream.of(Namespace.values()).map(type -> type.proc),
            Stream.of("pid_for_children", "time_for_children")).toList();

    private final Map<String, Node> nodes = new TreeMap<>();
    private final Set<String> asked = new TreeSet<>(), mountNamespaces = new TreeSet<>();

    /** Looks at every process that /proc shows. */
    NamespaceTree everywhere() {
        int unreadable = 0;
        for (int pid : numbers("/proc")) {
            unreadable += mayBeRead(pid) ? 0 : 1;
            look(pid);
        }
        return new NamespaceTree(nodes, unreadable);
    }

    private static boolean mayBeRead(int pid) {
        try {
            Proc.readlink("/proc/" + pid + "/ns/user");
            return true;
        } catch (UncheckedIOException e) {
            return !(e.getCause() instanceof AccessDeniedException); // else it has ended
        }
    }

    private static List<Integer> numbers(String directory) {
        String[] names = new File(directory).list();
        return names == null ? List.of() : Stream.of(names).filter(name -> name.matches("\\d+")).map(Integer::parseInt).sorted().toList();
    }

    /** What a link says that names a namespace; null if it names something else, or cannot be read now. */
    private static String link(String path) {
        try {
            String link = Proc.readlink(path);
            return LINK.matcher(link).matches() ? link : null;
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    private void look(int pid) {
        String proc = "/proc/" + pid, name = NamespaceTree.name(pid);
        for (Namespace type : Namespace.values()) {
            String path = proc + "/ns/" + type.proc, link = link(path);
            if (link != null) {
                found(link, path).processes().put(pid, name);
            }
        }
        for (int tid : numbers(proc + "/task")) {
            for (String type : OF_A_THREAD) {
                String path = proc + "/task/" + tid + "/ns/" + type, link = link(path);
                if (link != null && !found(link, path).processes().containsKey(pid)) {
                    nodes.get(link).holders().add(new Holder((type.endsWith("_for_children") ? "the next children of " : "a thread of ") + name, pid, null));
                }
            }
        }
        for (int fd : numbers(proc + "/fd")) {
            String path = proc + "/fd/" + fd, link = link(path);
            if (link != null) {
                found(link, path).holders().add(new Holder("fd " + fd + " of " + name, pid, null));
            }
        }
        String mnt = link(proc + "/ns/mnt");
        if (mnt != null && mountNamespaces.add(mnt)) {
            mounts(proc, mnt);
        }
    }

    private void mounts(String proc, String mnt) {
        String mountinfo;
        try {
            mountinfo = Proc.read(proc + "/mountinfo");
        } catch (UncheckedIOException e) {
            mountNamespaces.remove(mnt); // the next member will tell
            return;
        }
        for (String line : mountinfo.lines().filter(line -> line.contains(" - nsfs ")).toList()) {
            String[] fields = line.split(" "); // the root of the mount is the namespace; proc(5)
            if (LINK.matcher(fields[3]).matches()) {
                String point = fields[4].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
                found(fields[3], proc + "/root" + point).holders().add(new Holder("a mount on " + NamespaceTree.printable(point), 0, mnt));
            }
        }
    }

    /** Notes a namespace, and with it those that the kernel names when it is asked about it; asked anew as long as it could not be opened. */
    private Node found(String link, String path) {
        return asked.contains(link) ? nodes.get(link) : note(link, open(link, path));
    }

    /**
     * Opens it, if it still is what the link said: by O_PATH first, for something else may have come in its place, and to open
     * that could do something. -1 if not.
     */
    private static int open(String link, String path) {
        int place = -1;
        try {
            place = Libc.open(path, O_PATH | O_CLOEXEC, 0);
            Path itself = Path.of("/proc/thread-self/fd/" + place);
            boolean same = Files.getAttribute(itself, "unix:dev").equals(Files.getAttribute(Path.of("/proc/self/ns/user"), "unix:dev"))
                    && link.endsWith("[" + Files.getAttribute(itself, "unix:ino") + "]"); // namespaces(7): device and inode
            return same ? Libc.open(itself.toString(), O_RDONLY | O_CLOEXEC, 0) : -1;
        } catch (LastErrorException | IOException e) {
            return -1;
        } finally {
            if (place >= 0) {
                close(place);
            }
        }
    }

    private Node note(String link, int fd) {
        Memory uid = new Memory(4);
        uid.setInt(0, -1);
        String owner = null, parent = null;
        if (fd >= 0) {
            asked.add(link);
            owner = related(fd, NS_GET_USERNS);
            parent = related(fd, NS_GET_PARENT);
            if (link.startsWith("user:")) {
                ioctl(fd, NS_GET_OWNER_UID, uid);
            }
            close(fd);
        }
        Node known = nodes.getOrDefault(link, new Node(link, null, null, -1, new TreeMap<>(), new LinkedHashSet<>()));
        nodes.put(link, new Node(link, owner, parent, uid.getInt(0), known.processes(), known.holders()));
        return nodes.get(link);
    }

    private String related(int fd, long request) {
        try {
            int other = ioctl(fd, request, null);
            String link = Proc.readlink("/proc/thread-self/fd/" + other);
            if (asked.contains(link)) {
                close(other);
            } else {
                note(link, other);
            }
            return link;
        } catch (LastErrorException e) {
            return null; // EPERM: none, or none that we may know of; EINVAL: this type has no parents
        }
    }
}
