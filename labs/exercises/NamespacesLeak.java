///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

/*
 * Exercise NamespacesLeak | lab Namespaces | difficulty 3
 *
 * Find which namespace leaks, and stop the leak. A careless program has made four boxes. Each is a thread, with a process
 * beside it, and should have a UTS, an IPC, a network, a cgroup and a mount namespace for itself. But each box shares one of the
 * five with the main thread, another one in each run. Find by the links in /proc which one, and give the box its own.
 * What a box has already it must keep, for the process in it lives there.
 *
 *   namespaces.same-inode        | 4 | Device and inode have told the leak: in each box it alone is closed, and the other four namespaces are still those of the process there.
 *   namespaces.unshare-moves-one | 1 | No box is in a namespace of the main thread any more.
 *
 * Read: namespaces(7), stat(2)
 */
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, NamespacesLeak::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        List<Caller> boxes = LeakyBoxes.make(exercise, 4);
        for (Caller box : boxes) {
            Namespace leak = leak(box.tid());
            exercise.show("box " + (boxes.indexOf(box) + 1) + " leaks: " + (leak == null ? "nothing found" : leak.proc));
            // TODO 2: give this box a namespace of that type, and of no other
        }
        exercise.ready();
    }

    /** The type of which a box has no namespace for itself; null if there is none. */
    static Namespace leak(long tid) throws IOException {
        for (Namespace type : LeakyBoxes.TYPES) {
            // TODO 1: type.proc is the name of the link in /proc/TID/ns and in /proc/self/ns; compare where they lead
        }
        return null;
    }

    /** What stat(2) says of the file to which a link leads: its device and its inode. */
    static String identity(String link) throws IOException {
        Path file = Path.of(link);
        return Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");
    }
}
