package grader.box;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kit.CgroupTree;
import kit.Errno;
import kit.OwnCgroup;
import kit.Proc;

/**
 * What an answer may use. The kernel holds it to that by cgroups where the grader may make some, cgroups(7); everywhere by
 * resource limits, setrlimit(2), quotas of tmpfs, and by looking at /proc.
 */
public final class Limits implements AutoCloseable {
    public static final long MEMORY = 512L << 20, DISK = 64L << 20, OUTPUT = 1L << 20;
    public static final int TASKS = 256, CPU_MILLIS = 8_000, WALL_MILLIS = 20_000;

    /** A machine that is emulated or very busy gets more time: NSLABS_PATIENCE=10. */
    public static long patience(long millis) {
        String factor = System.getenv("NSLABS_PATIENCE");
        return factor == null ? millis : Math.max(1, (long) (millis * Double.parseDouble(factor)));
    }

    /** A cgroup of the worker, one tree; its runs are below it. {@code options} are those of a mount of it. */
    private record Tree(OwnCgroup cgroup, boolean unified, String controller, String options) {}

    private final List<Tree> trees = new ArrayList<>();
    private int runs;

    /** Makes the cgroups of a worker: as many as this machine allows. */
    Limits(String worker) {
        List<CgroupTree> all = CgroupTree.all();
        for (String controller : List.of("memory", "pids", "cpuacct")) {
            all.stream().filter(tree -> !tree.unified() && tree.mountPoint() != null && Arrays.asList(tree.options().split(",")).contains(controller))
                    .findFirst().ifPresent(tree -> make(tree.directory(), false, controller, tree.options(), worker));
        }
        all.stream().filter(tree -> tree.unified() && tree.mountPoint() != null && by("memory") == null).findFirst().ifPresent(tree -> {
            // In version 2 no process may stand beside a cgroup with controllers: so upwards from ours to the first that gives them.
            for (Path at = Path.of(tree.directory()); at != null && at.startsWith(tree.mountPoint()); at = at.getParent()) {
                if (!Files.isWritable(at) || !Files.isWritable(at.resolve("cgroup.procs"))) continue;
                String control = at.resolve("cgroup.subtree_control").toString();
                Errno.of(() -> Proc.write(control, "+memory +pids"));
                if (Arrays.asList(Proc.read(control).split(" ")).containsAll(List.of("memory", "pids"))) {
                    make(at.toString(), true, "memory pids cpuacct", null, worker);
                    if (by("memory") != null) Errno.of(() -> Proc.write(by("memory").cgroup.path + "/cgroup.subtree_control", "+memory +pids"));
                    return;
                }
            }
        });
    }

    private void make(String parent, boolean unified, String controller, String options, String worker) {
        try {
            if (Files.isWritable(Path.of(parent))) trees.add(new Tree(OwnCgroup.make(parent, worker), unified, controller, options));
        } catch (IOException | RuntimeException e) {
            // then this limit is kept by other means, which missing() tells
        }
    }

    private Tree by(String controller) {
        return trees.stream().filter(tree -> Arrays.asList(tree.controller.split(" ")).contains(controller)).findFirst().orElse(null);
    }

    /** How each limit is kept, for the teacher. */
    List<String> says() {
        return List.of("memory " + (MEMORY >> 20) + " MiB " + how("memory", "by looking at the processes and their mounts every 50 ms"),
                "tasks " + TASKS + " " + how("pids", "by RLIMIT_NPROC"),
                "CPU " + CPU_MILLIS / 1000 + " s " + how("cpuacct", "by RLIMIT_CPU and by looking at the processes"),
                "time " + WALL_MILLIS / 1000 + " s by the clock", "output " + (OUTPUT >> 20) + " MiB by counting", "disk " + (DISK >> 20) + " MiB by quotas of tmpfs");
    }

    private String how(String controller, String otherwise) {
        Tree tree = by(controller);
        return tree == null ? otherwise : "by cgroup v" + (tree.unified ? 2 : 1);
    }

    List<String> missing() {
        return by("memory") != null && by("pids") != null ? List.of()
                : List.of("no cgroup may be made here, so memory and tasks are limited less exactly (as root, or under systemd-run --user --scope, there are some)");
    }

    /** Why no answer can be given cgroups of its own here; null if it can. */
    String obstacle() {
        return missing().isEmpty() ? null : "it needs a cgroup of its own, and the grader may make none here; start the grader as root,"
                + " or by systemd-run --user --scope -p Delegate=yes";
    }

