package kit;

import static kit.Child.call;
import static kit.Libc.*;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the processes of this lab stand: in a cgroup made for them, where that is allowed, and else in that of this JVM.
 * The kernel removes no cgroup when a lab is killed. So a shell waits beside the lab for the end of its input, which
 * comes however the lab ends, and removes it then.
 */
public final class CgroupPlace implements AutoCloseable {
    private static final String WATCHER = """
        read -r nothing
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ -d "$0" ] || exit 0
            kill -9 $(cat "$0"/cgroup.procs "$0"/*/cgroup.procs)
            rmdir "$0"/*/ "$0" || sleep 0.1
        done
        """;

    public final CgroupTree tree; // null where every path is "/" already
    public final String path; // of the cgroup in this tree
    public final String made; // the directory that holds it, null where it is the JVM's own
    public final String obstacle; // what this place does not show, and the remedy
    private final Process watcher;
    private final int procs;

    private CgroupPlace(CgroupTree tree, String path, String made, String obstacle, Process watcher, int procs) {
        this.tree = tree;
        this.path = path;
        this.made = made;
        this.obstacle = obstacle;
        this.watcher = watcher;
        this.procs = procs;
    }

    public static CgroupPlace find(Lab lab, Caller outside) throws Exception {
        String pattern = "nslabs-" + Namespace.PID.ofThisThread().replaceAll("\\D", "") + "-"; // PIDs mean nothing in another one
        String name = pattern + getpid() + "-" + lab.token().hex("cgroup");
        for (CgroupTree tree : CgroupTree.all()) {
            if (!Files.isWritable(Path.of(tree.directory()))) {
                continue;
            }
            sweep(new File(tree.directory()), pattern);
            String made = tree.directory() + "/" + name;
            Process watcher = new ProcessBuilder("setsid", "sh", "-c", WATCHER, made).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            Files.createDirectories(Path.of(made, "inner"));
            int procs = open(made + "/inner/cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
            CgroupPlace place = new CgroupPlace(tree, tree.path().replaceFirst("/$", "") + "/" + name + "/inner", made,
                    "cgroup v2 is not mounted here, or makes no new cgroups; start Linux with systemd.unified_cgroup_hierarchy=1", watcher, procs);
            if (outside.errnos(0, UserMap.NONE, place.enter()).get(0).equals("success")) {
                return place;
            }
            place.close(); // such as a cpuset of v1, which takes nobody as long as it has no processors
        }
        CgroupTree tree = CgroupTree.all().stream().filter(each -> each.mountPoint() != null && !each.path().equals("/")).findFirst().orElse(null);
        return new CgroupPlace(tree, tree == null ? "/" : tree.path(), null, "this process may make no cgroup of its own"
                + (tree == null ? ", and every path in /proc/self/cgroup is / already" : ", and so only shows " + tree.path() + " of tree " + tree.id())
                + "; run as root, or in a delegated cgroup: systemd-run --user --scope -p Delegate=yes ./build.sh run Cgroup", null, -1);
    }

    /** What earlier runs left whose watcher was killed too. Only empty cgroups can be removed, rmdir(2). */
    private static void sweep(File directory, String pattern) {
        for (String name : directory.list((dir, each) -> each.startsWith(pattern))) {
            if (!Proc.exists("/proc/" + name.substring(pattern.length()).replaceFirst("-.*", ""))) {
                File old = new File(directory, name);
                Stream.of(old.listFiles(File::isDirectory)).forEach(File::delete);
                old.delete();
            }
        }
    }

    /** The calls by which a child comes here, and what it calls then; "0" means the process that writes. */
    public Child.Step[] enter(Child.Step... then) {
        List<Child.Step> steps = new ArrayList<>(List.of(then));
        if (made != null) {
            steps.add(0, call("write", procs, "0", 1L));
        }
        return steps.toArray(Child.Step[]::new);
    }

    /** How a process with its root here reads another path: "/.." for each level up, and then down. */
    public String from(String other) {
        return "/" + Path.of(path).relativize(Path.of(other));
    }

    public String directory() {
        return tree.at(path);
    }

    @Override
    public void close() throws IOException {
        if (made != null) {
            Libc.close(procs);
            watcher.getOutputStream().close();
            watcher.onExit().join();
            if (Files.exists(Path.of(made))) {
                throw new IllegalStateException(made + " is still there");
            }
        }
    }
}
