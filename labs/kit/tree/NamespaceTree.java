//SOURCES NamespaceSearch.java
package kit.tree;

import static kit.Libc.*;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kit.*;

/**
 * Namespaces, and how they belong together: each has an owner, a user namespace, and a PID or user namespace has a parent;
 * namespaces(7), ioctl_ns(2).
 */
public final class NamespaceTree {
    /**
     * One namespace.
     *
     * @param link such as {@code uts:[4026532178]}
     * @param owner the user namespace that owns it, of a user namespace its parent; null where the kernel does not tell
     * @param parent of a PID or user namespace; null as well
     * @param uid who made a user namespace; -1 for the others
     * @param processes their names by their PIDs
     * @param holders what else keeps it
     */
    public record Node(String link, String owner, String parent, int uid, SortedMap<Integer, String> processes, Set<Holder> holders) {
        public String type() {
            return link.substring(0, link.indexOf(':'));
        }

        private int rank() {
            int rank = Arrays.stream(Namespace.values()).map(type -> type.proc).toList().indexOf(type());
            return rank == 0 ? Integer.MAX_VALUE : rank; // the user namespaces come last, for they have branches
        }
    }

    /**
     * What keeps a namespace beside its members.
     *
     * @param pid the process that does; 0 for a mount
     * @param mount the mount namespace that does; null for a process
     */
    public record Holder(String words, int pid, String mount) {}

    private static final Comparator<Node> ORDER = Comparator.comparing(Node::rank).thenComparing(Node::link);

    private final Map<String, Node> nodes;
    private final int unreadable;

    NamespaceTree(Map<String, Node> nodes, int unreadable) {
        this.nodes = nodes;
        this.unreadable = unreadable;
    }

    /** All that can be found from here. */
    public static NamespaceTree read() {
        return new NamespaceSearch().everywhere();
    }

    /** Who has the PID: {@code sleep(123)}; as for ps(1) it is {@code [kthreadd](2)} if it has no command line, as the kernel's own have none. */
    public static String name(int pid) {
        try {
            String name = printable(Proc.read("/proc/" + pid + "/comm"));
            return (Proc.read("/proc/" + pid + "/cmdline").isEmpty() ? "[" + name + "]" : name) + "(" + pid + ")";
        } catch (UncheckedIOException e) {
            return "(" + pid + ")"; // it has ended meanwhile
        }
    }

    /** Anybody may call a process or a directory what he likes: nothing in it shall command a terminal. */
    static String printable(String name) {
        return name.replaceAll("[^ -~]", "?");
    }

    /** One by its link; null if it was not found. */
    public Node node(String link) {
        return nodes.get(link);
    }

    /** Whether a process was found. */
    public boolean has(int pid) {
        return nodes.values().stream().anyMatch(node -> node.processes.containsKey(pid));
    }

    /** Processes that we may not look at: other users'. */
    public int unreadable() {
        return unreadable;
    }

    /** The part that a process has to do with: where it stands, what it holds, and what is above; also what is below where it does not stand with us. */
    public NamespaceTree of(int pid) {
        Set<String> own = links(node -> node.processes.containsKey(pid)), ours = links(node -> node.processes.containsKey(getpid()));
        Set<String> wanted = links(node -> own.contains(node.link) || node.holders.stream().anyMatch(holder -> holder.pid == pid
                || holder.mount != null && own.contains(holder.mount) && !ours.contains(holder.mount)));
        spread(wanted, node -> ours.contains(node.link) ? Set.of() : links(other -> node.link.equals(other.owner) || node.link.equals(other.parent)));
        spread(wanted, node -> links(other -> other.link.equals(node.owner) || other.link.equals(node.parent)));
        return with(wanted);
    }

    private Set<String> links(Predicate<Node> which) {
        return nodes.values().stream().filter(which).map(Node::link).collect(Collectors.toSet());
    }

    /** A namespace, and what belongs to it. */
    public NamespaceTree below(String link) {
        Set<String> wanted = new TreeSet<>(Set.of(link));
        spread(wanted, node -> links(other -> node.link.equals(other.owner)));
        return with(wanted);
    }

    private void spread(Set<String> links, Function<Node, Set<String>> next) {
        for (boolean grew = true; grew; ) {
            grew = links.addAll(links.stream().map(nodes::get).flatMap(node -> next.apply(node).stream()).toList());
        }
    }

    private NamespaceTree with(Set<String> links) {
        Map<String, Node> part = new TreeMap<>(nodes);
        part.keySet().retainAll(links);
        return new NamespaceTree(part, unreadable);
    }

    /** Where a drawing begins: what has no owner here. */
    public List<Node> tops() {
        return nodes.values().stream().filter(node -> node.owner == null || !nodes.containsKey(node.owner)).sorted(ORDER).toList();
    }

    /** What a user namespace owns. */
    public List<Node> children(Node owner) {
        return nodes.values().stream().filter(node -> owner.link.equals(node.owner)).sorted(ORDER).toList();
    }

    /** The drawing as text, a line a namespace of about so many letters; {@code first} is the process to name first. */
    public String text(int first, int width) {
        List<String> lines = new ArrayList<>();
        tops().forEach(node -> draw(node, "", "", lines, first, width));
        return String.join("\n", lines);
    }

    private void draw(Node node, String before, String below, List<String> lines, int first, int width) {
        String start = before + node.link + "  ";
        lines.add(start + words(node, first, width - start.length()));
        List<Node> children = children(node);
        for (Node child : children) {
            boolean last = child == children.get(children.size() - 1);
            draw(child, below + (last ? "`-- " : "|-- "), below + (last ? "    " : "|   "), lines, first, width);
        }
    }

    /** What is said of a namespace beside its link: as much as there is room for. */
    public String words(Node node, int first, int room) {
        List<String> holders = node.holders.stream().map(Holder::words).distinct().toList();
        String held = holders.isEmpty() ? "" : "; held by " + String.join(" and ", holders.subList(0, Math.min(2, holders.size()))) + (holders.size() > 2 ? " and others" : "");
        String before = (node.uid >= 0 ? "of uid " + node.uid + "; " : "") + (node.parent != null && !node.parent.equals(node.owner) ? "below " + node.parent + "; " : "");
        List<String> names = node.processes.entrySet().stream() // the kernel's own at the end
                .sorted(Comparator.comparing(process -> process.getKey() == first ? 0 : process.getValue().startsWith("[") ? 2 : 1)).map(Map.Entry::getValue).toList();
        String all = before + (names.isEmpty() ? "no process" : String.join(", ", names));
        if (names.isEmpty() || (all + held).length() <= room) {
            return all + held;
        }
        if (all.length() <= room) {
            return all; // where somebody is in it, that is what keeps it
        }
        String count = before + (names.size() == 1 ? "1 process" : names.size() + " processes");
        return IntStream.iterate(names.size() - 1, shown -> shown > 0, shown -> shown - 1)
                .mapToObj(shown -> count + ": " + String.join(", ", names.subList(0, shown)) + " ...").filter(some -> some.length() <= room).findFirst().orElse(count);
    }
}
