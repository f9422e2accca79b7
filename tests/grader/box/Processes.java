package grader.box;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import kit.Proc;

/**
 * The processes in a box: the descendants of its first one. None can leave that tree, for orphans become children of the
 * first process of their PID namespace; pid_namespaces(7).
 */
public final class Processes {
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
            } catch (java.io.UncheckedIOException gone) {
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
                tasks += Integer.parseInt(cells[20 - 3]);
                String[] statm = Proc.read("/proc/" + pid + "/statm").split(" ");
                pages += Long.parseLong(statm[1]) - (pid == init ? 0 : Long.parseLong(statm[2]) / 2); // files that several map count once or so
            } catch (java.io.UncheckedIOException gone) {
                // it has ended meanwhile
            }
        }
        return new Use(pages * 4096, tasks, ticks * 10);
    }
}
