package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class PropagationProcCheck extends Check {
    @Test
    @Verifies("propagation.private-first")
    void careful(Live live) {
        var host = host(live, "first");
        var container = live.allApart("pid", "mnt").stream().filter(task -> named(task, live.value("first")) && !task.identity("mnt").equals(host.identity("mnt"))).findFirst()
                .orElseThrow(() -> new AssertionError("No process with a PID and a mount namespace of its own came from the first host."));
        var proc = container.mountAt("/proc").orElseThrow();
        assertTrue(proc.type().equals("proc") && proc.root().equals("/") && !proc.device().equals(old(live)), "The container has no proc of its own on /proc.");
        whole(live, host);
    }

    @Test
    @Verifies("propagation.umount-repairs-proc")
    void repaired(Live live) {
        whole(live, host(live, "second"));
    }

    /** The host of this name: where its mark is on /mnt, and the PID namespace is still that of the box. */
    private static Proc host(Live live, String which) {
        live.apart("mnt");
        return live.allApart("mnt").stream().filter(task -> named(task, live.value(which)) && task.identity("pid").equals(live.init().identity("pid"))).findFirst()
                .orElseThrow(() -> new AssertionError("The host with " + live.value(which) + " on /mnt is not there."));
    }

    private static boolean named(Proc task, String name) {
        return task.mountAt("/mnt").filter(mount -> mount.source().equals(name)).isPresent();
    }

    /** The device of the proc that was there before. */
    private static String old(Live live) {
        return live.init().mountAt("/proc").orElseThrow().device();
    }

    private static void whole(Live live, Proc host) {
        var procs = host.mounts().stream().filter(mount -> mount.point().equals("/proc")).map(mount -> mount.device().equals(old(live)) ? "its own" : "that of another PID namespace").toList();
        var name = host.mountAt("/mnt").orElseThrow().source();
        assertEquals("its own", String.join(", covered by ", procs), "On the host " + name + " other mounts are on /proc than were there");
        assertTrue(host.mountAt("/").orElseThrow().peerGroup() > 0, () -> "On the host " + name + " / is no longer shared; leave the hosts as they are.");
    }

    @Override
    public List<String> hints() {
        return List.of("A copied mount list is still tied to its original where the mounts are shared. Who has to cut that, host or container?",
                "In the container, before it mounts anything: mount(\"none\", \"/\", NULL, MS_REC|MS_PRIVATE, NULL); MS_SLAVE would do as well.",
                "The host's own proc was there all the time, under the other one. umount(2) takes away the topmost.",
                "call(\"mount\", \"none\", \"/\", null, MS_REC | MS_PRIVATE, null), and broken.run(() -> umount2(\"/proc\", 0)).");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("mnt").stream().filter(task -> task.identity("pid").equals(live.init().identity("pid")))
                .filter(task -> task.mounts().stream().filter(mount -> mount.point().equals("/proc")).count() > 1).findFirst()
                .map(task -> "The host " + task.mountAt("/mnt").map(Mount::source).orElse("") + " has " + task.mounts().stream().filter(mount -> mount.point().equals("/proc")).count()
                        + " mounts on /proc; the topmost shows a PID namespace that is not its own.").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            CLONE_NEWNS copies the mount list, and a copied shared mount stays in the peer group of its original. So a mount on /proc
            in the container is one on /proc of the host, and there it stays when the container has ended. MS_REC|MS_PRIVATE
            first, in the container, cuts the tie. A third proc on top hides the damage; umount(2) takes it away.""";
    }
}
