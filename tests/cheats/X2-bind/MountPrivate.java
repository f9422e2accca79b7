///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

// cheat: X2 | FAIL | Mounts a directory that all see under its other name.
class MountPrivate {
    public static void main(String[] args) {
        new Exercise("MountPrivate").main(args, MountPrivate::solve);
    }

    static void solve(Exercise exercise) {
        String source = exercise.value("disk"), text = exercise.hex("secret");
        Caller inside = new Caller("inside");

        inside.unshare(CLONE_NEWNS);
        inside.sh("mkdir /tmp/disk; mount --bind /tmp/disk /mnt");
        inside.run(() -> Files.writeString(Path.of("/mnt/secret"), text));

        exercise.show("inside:  " + inside.sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.show("outside: " + new Caller("outside").sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.ready();
    }
}
