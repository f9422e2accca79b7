///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

// cheat: X5 | FAIL | Closes the leak, and to be sure takes a new UTS and a new network namespace too.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, NamespacesLeak::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        List<Caller> boxes = LeakyBoxes.make(exercise, 4);
        for (Caller box : boxes) {
            Namespace leak = leak(box.tid());
            exercise.show("box " + (boxes.indexOf(box) + 1) + " leaks: " + leak.proc);
            box.unshare(leak.flag | CLONE_NEWUTS | CLONE_NEWNET);
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
        throw new IllegalStateException("thread " + tid + " shares nothing");
    }

    /** What stat(2) says of the file to which a link leads: its device and its inode. */
    static String identity(String link) throws IOException {
        Path file = Path.of(link);
        return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
    }
}
