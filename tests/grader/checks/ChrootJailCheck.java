package grader.checks;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.OpenFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class ChrootJailCheck extends Check {
    private static final long CAP_SYS_CHROOT = 1L << 18;

    /**
     * One of those that have stopped themselves.
     *
     * @param before which directory its root was
     * @param above where the kernel gets from there by "..", again and again: to the root itself, if it is that of a mount namespace
     * @param after which one it was when the process had gone on
     */
    private record Jailed(Proc process, String before, String above, String after, boolean wentOn, boolean mightChroot) {
        boolean inChroot() {
            return !before.equals(above);
        }
    }

    @Test
    @Verifies("chroot.second-chroot")
    void escapes(Live live) throws Exception {
        var outer = Containers.directory(live.init().root());
        var prisoners = trial(live).stream().filter(each -> each.inChroot() && each.above.equals(outer)).toList();
        assertFalse(prisoners.isEmpty(), "Of your processes that have stopped none stands in a chroot, below the root outside.");
        assertTrue(prisoners.stream().anyMatch(each -> each.after.equals(outer)), "The prisoner has gone on, and its root is not the one outside.");
    }

    @Test
    @Verifies("chroot.same-ways-closed")
    void stays(Live live) throws Exception {
        var inmate = inmate(live);
        assertTrue(inmate.wentOn, "The inmate did not go on after SIGCONT.");
        assertTrue(inmate.mightChroot, "The inmate lacks CAP_SYS_CHROOT: it was to have all that the prisoner has.");
        assertTrue(inmate.before.equals(inmate.after), "The inmate went on, and now it has another root than before.");
        assertFalse(inmate.inChroot(), "The inmate stands in a chroot: above its root there is another directory, to which a way may be found.");
    }

    @Test
    @Verifies("chroot.detached")
    void detached(Live live) throws Exception {
        var inmate = inmate(live);
        assertFalse(inmate.inChroot(), "The inmate stands in a chroot: above its root there is the outside.");
        var devices = live.init().mounts().stream().map(outside.Mount::device).toList();
        var left = inmate.process.mounts().stream().filter(mount -> devices.contains(mount.device())).map(outside.Mount::point).sorted().toList();
        assertTrue(left.isEmpty(), () -> left.size() + " mounts of the outside are left in the inmate's mount list, the first at " + left.get(0) + ".");
        assertTrue(live.openFiles(inmate.process).stream().noneMatch(OpenFile::directory), "The inmate has a directory open; by fchdir(2) it leads out.");
    }

    private static Jailed inmate(Live live) throws Exception {
        var outer = Containers.directory(live.init().root());
        var all = trial(live).stream().filter(each -> !each.before.equals(outer)).toList();
        return all.stream().filter(each -> !each.inChroot()).findFirst().or(() -> all.stream().filter(each -> !each.after.equals(outer)).findFirst()).or(() -> all.stream().findFirst())
                .orElseThrow(() -> new AssertionError("Of your processes that have stopped none has another root than the one outside."));
    }

    /** Looks, sends the signal, and looks again. */
    private static List<Jailed> trial(Live live) throws Exception {
        return live.once("SIGCONT", () -> {
            var waiting = live.processes().stream().filter(ChrootJailCheck::waits).toList();
            assertFalse(waiting.isEmpty(), "No process of yours has stopped itself, to wait for SIGCONT.");
            Map<Proc, String[]> before = new HashMap<>();
            for (var each : waiting) before.put(each, new String[] {Containers.directory(each.root()), Containers.directory(each.root().resolve("../../../../../../.."))});
            for (var each : waiting) live.kill(each, "CONT");
            for (int i = 0; i < 100 && waiting.stream().anyMatch(ChrootJailCheck::waits); i++) Thread.sleep(20);
            Thread.sleep(200); // their steps take no time, but a processor
            var all = new ArrayList<Jailed>();
            for (var each : waiting) {
                boolean alive = each.alive();
                all.add(new Jailed(each, before.get(each)[0], before.get(each)[1], alive ? Containers.directory(each.root()) : "it has ended", alive && !waits(each),
                        alive && (each.capabilities("CapEff") & CAP_SYS_CHROOT) != 0));
            }
            return all;
        });
    }

    private static boolean waits(Proc process) {
        return process.state() == 'T';
    }

    @Override
    public List<String> hints() {
        return List.of("chroot(2) changes what / means, and \"..\" stops at / only. What if you stand above / already?",
                "A second chroot(2), to a directory below, leaves the working directory behind, above the new root: call(\"chroot\", \"/tmp\"). From there .. goes up as far as there is an up.",
                "chdir(\"../../../..\") and chroot(\".\"). Then the defence: a new mount namespace, CLONE_NEWNS, in which the jail is the top: pivot_root(2) wants a mount point, so bind the jail onto itself.",
                "mount(none, /, MS_REC|MS_PRIVATE); mount(jail, jail, MS_BIND|MS_REC); chdir(jail); pivot_root(\".\", \".\"); umount2(\".\", MNT_DETACH); chdir(\"/\").");
    }

    @Override
    public String hint(Live live) {
        for (var each : live.processes()) {
            if (!waits(each)) continue;
            var above = Containers.directory(each.root().resolve("../../../../../../.."));
            if (!Containers.directory(each.root()).equals(above)) return "The process " + each.nsPids().get(live.init().nsPids().size() - 1) + " stands in a chroot: from its root the kernel gets further up by \"..\".";
        }
        return null;
    }

    @Override
    public String explanation() {
        return """
            The kernel stops ".." at the process's root, and only there. Who has CAP_SYS_CHROOT moves that root below himself, and
            nothing stops him any more. After pivot_root(2) the jail is the root of the whole mount namespace: above it there is
            nothing to come to. As long as the old root hangs somewhere it can be reached, so it is detached; and an open
            directory of the outside would lead out of both.""";
    }
}
