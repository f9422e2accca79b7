package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Inside;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class OverlayLayersCheck extends Check {
    private static final int TYPE = 0170000, CHARACTER_DEVICE = 0020000;

    /** The overlay, as the kernel lists it for one who sees it. */
    private record Overlay(Proc viewer, Mount mount, Inside files) {
        /** The values of an option; several lower layers stand in one, or, in another way of mounting, in as many. */
        List<String> directories(String option) {
            return Stream.of(mount.superOptions().split(",")).filter(each -> each.matches(option + "\\+?=.*")).flatMap(each -> Stream.of(each.replaceFirst("^[^=]*=", "").split(":"))).toList();
        }

        String lower(Live live, String purpose) {
            return directories("lowerdir").stream().filter(each -> each.endsWith("/" + live.value(purpose))).findFirst()
                    .orElseThrow(() -> new AssertionError("The directory " + live.value(purpose) + " is not among the lower layers of your overlay: " + directories("lowerdir")));
        }

        String upper() {
            return directories("upperdir").stream().findFirst().orElseThrow(() -> new AssertionError("Your overlay has no upper layer, so nothing can be changed in it."));
        }
    }

    @Test
    @Verifies("overlay.topmost-wins")
    void layers(Live live) {
        var overlay = overlay(live);
        assertEquals(List.of(overlay.lower(live, "patch"), overlay.lower(live, "image")), overlay.directories("lowerdir"), "The lower layers are not these two, the topmost first");
        assertEquals(live.hex("new version"), overlay.files.text(overlay.mount.point() + "/version"), "The file version of the tree is not the patch's");
        live.unchanged();
    }

    @Test
    @Verifies("overlay.copy-up")
    void copied(Live live) {
        var overlay = overlay(live);
        assertEquals(live.value("text"), overlay.files.text(overlay.mount.point() + "/motd").strip(), "The file motd of the tree");
        assertEquals(live.value("text"), overlay.files.text(overlay.upper() + "/motd").strip(), "The file motd of the upper layer");
    }

    @Test
    @Verifies("overlay.whiteout")
    void removed(Live live) {
        var overlay = overlay(live);
        assertFalse(overlay.files.exists(overlay.mount.point() + "/doomed"), "The file doomed is still in the tree.");
        assertTrue(overlay.files.exists(overlay.upper() + "/doomed"), "The upper layer says nothing of the file doomed: it was not removed in the tree.");
        int mode = (int) overlay.files.stat(overlay.upper() + "/doomed", "mode");
        assertTrue((mode & TYPE) == CHARACTER_DEVICE && (long) overlay.files.stat(overlay.upper() + "/doomed", "rdev") == 0, "In the upper layer doomed is no character device 0:0.");
        assertTrue(overlay.files.exists(overlay.lower(live, "image") + "/doomed"), "The file doomed is gone from the image as well.");
    }

    @Test
    @Verifies("overlay.lower-never-written")
    void untouched(Live live) {
        var overlay = overlay(live);
        String image = overlay.lower(live, "image"), patch = overlay.lower(live, "patch");
        assertEquals(List.of("doomed", "motd", "version"), overlay.files.list(image), "The image's files");
        assertEquals(List.of("version"), overlay.files.list(patch), "The patch's files");
        assertEquals(List.of(live.hex("doomed"), "old", live.hex("old version"), live.hex("new version")), Stream.of(image + "/doomed", image + "/motd", image + "/version", patch + "/version")
                .map(overlay.files::text).toList(), "What is in the image's files and in the patch's");
    }

    private static Overlay overlay(Live live) {
        live.apart("mnt");
        return live.allApart("mnt").stream().flatMap(task -> mounts(task).stream().filter(mount -> mount.type().equals("overlay") && mount.point().endsWith("/tree"))
                .map(mount -> new Overlay(task, mount, live.files(task)))).findFirst().orElseThrow(() -> new AssertionError("No overlay is mounted on a directory tree in your mount namespace."));
    }

    private static List<Mount> mounts(Proc task) {
        try {
            return task.mounts();
        } catch (UncheckedIOException ended) {
            return List.of();
        }
    }

    @Override
    public List<String> hints() {
        return List.of("An overlay has lower layers, which it never writes to, an upper layer for what changes, and a work directory, which the kernel needs beside that.",
                "The options are lowerdir=TOP:BELOW, upperdir and workdir. Upper and work directory must be on the same file system, and empty.",
                "mount(\"overlay\", tree, \"overlay\", 0, \"lowerdir=\" + patch + \":\" + image + \",upperdir=...,workdir=...,userxattr\") on the thread inside; then change the files below tree.");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("mnt").stream().flatMap(task -> mounts(task).stream()).filter(mount -> mount.type().equals("overlay")).findFirst()
                .map(mount -> "An overlay is mounted at " + mount.point() + ": " + mount.superOptions() + ".").orElse("In your mount namespace there is no overlay.");
    }

    @Override
    public String explanation() {
        return """
            The first write to a file copies all of it to the upper layer; that is why a container that touches a large file of
            its image pays for all of it. A removed file cannot be taken out of a layer that is not written to, so the upper
            layer notes that it is gone: a character device 0:0, which an ordinary user may make for this purpose only. And the
            image is as it was, so a thousand containers can share it.""";
    }
}
