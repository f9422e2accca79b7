package grader.checks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class PropagationSlaveCheck extends Check {
    @Test
    @Verifies("propagation.slave")
    void slave(Live live) {
        slaves(live);
    }

    /** Mounts of one peer group have the same mounts below, so it need not be looked what is there. */
    @Test
    @Verifies("propagation.shared")
    void below(Live live) {
        var slaves = slaves(live);
        var inside = slaves.stream().filter(task -> stage(task).peerGroup() > 0).findFirst()
                .orElseThrow(() -> new AssertionError("Inside, /mnt is a slave and shared with nobody; so what is mounted there reaches no copy of it."));
        assertTrue(stages(live).stream().anyMatch(task -> !task.identity("mnt").equals(inside.identity("mnt")) && stage(task).peerGroup() == stage(inside).peerGroup()),
                "No further mount namespace has /mnt in the same peer group as inside.");
    }

    /** The mount namespaces whose /mnt is a slave, with the two mounts where they should be. */
    private static List<Proc> slaves(Live live) {
        live.apart("mnt");
        var stages = stages(live);
        var slaves = stages.stream().filter(task -> stage(task).master() > 0).toList();
        assertTrue(!slaves.isEmpty(), () -> "In none of your mount namespaces with " + live.value("stage") + " on /mnt is that a slave: it is "
                + String.join(", ", stages.stream().map(PropagationSlaveCheck::kind).toList()) + ".");
        var good = slaves.stream().filter(inside -> fault(live, stages, inside) == null).toList();
        assertTrue(!good.isEmpty(), () -> fault(live, stages, slaves.get(0)));
        return good;
    }

    private static String fault(Live live, List<Proc> stages, Proc inside) {
        var outside = stages.stream().filter(task -> stage(task).peerGroup() == stage(inside).master()).findFirst().orElse(null);
        if (outside == null) return "Inside, /mnt is a slave, but no mount namespace of yours has its master, a shared mount, on /mnt.";
        if (!source(outside, "disk").equals(live.value("disk"))) return "Outside, the disk is not on /mnt/disk.";
        if (!device(outside, "disk").equals(device(inside, "disk"))) return "The disk that was mounted outside is not on /mnt/disk inside.";
        if (!source(inside, "stick").equals(live.value("stick"))) return "Inside, the stick is not on /mnt/stick.";
        return source(outside, "stick").equals("nothing") ? null : "The stick that was mounted inside has gone up, too.";
    }

    /** One task of each of the answer's mount namespaces that have the stage on /mnt. */
    private static List<Proc> stages(Live live) {
        var seen = new HashSet<String>();
        return live.allApart("mnt").stream().filter(task -> seen.add(task.identity("mnt"))).limit(16)
                .filter(task -> task.mountAt("/mnt").filter(mount -> mount.source().equals(live.value("stage"))).isPresent()).toList();
    }

    private static Mount stage(Proc task) {
        return task.mountAt("/mnt").orElseThrow();
    }

    private static String tags(Proc task) {
        return stage(task).isPrivate() ? "private" : String.join(" ", stage(task).tags());
    }

    /** The same without the numbers of the peer groups. */
    private static String kind(Proc task) {
        return tags(task).replaceAll(":\\d+", "").replace("master", "slave");
    }

    private static String source(Proc task, String name) {
        return task.mountAt("/mnt/" + name).map(Mount::source).orElse("nothing");
    }

    private static String device(Proc task, String name) {
        return task.mountAt("/mnt/" + name).map(Mount::device).orElse("nothing");
    }

    @Override
    public List<String> hints() {
        return List.of("A copied mount is in the same peer group as its original: shared:N in mountinfo. What else can it be to that group?",
                "inside.run(() -> mount(\"none\", \"/mnt\", null, MS_SLAVE, null)) makes shared:N a master:N.",
                "A slave can be shared as well, in a new peer group: shared:M master:N. It takes a second call.",
                "MS_SLAVE first, then MS_SHARED, both before the thread below calls unshare(2).");
    }

    @Override
    public String hint(Live live) {
        var stages = stages(live);
        return stages.isEmpty() ? null : "Your mount namespaces have on /mnt: " + String.join("; ", stages.stream().map(task -> tags(task) + ", disk " + source(task, "disk") + ", stick "
                + source(task, "stick")).toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            shared:N means: I give to group N and get from it. master:N: I only get. A mount may have both, shared:M master:N: it
            gets from N, and shares with M what it gets and what is mounted on it. A container that shall see the host's USB
            sticks but keep its own mounts to itself is a slave; and so is every mount of a user namespace's first mount namespace.""";
    }
}
