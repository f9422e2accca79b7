///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise PidFirst | lab Pid | difficulty 2
 *
 * A process of this program shall be number 1 in a PID namespace, and a second one number 2. The thread caller shall make that
 * namespace by unshare(2). It has a number in it neither before nor after: see whom the call moves.
 *
 *   pid.first-is-one           | 2 | A process that lives on is number 1 of a new PID namespace.
 *   pid.counts-from-one        | 1 | A second one, beside it, is number 2 there.
 *   pid.unshare-moves-children | 2 | The thread that made the namespace is not in it: only its children are.
 *
 * Read: pid_namespaces(7), unshare(2), clone(2)
 */
class PidFirst {
    public static void main(String[] args) {
        new Exercise("PidFirst").main(args, PidFirst::solve);
    }

    static void solve(Exercise exercise) {
        Caller caller = new Caller("caller");

        caller.unshare(CLONE_NEWPID);
        Child first = caller.clone(0);
        first.sh("sleep 1000 &");

        exercise.show("the thread itself is in " + caller.link(Namespace.PID));
        exercise.show("the shell, number " + first.sh("echo $$") + ", is in " + Namespace.PID.of(first.pid));
        exercise.ready();
    }
}
