///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/limits/Controllers.java
//SOURCES ../kit/limits/Hog.java

import static kit.Libc.*;

import java.io.IOException;
import kit.*;
import kit.limits.*;

// cheat: X2 | FAIL | Limits the cgroup of the crowd itself.
class LimitsPids {
    public static void main(String[] args) {
        new Exercise("LimitsPids").main(args, LimitsPids::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        Caller outside = new Caller("outside");
        Controller pids = Controller.find("exercise", outside, "pids"); // the controller, and a cgroup of yours in which it works
        if (pids.own == null) throw new Problem("mkdir(a cgroup)", Errno.EACCES, pids.obstacle);
        int limit = exercise.number("limit", 5, 16);

        OwnCgroup limited = pids.group("limited"), free = limited.below("free");
        pids.give(limited);
        free.write("pids.max", "" + limit);
        Child crowd = outside.clone(CLONE_NEWPID, free.enter(Hog.crowd()));

        crowd.sh(":"); // it answers, so it has taken all of its steps; more than a ":" it cannot do if there is no room for a fork(2)
        exercise.show("the crowd stands in " + CgroupTree.path(Proc.read("/proc/" + crowd.pid + "/cgroup"), pids.tree.id()).replaceFirst(".*-pids", "your cgroup, "));
        exercise.ready();
    }
}
