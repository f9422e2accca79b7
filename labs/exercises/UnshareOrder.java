///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise UnshareOrder | lab Unshare | difficulty 2 | starts as user
 *
 * A process without any privilege shall move itself into new namespaces and choose a hostname there.
 * The right calls are here, in an order in which the kernel refuses all but the last one.
 *
 *   unshare.user-namespace-first | 3 | The child has the hostname asked for, in a UTS namespace that belongs to a user namespace of its own.
 *   unshare.moves-the-caller     | 2 | It also stands in an IPC namespace and in a network namespace that belong to that user namespace.
 *
 * Read: unshare(2), user_namespaces(7)
 */
class UnshareOrder {
    public static void main(String[] args) {
        new Exercise("UnshareOrder").asUser().main(args, UnshareOrder::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");

        // The child makes these calls one after the other, whatever comes of each, and then becomes a shell.
        // TODO 1: put them in order
        // TODO 2: let it leave the IPC and the network namespace, too
        Child child = Child.clone(0,
                call("sethostname", name, (long) name.length()),
                call("unshare", CLONE_NEWUTS),
                call("unshare", CLONE_NEWUSER));

        exercise.show("hostname: " + child.sh("uname -n"));
        exercise.show(child.sh("cd /proc/self/ns; readlink user uts ipc net"));
        exercise.ready();
    }
}
