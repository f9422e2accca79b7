///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise SetnsJoin | lab Setns | difficulty 3
 *
 * A process stands in four namespaces of its own. One thread shall join three of them, by one call, and stay.
 * Another one shall go there to change its hostname, and come back.
 *
 *   setns.pidfd-several | 3 | A thread of the program stands in the process's UTS, IPC and network namespaces, and not in its cgroup namespace.
 *   setns.and-back      | 2 | The process has the hostname asked for, and no further thread of the program stands in any of its namespaces.
 *
 * Read: setns(2), pidfd_open(2)
 */
class SetnsJoin {
    public static void main(String[] args) {
        new Exercise("SetnsJoin").main(args, SetnsJoin::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Caller outside = new Caller("outside"); // where the two other threads start
        outside.unshare(CLONE_NEWUTS);
        Child process = Child.clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP);
        int pidfd = (int) syscall(SYS_pidfd_open, process.pid, 0, 0, 0, 0, 0);

        Caller visitor = outside.another("visitor");
        // TODO 1: visitor joins three of the four by one setns(2): visitor.run(() -> ...)

        Caller traveller = outside.another("traveller");
        // TODO 2: before traveller leaves, open(path, O_RDONLY | O_CLOEXEC, 0) what leads back: which file in /proc/thread-self/ns?
        // TODO 3: it joins the UTS namespace, calls sethostname(name, name.length()), and goes back

        exercise.show("visitor: " + visitor.sh("uname -n") + ", traveller: " + traveller.sh("uname -n"));
        exercise.ready();
    }
}
