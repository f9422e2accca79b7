///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import java.util.stream.IntStream;
import kit.*;

/*
 * Exercise CloneFlags | lab Clone | difficulty 3
 *
 * A child shall start in new namespaces of just those types that the program names; everything else it shares with the program,
 * and the program stays where it is. A second child shall get a user namespace, and get it by unshare(2), which no JVM could call.
 *
 *   clone.child-alone | 3 | A child stands in new namespaces of the types asked for and of no others, and no thread of the program does.
 *   clone.one-thread  | 2 | A second child stands in a user namespace of its own, and shares all others with the program.
 *
 * Read: clone(2), namespaces(7)
 */
class CloneFlags {
    static final List<Namespace> TYPES = List.of(Namespace.PID, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT);

    public static void main(String[] args) {
        new Exercise("CloneFlags").main(args, CloneFlags::solve);
    }

    static void solve(Exercise exercise) {
        int bits = exercise.number("types", 2, 63); // one bit for each of the six types
        List<Namespace> wanted = IntStream.range(0, 6).filter(i -> (bits & 1 << i) != 0).mapToObj(TYPES::get).toList();
        exercise.show("types: " + wanted);

        int flags = 0; // TODO 1: a Namespace knows its flag
        Child child = Child.clone(flags);
        for (Namespace type : TYPES) {
            exercise.show(type.proc + ": " + (type.of(child.pid).equals(type.of(getpid())) ? "shared" : "new"));
        }

        Child second = Child.clone(0); // TODO 2: between clone(2) and execve(2) it makes the calls that follow: call("unshare", ...)
        exercise.show("the second child is " + second.sh("id -u"));
        exercise.ready();
    }
}
