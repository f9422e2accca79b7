package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class MountReadOnlyCheck extends Check {
    @Test
    @Verifies("mount.read-only-in-two-steps")
    void readOnly(Live live) {
        var inside = inside(live);
        var disk = at(inside, "/mnt");
        var shown = at(inside, "/mnt/shown");
        assertTrue(shown.device().equals(disk.device()) && shown.root().equals("/data"), "/mnt/shown is not the directory data of the disk on /mnt.");
        readOnlyHereOnly(shown);
        assertTrue(writable(disk), "The disk on /mnt itself has become read-only.");
        assertFalse(inside.mountAt("/mnt/data").filter(mount -> !writable(mount)).isPresent(), "/mnt/data has become read-only.");
    }

    @Test
    @Verifies("mount.recursive-bind")
    void below(Live live) {
        var inside = inside(live);
        var original = at(inside, "/mnt/data/below");
        var copy = at(inside, "/mnt/shown/below");
        assertEquals(live.value("below"), original.source(), "On /mnt/data/below there is another disk than the one asked for");
        assertTrue(copy.device().equals(original.device()), "/mnt/shown/below is another disk than /mnt/data/below.");
        readOnlyHereOnly(copy);
        assertTrue(writable(original), "/mnt/data/below has become read-only.");
    }

    /** A task in a mount namespace of its own, with the disk that was asked for. */
    private static Proc inside(Live live) {
        live.apart("mnt");
        return live.allApart("mnt").stream().filter(task -> task.mountAt("/mnt").filter(mount -> mount.source().equals(live.value("disk"))).isPresent()).findFirst()
                .orElseThrow(() -> new AssertionError("The disk " + live.value("disk") + " is not mounted on /mnt in a mount namespace of yours."));
    }

    private static Mount at(Proc inside, String point) {
        return inside.mountAt(point).orElseThrow(() -> new AssertionError("Nothing is mounted on " + point + "."));
    }

    /** A mount has options of its own, and beside them stand those of its file system, which all mounts of it share. */
    private static void readOnlyHereOnly(Mount mount) {
        assertTrue(has(mount.options(), "ro"), () -> mount.point() + " can still be written: its mount options are " + mount.options() + ".");
        assertTrue(has(mount.superOptions(), "rw"), () -> "The file system on " + mount.point() + " has become read-only itself, and so by every path.");
    }

    private static boolean writable(Mount mount) {
        return has(mount.options(), "rw") && has(mount.superOptions(), "rw");
    }

    private static boolean has(String options, String option) {
        return List.of(options.split(",")).contains(option);
    }

    @Override
    public List<String> hints() {
        return List.of("A bind mount is a second way to the same files. MS_REC takes the mounts below along.",
                "mount(2) ignores MS_RDONLY when it makes a bind mount. A second call, with MS_REMOUNT, changes the options of a mount.",
                "MS_REMOUNT without MS_BIND changes the file system, by all of its paths. With MS_BIND it changes one mount, and not those below.",
                "mount(null, \"/mnt/shown\", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null), and the same for /mnt/shown/below.");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("mnt").stream().filter(task -> task.mountAt("/mnt").isPresent()).findFirst().map(task -> String.join("\n", task.mounts().stream()
                .filter(mount -> mount.point().startsWith("/mnt")).map(mount -> mount.point() + ": the mount is " + mount.options() + ", its file system " + mount.superOptions().replaceFirst(",.*", "")).toList()))
                .orElse(null);
    }

    @Override
    public String explanation() {
        return """
            There are two flags: one of the mount, the sixth field of mountinfo, and one of the file system, the last. MS_REMOUNT
            with MS_BIND changes the first, without it the second. It goes one mount at a time, so a mount below stays writable
            unless somebody thinks of it. Container engines did not for years. mount_setattr(2) has AT_RECURSIVE since Linux 5.12.""";
    }
}
