///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

/*
 * Exercise MountPrivate | lab Mount | difficulty 2
 *
 * A thread shall have a disk that nobody else has. On its /mnt there shall be a tmpfs, made from the source that the program names,
 * and on it a file secret with the text that the program names. Whoever stands outside finds /mnt as it was.
 *
 *   mount.invisible-outside | 2 | The tmpfs is in the mount list of the thread's own mount namespace, and in no other.
 *   mount.file-only-inside  | 2 | The file lies on that tmpfs and has the text; outside there is no such file.
 *
 * Read: mount_namespaces(7), mount(2), tmpfs(5)
 */
class MountPrivate {
    public static void main(String[] args) {
        new Exercise("MountPrivate").main(args, MountPrivate::solve);
    }

    static void solve(Exercise exercise) {
        String source = exercise.value("disk"), text = exercise.hex("secret");
        Caller inside = new Caller("inside");

        // TODO 1: where may this thread mount something that others do not see?
        // TODO 2: mount(source, "/mnt", type, 0, null)
        // TODO 3: write the file, with Files.writeString(). Who has to do it: main or the thread inside?

        exercise.show("inside:  " + inside.sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.show("outside: " + new Caller("outside").sh("grep ' /mnt ' /proc/self/mounts; cat /mnt/secret"));
        exercise.ready();
    }
}
