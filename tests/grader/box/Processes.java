package grader.box;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.jna.LastErrorException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kit.Proc;

/**
 * The processes in a box: the descendants of its first one. None can leave that tree, for orphans become children of the
 * first process of their PID namespace; pid_namespaces(7).
 */
public final class Processes {
    /** A byte of a path in mountinfo that would not look like one; proc(5). */
    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

    private Processes() {}

    /** All below a process, parents before children, by their PIDs here. */
    public static List<Long> below(long pid) {
        List<Long> all = new ArrayList<>();
        collect(pid, all);
        return all;
    }

    private static void collect(long pid, List<Long> into) {
        String[] tasks = new File("/proc/" + pid + "/task").list();
        if (tasks == null) return;
        for (String task : tasks) {
            String children;
            try {
                children = Proc.read("/proc/" + pid + "/task/" + task + "/children");
            } catch (UncheckedIOException gone) {
                continue;
            }
            for (String child : children.isEmpty() ? new String[0] : children.split(" ")) {
                long number = Long.parseLong(child);
                if (into.contains(number)) continue;
                into.add(number);
                collect(number, into);
            }
        }
    }

    /** What they use together. */
    record Use(long memory, int tasks, long cpuMillis) {}

    static Use use(long init) {
        long pages = 0, ticks = 0;
        int tasks = 0;
        List<Long> all = below(init);
        all.add(init);
        for (long pid : all) {
            try {
                String stat = Proc.read("/proc/" + pid + "/stat");
                String[] cells = stat.substring(stat.lastIndexOf(')') + 2).split(" "); // cells[0] is field 3 of proc(5)
                for (int field = 14; field <= 17; field++) ticks += Long.parseLong(cells[field - 3]);
                tasks += Math.max(1, Integer.parseInt(cells[20 - 3])); // a zombie has none, and still counts
                String[] statm = Proc.read("/proc/" + pid + "/statm").split(" ");
                pages += Long.parseLong(statm[1]) - (pid == init ? 0 : Long.parseLong(statm[2]) / 2); // files that several map count once or so
            } catch (UncheckedIOException gone) {
                // it has ended meanwhile
            }
        }
        return new Use(pages * 4096, tasks, ticks * 10);
    }

    /** What file systems in memory hold that the processes see mounted, each once, in bytes. One that is mounted nowhere any more is not found. */
    static long tmpfs(long init) {
        Map<String, Long> known = new HashMap<>();
        List<Long> all = below(init);
        all.add(0, init);
        Set<String> seen = new HashSet<>();
        for (long pid : all) {
            try {
                if (!seen.add(Proc.readlink("/proc/" + pid + "/ns/mnt"))) continue;
                for (String line : Files.readString(Path.of("/proc/" + pid + "/mountinfo"), ISO_8859_1).lines().toList()) {
                    String[] cells = line.split(" ");
                    if (!line.contains(" - tmpfs ") && !line.contains(" - ramfs ") || known.containsKey(cells[2])) continue;
                    try {
                        known.put(cells[2], Space.of("/proc/" + pid + "/root" + ESCAPE.matcher(cells[4]).replaceAll(octal -> Matcher.quoteReplacement("" + (char) Integer.parseInt(octal.group(1), 8)))).used());
                    } catch (LastErrorException covered) {
                        // perhaps another process sees it
                    }
                }
            } catch (IOException | UncheckedIOException gone) {
                // it has ended meanwhile
            }
        }
        return known.values().stream().mapToLong(Long::longValue).sum();
    }
}
