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
import java.util.stream.Stream;
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
     * @param holders what else keeps it, in words
     */
    public record Node(String link, String owner, String parent, int uid, SortedMap<Integer, String> processes, Set<String> holders) {
        public String type() {
            return link.substring(0, link.indexOf(':'));
        }

        private int rank() {
            int rank = Arrays.stream(Namespace.values()).map(type -> type.proc).toList().indexOf(type());
            return rank == 0 ? Integer.MAX_VALUE : rank; // the user namespaces come last, for they have branches
        }
    }

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

    /** Who has the PID: {@code sleep(123)}. */
    public static String name(int pid) {
        try {
            return Proc.read("/proc/" + pid + "/comm").replaceAll("[^ -~]", "?") + "(" + pid + ")";
        } catch (UncheckedIOException e) {
            return "(" + pid + ")"; // it has ended meanwhile
        }
    }

    /** One by its link; null if it was not found. */
    public Node node(String link) {
        return nodes.get(link);
    }

    /** Processes that we may not look at: other users'. */
    public int unreadable() {
        return unreadable;
    }

    /** The part that a process has to do with: where it stands, what is above, and what is below where it does not stand with us. */
    public NamespaceTree of(int pid) {
        Set<String> wanted = new TreeSet<>(nodes.values().stream().filter(node -> node.processes.containsKey(pid)
                || node.holders.stream().anyMatch(holder -> holder.endsWith("(" + pid + ")"))).map(Node::link).toList());
        Set<String> ours = new TreeSet<>(nodes.values().stream().filter(node -> node.processes.containsKey(getpid())).map(Node::link).toList());
        spread(wanted, node -> nodes.values().stream().filter(other -> !ours.contains(node.link)
                && (node.link.equals(other.owner) || node.link.equals(other.parent))).map(Node::link).toList());
        spread(wanted, node -> Stream.of(node.owner, node.parent).filter(link -> link != null).toList());
        return with(wanted);
    }

    /** A namespace, and what belongs to it. */
    public NamespaceTree below(String link) {
        Set<String> wanted = new TreeSet<>(Set.of(link));
        spread(wanted, node -> children(node).stream().map(Node::link).toList());
        return with(wanted);
    }

    private void spread(Set<String> links, Function<Node, List<String>> next) {
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

    /** The drawing as text, a line a namespace; {@code first} names the process to name first. */
    public String text(int first) {
        List<String> lines = new ArrayList<>();
        tops().forEach(node -> draw(node, "", "", lines, first));
        return String.join("\n", lines);
    }

    private void draw(Node node, String before, String below, List<String> lines, int first) {
        lines.add(before + node.link + "  " + words(node, first));
        List<Node> children = children(node);
        for (Node child : children) {
            boolean last = child == children.get(children.size() - 1);
            draw(child, below + (last ? "`-- " : "|-- "), below + (last ? "    " : "|   "), lines, first);
        }
    }

    /** What is said of a namespace beside its link. */
    public String words(Node node, int first) {
        List<String> words = new ArrayList<>();
        if (node.uid >= 0) {
            words.add("of uid " + node.uid);
        }
        if (node.parent != null && !node.parent.equals(node.owner)) {
            words.add("below " + node.parent);
        }
        List<Integer> pids = new ArrayList<>(node.processes.keySet());
        if (pids.remove((Integer) first)) {
            pids.add(0, first);
        }
        String names = String.join(", ", pids.stream().limit(4).map(node.processes::get).toList());
        words.add(pids.isEmpty() ? "no process" : pids.size() > 4 ? pids.size() + " processes: " + names + " ..." : names);
        if (!node.holders.isEmpty()) {
            words.add("held by " + String.join(" and ", node.holders.stream().limit(2).toList()) + (node.holders.size() > 2 ? " and others" : ""));
        }
        return String.join("; ", words);
    }
}
