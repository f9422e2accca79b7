package grader.box;

import static kit.Libc.*;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kit.Proc;

/**
 * The cgroups that an answer gets to make others in; cgroups(7), "Delegation". They lie below those that have its limits: it sees
 * no cgroup above these, and so cannot lift a limit even where, by its user ID, it might.
 */
final class GivenCgroups {
    private record Tree(String path, boolean unified, String controller, String options) {}

    private final int init;
    private final List<Tree> trees = new ArrayList<>();

    GivenCgroups(int init) {
        this.init = init;
    }

    /** Where the one below a run's cgroup lies. */
    static String in(String run) {
        return run + "/given";
    }

    /** Makes it. */
    String below(String run, boolean unified, String controller, String options) {
        if (unified) Proc.write(run + "/cgroup.subtree_control", "+memory +pids");
        mkdir(in(run), 0755);
        trees.add(new Tree(in(run), unified, controller, options));
        return in(run);
    }

    /**
     * Gives them to the answer, and mounts them. The process must stand in a cgroup namespace already that has them as its root;
     * in version 2 it moves one below, for who has processes gives no controller on.
     *
     * @param owner makes a file or directory the answer's; none with a limit is among them
     */
    void give(Hands hands, String place, Consumer<String> owner) {
        long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
        boolean unified = trees.get(0).unified;
        if (!unified) hands.call("mount", "cgroup", place, "tmpfs", flags, "mode=755,size=64k");
        for (Tree tree : trees) {
            List<String> all = new ArrayList<>(List.of(tree.path));
            String at = unified ? place : place + "/" + tree.controller;
            if (unified) {
                all.add(tree.path + "/main");
                mkdir(tree.path + "/main", 0755);
                Proc.write(tree.path + "/main/cgroup.procs", String.valueOf(init));
                Proc.write(tree.path + "/cgroup.subtree_control", "+memory +pids");
            } else {
                hands.call("mkdir", at, 0755);
            }
            if (hands.attempt("mount", "cgroup", at, unified ? "cgroup2" : "cgroup", flags, tree.options) != 0) {
                hands.call("mount", tree.path, at, null, MS_BIND, null); // where a user namespace may not mount it
            }
            for (String directory : all) {
                for (String file : List.of("", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control", "/tasks")) {
                    if (Proc.exists(directory + file)) owner.accept(directory + file);
                }
            }
        }
        if (!unified) hands.call("mount", "none", place, null, MS_BIND | MS_REMOUNT | MS_RDONLY | flags, null);
    }

    /** How many processes were killed for want of memory in a cgroup of version 1 and those below it. */
    static long kills(File cgroup) {
        long all = Limits.Run.count(cgroup + "/memory.oom_control", "oom_kill");
        File[] below = cgroup.listFiles(File::isDirectory);
        if (below != null) for (File each : below) all += kills(each);
        return all;
    }

    /** Removes what the answer has made in them, by hands that may. */
    void empty(Hands hands) {
        for (Tree tree : trees) {
            File[] below = new File(tree.path).listFiles(File::isDirectory);
            if (below != null) for (File each : below) empty(hands, each);
        }
    }

    private static void empty(Hands hands, File cgroup) {
        File[] below = cgroup.listFiles(File::isDirectory);
        if (below != null) for (File each : below) empty(hands, each);
        hands.attempt("rmdir", cgroup.toString());
    }

    /** Removes a cgroup with those below it: whether it is gone. One with processes stays, rmdir(2). */
    static boolean remove(File cgroup) {
        File[] below = cgroup.listFiles(File::isDirectory);
        if (below != null) for (File each : below) remove(each);
        return cgroup.delete() || !cgroup.exists();
    }
}
