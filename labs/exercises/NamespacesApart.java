///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

/*
 * Exercise NamespacesApart | lab Namespaces | difficulty 1
 *
 * Two processes shall stand apart in the types of namespace that the program names, and in no other. Each run names others:
 * so fill in the table that leads from the name of a link in /proc/PID/ns to the flag for unshare(2).
 *
 *   namespaces.unshare-moves-one | 2 | For each flag one link changes: both processes are apart in the four types that are named.
 *   namespaces.fork-inherits     | 1 | In the types that are not named they are where the program itself was started.
 *
 * Read: namespaces(7), unshare(2)
 */
class NamespacesApart {
    static final List<String> TYPES = List.of("cgroup", "ipc", "mnt", "net", "pid", "time", "uts");

    public static void main(String[] args) {
        new Exercise("NamespacesApart").main(args, NamespacesApart::solve);
    }

    static void solve(Exercise exercise) {
        for (String which : List.of("first", "second")) {
            int flags = 0;
            for (String type : exercise.some(which, TYPES, 4)) {
                flags |= flag(type);
            }
            Caller thread = new Caller(which);
            thread.unshare(flags);
            thread.clone(0); // a child, which starts where the thread wants its children to be
            exercise.show("unshare(" + Namespace.flagNames(flags) + ")");
        }
        exercise.ready();
    }

    static int flag(String type) {
        return switch (type) {
            case "uts" -> CLONE_NEWUTS;
            // TODO: six more
            default -> 0;
        };
    }
}
