///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/limits/Controllers.java
//SOURCES ../kit/limits/Hog.java

import static kit.Libc.*;

import java.io.IOException;
import kit.*;
import kit.limits.*;

/*
 * Exercise LimitsPids | lab Limits | difficulty 3 | needs cgroup
 *
 * A crowd that wants 32 processes shall get a few, and this program shall not notice. The crowd shall stand in a cgroup that sets
 * no limit at all: what stops it stands one level above.
 *
 *   limits.parent-binds      | 3 | The crowd's own cgroup has no limit of processes, the one above it has the limit asked for.
 *   limits.forks-are-counted | 2 | That one is full: as many processes as it allows are there, and a fork(2) has failed.
 *   limits.pids-stop-a-bomb  | 1 | This program stands in neither of them.
 *
 * Read: cgroups(7), "PIDs controller" in the kernel's admin-guide/cgroup-v2
 */
class LimitsPids {
    public static void main(String[] args) {
        new Exercise("LimitsPids").main(args, LimitsPids::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        Caller outside = new Caller("outside");
        Controller pids = Controller.find("exercise", outside, "pids"); // the controller, and a cgroup of yours in which it works
        if (pids.own == null) throw new Problem("mkdir(a cgroup)", Errno.EACCES, pids.obstacle);
        int limit = exercise.number("limit", 5, 16);

        // TODO 1: two cgroups, one below the other: pids.group(name), and with what comes of it .below(name) and .write(file, text).
        //         In version 2 the upper one must give the controller on: pids.give(...)
        // TODO 2: the child's first step shall be into the lower one: .enter(steps) puts that before its other steps
        Child crowd = outside.clone(CLONE_NEWPID, Hog.crowd());

        crowd.sh(":"); // it answers, so it has taken all of its steps; more than a ":" it cannot do if there is no room for a fork(2)
        exercise.show("the crowd stands in " + CgroupTree.path(Proc.read("/proc/" + crowd.pid + "/cgroup"), pids.tree.id()).replaceFirst(".*-pids", "your cgroup, "));
        exercise.ready();
    }
}
