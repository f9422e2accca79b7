package kit.tree;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.File;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kit.*;
import kit.tree.NamespaceTree.Node;

/**
 * Finds namespaces where something can hold one: the links, open files and mounts of every process in /proc; namespaces(7).
 * From there it asks the kernel for owners and parents, in which there may be nobody; ioctl_ns(2).
 */
final class NamespaceSearch {
    private static final Pattern LINK = Pattern.compile("(cgroup|ipc|mnt|net|pid|time|user|uts):\\[\\d+]");

    private final Map<String, Node> nodes = new TreeMap<>();
    private final Set<String> mountNamespaces = new TreeSet<>();

    /** Looks at every process that /proc shows. */
    NamespaceTree everywhere() {
        int unreadable = 0;
        for (int pid : numbers("/proc")) {
            try {
                look(pid);
            } catch (UncheckedIOException e) {
                unreadable += new File("/proc/" + pid + "/ns").exists() ? 1 : 0; // else it has ended
            }
        }
        return new NamespaceTree(nodes, unreadable);
    }

    private static List<Integer> numbers(String directory) {
        String[] names = new File(directory).list();
        return names == null ? List.of() : Stream.of(names).filter(name -> name.matches("\\d+")).map(Integer::parseInt).sorted().toList();
    }

    private void look(int pid) {
        String proc = "/proc/" + pid, name = NamespaceTree.name(pid);
        for (Namespace type : Namespace.values()) {
            if (Proc.exists(proc + "/ns/" + type.proc)) {
                found(Proc.readlink(proc + "/ns/" + type.proc), proc + "/ns/" + type.proc).processes().put(pid, name);
            }
        }
        for (int tid : numbers(proc + "/task")) {
            for (String link : links(proc + "/task/" + tid + "/ns")) {
                boolean mine = found(Proc.readlink(link), link).processes().containsKey(pid);
                if (!mine) {
                    nodes.get(Proc.readlink(link)).holders().add((link.endsWith("_for_children") ? "the next children of " : "a thread of ") + name);
                }
            }
        }
        for (String file : links(proc + "/fd")) {
            String link = Proc.readlink(file);
            if (LINK.matcher(link).matches()) {
                found(link, file).holders().add("fd " + file.substring(file.lastIndexOf('/') + 1) + " of " + name);
            }
        }
        if (mountNamespaces.add(Proc.readlink(proc + "/ns/mnt"))) {
            for (String line : Proc.read(proc + "/mountinfo").lines().filter(line -> line.contains(" - nsfs ")).toList()) {
                String[] fields = line.split(" "); // the root of the mount is the namespace; proc(5)
                if (LINK.matcher(fields[3]).matches()) {
                    found(fields[3], proc + "/root" + fields[4]).holders().add("a mount on " + fields[4]);
                }
            }
        }
    }

    /** The links in a directory that are there and can be read now. */
    private static List<String> links(String directory) {
        String[] names = new File(directory).list();
        return names == null ? List.of() : Stream.of(names).sorted().map(name -> directory + "/" + name).filter(Proc::exists).toList();
    }

    /** Notes a namespace, and with it those that the kernel names when it is asked about it. */
    private Node found(String link, String path) {
        Node known = nodes.get(link);
        if (known != null) {
            return known;
        }
        int fd;
        try {
            fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
            if (!Proc.readlink("/proc/thread-self/fd/" + fd).equals(link)) { // the process has moved, or another mount covers this one
                close(fd);
                fd = -1;
            }
        } catch (LastErrorException e) {
            fd = -1;
        }
        return note(link, fd);
    }

    private Node note(String link, int fd) {
        String owner = related(fd, NS_GET_USERNS), parent = related(fd, NS_GET_PARENT);
        Memory uid = new Memory(4);
        uid.setInt(0, -1);
        if (link.startsWith("user:")) {
            Errno.of(() -> ioctl(fd, NS_GET_OWNER_UID, uid));
        }
        if (fd >= 0) {
            close(fd);
        }
        Node node = new Node(link, owner, parent, uid.getInt(0), new TreeMap<>(), new TreeSet<>());
        nodes.put(link, node);
        return node;
    }

    private String related(int fd, long request) {
        try {
            int other = ioctl(fd, request, null);
            String link = Proc.readlink("/proc/thread-self/fd/" + other);
            if (nodes.containsKey(link)) {
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
