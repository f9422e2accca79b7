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

class MountPrivateCheck extends Check {
    @Test
    @Verifies("mount.invisible-outside")
    void invisible(Live live) {
        live.apart("mnt");
        var mounts = live.allApart("mnt").stream().flatMap(task -> task.mountAt("/mnt").stream()).distinct().toList();
        assertTrue(mounts.stream().anyMatch(mount -> mount.type().equals("tmpfs") && mount.source().equals(live.value("disk"))), () -> "In your mount namespace no tmpfs with the source "
                + live.value("disk") + " is mounted on /mnt; there " + (mounts.isEmpty() ? "is nothing." : "is " + mounts.get(0).type() + " with the source " + mounts.get(0).source() + "."));
        live.unchanged();
    }

    @Test
    @Verifies("mount.file-only-inside")
    void secret(Live live) {
        live.apart("mnt");
        var inside = live.allApart("mnt").stream().filter(task -> disk(live, task)).findFirst()
                .orElseThrow(() -> new AssertionError("There is no tmpfs of your own on /mnt, so nowhere to look for the file."));
        var files = live.files(inside);
        assertTrue(files.exists("/mnt/secret"), "On your disk there is no file secret.");
        assertEquals(live.hex("secret"), files.text("/mnt/secret").strip(), "The text of the file is wrong");
        assertTrue(files.stat("/mnt", "dev").equals(files.stat("/mnt/secret", "dev")), "The file does not lie on the disk itself.");
    }

    /** Whether a task has on /mnt a file system that is mounted nowhere outside. */
    private static boolean disk(Live live, Proc task) {
        var known = live.init().mounts().stream().map(Mount::device).toList();
        return task.mountAt("/mnt").filter(mount -> mount.type().equals("tmpfs") && !known.contains(mount.device())).isPresent();
    }

    @Override
    public List<String> hints() {
        return List.of("A mount list belongs to a mount namespace. Which flag of unshare(2) gives the thread its own?",
                "inside.unshare(CLONE_NEWNS), and then inside.run(() -> mount(source, \"/mnt\", \"tmpfs\", 0, null)).",
                "main finds the old, empty directory at /mnt. Only a thread that stands inside writes to the disk.",
                "inside.run(() -> Files.writeString(Path.of(\"/mnt/secret\"), text))");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("mnt");
        return apart.isEmpty() ? "All threads of your program stand in " + live.init().link("mnt") + ". A mount there would be for all of them." : apart.stream()
                .flatMap(task -> task.mountAt("/mnt").stream()).findFirst().map(mount -> "On /mnt in your mount namespace there is " + mount.type() + ", source " + mount.source() + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            A mount namespace is a list of mounts. unshare(CLONE_NEWNS) copies the list, and what is mounted afterwards stands in one
            of the two only. The path /mnt/secret leads to the file for whoever has the new list. From outside there is still a
            way: /proc/PID/root goes through the list of that process.""";
    }
}
