///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

// cheat: X4 | FAIL | Has the disk, and writes the file beside it, where all see it.
class MountPrivate {
    public static void main(String[] args) {
        new Exercise("MountPrivate").main(args, MountPrivate::solve);
    }

    static void solve(Exercise exercise) {
        String source = exercise.value("disk"), text = exercise.hex("secret");
        Caller inside = new Caller("inside");

        inside.unshare(CLONE_NEWNS);
        inside.run(() -> mount(source, "/mnt", "tmpfs", 0, null));
        inside.run(() -> Files.writeString(Path.of("/tmp/secret"), text));
        inside.sh("touch /mnt/secret; mount --bind /tmp/secret /mnt/secret");

        exercise.show("inside:  " + inside.sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.show("outside: " + new Caller("outside").sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.ready();
    }
}
