package kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the processes of this lab stand: in a cgroup made for them, where that is allowed, and else in that of this JVM. */
public final class CgroupPlace implements AutoCloseable {
    public final CgroupTree tree; // null where every path is "/" already
    public final String path; // of the cgroup in this tree
    public final String made; // the directory that holds it, null where it is the JVM's own
    public final String obstacle; // what this place does not show, and the remedy
    private final OwnCgroup own;
    private final OwnCgroup inner;

    private CgroupPlace(CgroupTree tree, String path, OwnCgroup own, String obstacle) {
        this.tree = tree;
        this.path = path;
        this.own = own;
        this.made = own == null ? null : own.path;
        this.inner = own == null ? null : own.below("inner");
        this.obstacle = obstacle;
    }

    public static CgroupPlace find(Lab lab, Caller outside) throws Exception {
        for (CgroupTree tree : CgroupTree.all()) {
            if (!Files.isWritable(Path.of(tree.directory()))) {
                continue;
            }
            OwnCgroup own = OwnCgroup.make(lab, tree.directory(), "");
            CgroupPlace place = new CgroupPlace(tree, tree.path().replaceFirst("/$", "") + own.path.substring(own.path.lastIndexOf('/')) + "/inner", own,
                    "cgroup v2 is not mounted here, or makes no new cgroups; start Linux with systemd.unified_cgroup_hierarchy=1");
            if (outside.errnos(0, UserMap.NONE, place.enter()).get(0).equals("success")) {
                return place;
            }
            place.close(); // such as a cpuset of v1, which takes nobody as long as it has no processors
        }
        CgroupTree tree = CgroupTree.all().stream().filter(each -> each.mountPoint() != null && !each.path().equals("/")).findFirst().orElse(null);
        return new CgroupPlace(tree, tree == null ? "/" : tree.path(), null, "this process may make no cgroup of its own"
                + (tree == null ? ", and every path in /proc/self/cgroup is / already" : ", and so only shows " + tree.path() + " of tree " + tree.id())
                + "; run as root, or in a delegated cgroup: systemd-run --user --scope -p Delegate=yes ./build.sh run " + lab.name);
    }

    /** The calls by which a child comes here, and what it calls then. */
    public Child.Step[] enter(Child.Step... then) {
        return inner == null ? then : inner.enter(then);
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
        if (own != null) {
            own.close();
        }
    }
}
