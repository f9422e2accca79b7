///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

// cheat: X6 | FAIL | Takes the namespace of another box instead of a new one: then two boxes share it.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, NamespacesLeak::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        List<Caller> boxes = LeakyBoxes.make(exercise, 4);
        for (Caller box : boxes) {
            Namespace leak = leak(box.tid());
            exercise.show("box " + (boxes.indexOf(box) + 1) + " leaks: " + leak.proc);
            Caller other = null;
            for (Caller each : boxes) {
                other = each != box && leak(each.tid()) != leak ? each : other;
            }
            if (other == null) {
                box.unshare(leak.flag);
                continue;
            }
            int there = open("/proc/" + other.tid() + "/ns/" + leak.proc, O_RDONLY | O_CLOEXEC, 0);
            box.run(() -> {
                unshare(CLONE_FS); // or no thread may join a mount namespace
                setns(there, 0);
            });
        }
        exercise.ready();
    }

    /** The type of which a box has no namespace for itself. */
    static Namespace leak(long tid) throws IOException {
        for (Namespace type : LeakyBoxes.TYPES) {
            String link = "/ns/" + type.proc;
            if (identity("/proc/" + tid + link).equals(identity("/proc/self" + link))) {
                return type;
            }
        }
        return null;
    }

    /** What stat(2) says of the file to which a link leads: its device and its inode. */
    static String identity(String link) throws IOException {
        Path file = Path.of(link);
        return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
    }
}
