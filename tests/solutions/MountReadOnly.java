///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

/*
 * Exercise MountReadOnly | lab Mount | difficulty 3
 *
 * Show a directory a second time so that nobody can write there, as docker run --volume /mnt/data:/mnt/shown:ro does.
 * /mnt/shown shall be /mnt/data, with the disk that is mounted below it, and both shall be read-only there.
 * By the first path they shall stay as they are.
 *
 *   mount.read-only-in-two-steps | 3 | /mnt/shown is /mnt/data, and a read-only mount; the file system itself can still be written by its first path.
 *   mount.recursive-bind         | 2 | The disk below is at /mnt/shown/below too, read-only as well, and can be written at /mnt/data/below.
 *
 * Read: mount(2) about MS_BIND and MS_REMOUNT, mount_namespaces(7)
 */
class MountReadOnly {
    public static void main(String[] args) {
        new Exercise("MountReadOnly").main(args, MountReadOnly::solve);
    }

    static void solve(Exercise exercise) {
        String disk = exercise.value("disk"), below = exercise.value("below");
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWNS);
        inside.run(() -> {
            mount(disk, "/mnt", "tmpfs", 0, null);
            for (String directory : List.of("/mnt/data", "/mnt/data/below", "/mnt/shown")) {
                mkdir(directory, 0755);
            }
            mount(below, "/mnt/data/below", "tmpfs", 0, null);
            Files.writeString(Path.of("/mnt/data/file"), "data\n");

            mount("/mnt/data", "/mnt/shown", null, MS_BIND | MS_REC, null);
            mount(null, "/mnt/shown", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null);
            mount(null, "/mnt/shown/below", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null); // MS_REC has no meaning here: one mount at a time
        });
        for (String path : List.of("/mnt/data", "/mnt/data/below", "/mnt/shown", "/mnt/shown/below")) {
            exercise.show(inside.sh("echo new > " + path + "/new && echo " + path + " can be written"));
        }
        exercise.ready();
    }
}