    /** The limits of one run. */
    final class Run implements AutoCloseable {
        private final List<String> paths = new ArrayList<>();
        private final int init;
        private final long cpuMillis;
        /** What the answer may make others in; null if it may not. */
        final GivenCgroups given;

        /**
         * @param init a process that stands in the run's cgroups from now on; its children follow
         * @param cgroups whether the answer may make some: then it stands one level below those with its limits, which it never sees
         */
        Run(int init, long cpuMillis, boolean cgroups) {
            this.init = init;
            this.cpuMillis = cpuMillis;
            given = cgroups ? new GivenCgroups(init) : null;
            String name = "/run" + runs++;
            for (Tree tree : trees) {
                String path = tree.cgroup.path + name;
                kit.Libc.mkdir(path, 0755);
                paths.add(path);
                if (by("memory") == tree) {
                    Proc.write(path + (tree.unified ? "/memory.max" : "/memory.limit_in_bytes"), String.valueOf(MEMORY));
                    Errno.of(() -> Proc.write(path + (tree.unified ? "/memory.swap.max" : "/memory.memsw.limit_in_bytes"), tree.unified ? "0" : String.valueOf(MEMORY)));
                    if (tree.unified) Errno.of(() -> Proc.write(path + "/memory.oom.group", "1"));
                }
                if (by("pids") == tree) Proc.write(path + "/pids.max", String.valueOf(TASKS));
                boolean gives = given != null && (by("memory") == tree || by("pids") == tree);
                Proc.write((gives ? given.below(path, tree.unified, tree.controller, tree.options) : path) + "/cgroup.procs", String.valueOf(init));
            }
        }

        private String path(String controller) {
            Tree tree = by(controller);
            return tree == null ? null : paths.get(trees.indexOf(tree));
        }

        /** The kind of limit that the run has gone over: memory, pids or cpu; null if none. */
        String exceeded() {
            String memory = path("memory"), pids = path("pids");
            if (memory != null && killed(memory)) return "memory";
            if (pids != null && refused(pids)) return "pids";
            if (cpu() > cpuMillis) return "cpu";
            if (memory == null || pids == null) {
                Processes.Use use = Processes.use(init);
                if (memory == null && (use.memory() > MEMORY || use.memory() + Processes.tmpfs(init) > MEMORY)) return "memory";
                if (pids == null && use.tasks() > TASKS - 10) return "pids";
            }
            return null;
        }

        /** Whether somebody was killed because the run had no memory left: not by a limit that the answer has set below. */
        private boolean killed(String memory) {
            boolean unified = by("memory").unified;
            if (given == null) return count(memory + (unified ? "/memory.events" : "/memory.oom_control"), "oom_kill") > 0;
            if (unified) return count(memory + "/memory.events.local", "oom") > 0;
            boolean full = List.of("/memory.failcnt", "/memory.memsw.failcnt").stream().anyMatch(file -> Proc.exists(memory + file) && !Proc.read(memory + file).equals("0"));
            return full && GivenCgroups.kills(new File(memory)) > 0; // version 1 counts where the process was
        }

        /** Whether a fork(2) has failed. Of cgroups that the answer may limit as well, only their number together tells. */
        private boolean refused(String pids) {
            if (given == null) return count(pids + "/pids.events", "max") > 0;
            return Long.parseLong(Proc.read(pids + (Proc.exists(pids + "/pids.peak") ? "/pids.peak" : "/pids.current"))) >= TASKS;
        }

        /** CPU time used so far by all processes of the run, in milliseconds. */
        long cpu() {
            String path = path("cpuacct");
            if (path == null) return Processes.use(init).cpuMillis();
            return by("cpuacct").unified ? count(path + "/cpu.stat", "usage_usec") / 1000 : Long.parseLong(Proc.read(path + "/cpuacct.usage")) / 1_000_000;
        }

        static long count(String file, String word) {
            return Proc.read(file).lines().filter(line -> line.startsWith(word + " ")).mapToLong(line -> Long.parseLong(line.substring(word.length() + 1).strip())).findFirst().orElse(0);
        }

        /** Removes the cgroups; a process that is still in one is a fault of the grader. */
        @Override
        public void close() {
            for (String path : paths) {
                for (int i = 0; i < 100 && !GivenCgroups.remove(new File(path)); i++) {
                    if (i == 99) throw new IllegalStateException(path + " is not empty: " + Proc.read(path + "/cgroup.procs"));
                    java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                }
            }
        }
    }

    @Override
    public void close() {
        for (Tree tree : trees) {
            try {
                tree.cgroup.close();
            } catch (IOException | RuntimeException e) {
                System.err.println("grade: a cgroup stays behind: " + e.getMessage());
            }
        }
    }
}
