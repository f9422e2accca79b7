package outside;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the lab Tree draws as a tool.
 *
 * @param lines by link: what each hangs on and what it says
 */
public record Drawing(Ran ran, Map<String, Line> lines) {
    /** A namespace: the link of the one above it, null for the first, and the words beside it. */
    public record Line(String owner, String words) {}

    private static final Pattern LINE = Pattern.compile("((?:[| ]   )*(?:[|`]-- )?)(\\w+:\\[\\d+])  (\\S.*)");

    /** The namespaces of a process, drawn by that user, from another process than the one that made them. */
    public static Drawing of(As as, Proc proc, String... options) {
        var ran = Lab.named("Tree").as(as).options("--pid", "" + proc.pid()).options(options).run().okay();
        var lines = new HashMap<String, Line>();
        var path = new ArrayDeque<String>(); // from the line upwards
        for (var line : ran.text().lines().toList()) {
            var match = LINE.matcher(line);
            if (!match.matches()) throw new AssertionError("not a line of a drawing: " + line);
            while (path.size() > match.group(1).length() / 4) path.pop();
            if (lines.put(match.group(2), new Line(path.peek(), match.group(3))) != null) throw new AssertionError(match.group(2) + " is drawn twice in " + ran);
            path.push(match.group(2));
        }
        return new Drawing(ran, lines);
    }

    public Set<String> links() {
        return new TreeSet<>(lines.keySet());
    }

    /** Fails for a namespace that is not drawn. */
    public Line line(String link) {
        var line = lines.get(link);
        if (line == null) throw new AssertionError(link + " is not in " + ran);
        return line;
    }

    /** The PIDs of the processes that a line names. */
    public Set<Long> processes(String link) {
        return Pattern.compile("\\((\\d+)\\)").matcher(line(link).words().replaceFirst("; held by.*", "")).results().map(pid -> Long.parseLong(pid.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The processes in a namespace, by the tests' own look at /proc. */
    public static Set<Long> members(String link) {
        var type = link.replaceFirst(":.*", "");
        return Processes.all().stream().filter(proc -> link.equals(proc.links().get(type))).map(Proc::pid).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The owners that the kernel names for the namespaces of a process that are drawn, by their links. */
    public Map<String, String> owners(Proc proc) {
        return Proc.TYPES.stream().filter(type -> lines.containsKey(proc.link(type)) && !proc.link(type).equals(Proc.self().link("user"))) // nobody is told who owns that
                .collect(Collectors.toMap(proc::link, type -> Nsfs.ownerOf(file(proc, type))));
    }

    /** The file of a namespace. */
    public static Path file(Proc proc, String type) {
        return proc.folder().resolve("ns").resolve(type);
    }
}
