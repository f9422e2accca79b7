package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class CgroupRootCheck extends Check {
    @Test
    @Verifies("cgroup.path-becomes-root")
    void apart(Live live) {
        live.apart("cgroup");
    }

    @Test
    @Verifies("cgroup.mount-shows-own-root")
    void mounted(Live live) {
        live.apart("cgroup", "mnt");
        var seen = live.allApart("cgroup", "mnt").stream().map(task -> task.mountAt("/mnt").map(mount -> mount.type() + " from " + mount.source())
                .orElse("nothing")).distinct().toList();
        var expected = "cgroup2 from " + live.value("view");
        if (!seen.contains(expected)) assertEquals(expected, seen.get(0), "What is mounted on /mnt where your thread stands is not the file system asked for.");
    }

    @Override
    public List<String> hints() {
        return List.of("What says whose root a cgroup file system shows? Not the mount namespace: that only says who sees the mount.",
                "Root of a user namespace may mount what its user namespace owns. The cgroup namespace of your program belongs to another one: EPERM.",
                "inside.unshare(CLONE_NEWCGROUP) makes one that is yours, with the present cgroup as its root. The mount needs CLONE_NEWNS for the same reason.",
                "inside.unshare(CLONE_NEWNS | CLONE_NEWCGROUP) before the call that is there.");
    }

    @Override
    public String hint(Live live) {
        var mount = live.allApart("mnt").stream().findFirst().orElse(null);
        if (mount == null) return live.allApart("cgroup").isEmpty() ? "All threads of your program stand in " + live.init().link("cgroup") + " and " + live.init().link("mnt") + ", as before." : null;
        return "Your thread stands in " + mount.link("mnt") + " and " + mount.link("cgroup") + (mount.identity("cgroup").equals(live.init().identity("cgroup")) ? ", and only the first is new." : ".");
    }

    @Override
    public String explanation() {
        return """
            A cgroup namespace changes what is called "/", and nothing else: the thread is in the same cgroup, with the same limits. Whoever
            mounts cgroup2 sees the tree from the root of its cgroup namespace on, and must be root of the user namespace that
            owns it. So a container may look after cgroups below its own, and does not learn where on the machine they are.""";
    }
}
