//SOURCES ../CgroupTree.java
//SOURCES ../OwnCgroup.java
package kit.limits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kit.*;

/**
 * A cgroup controller, such as memory or pids, and a cgroup of our own where it works. In v1 that one lies below the
 * cgroup of this process. In v2 it cannot: a cgroup with processes gives no controller to those below it. There it lies
 * below the nearest one above this process that gives the controller away, and lets us in; cgroups(7).
 */
public final class Controller implements AutoCloseable {
    public final String name;
    public final CgroupTree tree; // null where this machine has no such controller
    public final OwnCgroup own; // null where it can limit nobody
    public final Diagnosis obstacle; // why

    private Controller(String name, CgroupTree tree, OwnCgroup own, Diagnosis obstacle) {
        this.name = name;
        this.tree = tree;
        this.own = own;
        this.obstacle = obstacle;
    }

    /** Looks for the controller, makes a cgroup, and tries whether a child of the caller may enter one there. */
    public static Controller find(Lab lab, Caller caller, String name) throws IOException {
        return find(lab.token().hex("cgroup"), caller, name);
    }

    /** The same for who is no lab; {@code ending} ends the names of the cgroups that are made. */
    public static Controller find(String ending, Caller caller, String name) throws IOException {
        CgroupTree tree = CgroupTree.all().stream().filter(each -> each.mountPoint() != null && offers(each, name)).findFirst().orElse(null);
        if (tree == null) {
            return new Controller(name, null, null, new Diagnosis(true, "no tree of cgroups that is mounted here has the controller " + name,
                    "start Linux with cgroup_enable=" + name + ", outside of a container"));
        }
        List<String> parents = new ArrayList<>();
        for (Path at = Path.of(tree.directory()); at.startsWith(tree.mountPoint()); at = at.getParent()) {
            parents.add(at.toString());
        }
        for (String parent : tree.unified() ? parents : parents.subList(0, 1)) {
            boolean given = !tree.unified() || words(parent + "/cgroup.subtree_control").contains(name);
            if (given && Files.isWritable(Path.of(parent))) {
                Controller found = new Controller(name, tree, OwnCgroup.make(parent, ending + "-" + name), null);
                found.prepare(found.own);
                if (caller.errnos(0, UserMap.NONE, found.group("probe").enter()).get(0).equals("success")) {
                    return found;
                }
                found.close();
            }
        }
        String here = tree.directory();
        return new Controller(name, tree, null, new Diagnosis(true, "this process may limit nobody by " + name + ": it can make no cgroup "
                + (tree.unified() ? "that has this controller, from " + here + " upwards" : "in " + here), "run as root, or in a delegated cgroup: "
                + (tree.unified() ? "systemd-run --user --scope -p Delegate=yes COMMAND"
                        : "as root, make a directory there, give it and its cgroup.procs to the user, and write the PID of the user's shell to that file")));
    }

    private static boolean offers(CgroupTree tree, String name) {
        return tree.unified() ? words(tree.mountPoint() + "/cgroup.controllers").contains(name) : List.of(tree.options().split(",")).contains(name);
    }

    private static List<String> words(String file) {
        return Files.isReadable(Path.of(file)) ? List.of(Proc.read(file).split(" ")) : List.of();
    }

    public boolean v2() {
        return tree.unified();
    }

    /** Whether it can limit nobody here. If so, settles the claims. */
    public boolean cannot(Lab lab, String... claims) {
        if (own == null) {
            lab.cannot(obstacle, claims);
        }
        return own == null;
    }

    @Override
    public String toString() {
        return name + ": " + (own == null ? obstacle.cause() : (v2() ? "cgroup v2, " : "cgroup v1, ") + own.path);
    }

    /** Writes the limit of memory, in bytes, and lets nobody take swap instead: then a process would not be killed, only slow. */
    public void limitMemory(OwnCgroup group, int bytes) {
        group.write(v2() ? "memory.max" : "memory.limit_in_bytes", "" + bytes);
        for (String swap : List.of("memory.swap.max", "memory.swappiness")) {
            if (group.has(swap)) {
                group.write(swap, "0");
            }
        }
    }

    /** Writes how many milliseconds its processes may run, all together, in each 100 milliseconds. */
    public void limitTime(OwnCgroup group, int millis) {
        if (v2()) {
            group.write("cpu.max", millis * 1000 + " 100000");
        } else {
            group.write("cpu.cfs_period_us", "100000");
            group.write("cpu.cfs_quota_us", "" + millis * 1000);
        }
    }

    /** A new cgroup in which the controller works, without a limit. */
    public OwnCgroup group(String called) {
        return prepare(own.below(called));
    }

    /** Lets the controller work in the cgroups below one; in v1 it always does. */
    public void give(OwnCgroup group) {
        if (v2()) {
            group.write("cgroup.subtree_control", "+" + name);
        }
    }

    private OwnCgroup prepare(OwnCgroup made) {
        if (v2() && made == own) {
            give(made);
        } else if (!v2() && name.equals("cpuset")) { // starts without any processor or memory, and then takes nobody
            String above = Path.of(made.path).getParent().toString();
            made.write("cpuset.cpus", Proc.read(above + "/cpuset.cpus"));
            made.write("cpuset.mems", Proc.read(above + "/cpuset.mems"));
        }
        return made;
    }

    /** A file above a cgroup that this process may not write to, the first one upwards; null if there is none. */
    public static String foreign(OwnCgroup group, String file) {
        return Stream.iterate(Path.of(group.path), Objects::nonNull, Path::getParent).map(directory -> directory.resolve(file))
                .filter(each -> Files.exists(each) && !Files.isWritable(each)).findFirst().map(Path::toString).orElse(null);
    }

    @Override
    public void close() throws IOException {
        if (own != null) {
            own.close();
        }
    }
}
