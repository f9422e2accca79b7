///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

// cheat: X3 | FAIL | Remounts without MS_BIND: then the file systems are read-only, by every path.
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
            mount(null, "/mnt/shown", null, MS_REMOUNT | MS_RDONLY, null);
            mount(null, "/mnt/shown/below", null, MS_REMOUNT | MS_RDONLY, null);
        });
        for (String path : List.of("/mnt/data", "/mnt/data/below", "/mnt/shown", "/mnt/shown/below")) {
            exercise.show(inside.sh("echo new > " + path + "/new && echo " + path + " can be written"));
        }
        exercise.ready();
    }
}
