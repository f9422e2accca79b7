///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/limits/Controllers.java
//SOURCES ../kit/limits/Hog.java

import static kit.Child.call;
import static kit.Libc.*;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.limits.*;

// cheat: X2 | FAIL | Makes the cgroup namespace first, and moves then.
class LimitsMemory {
    public static void main(String[] args) {
        new Exercise("LimitsMemory").main(args, LimitsMemory::solve);
    }

    static void solve(Exercise exercise) throws IOException, InterruptedException {
        Caller outside = new Caller("outside");
        Controller memory = Controller.find("exercise", outside, "memory"); // the controller, and a cgroup of yours in which it works
        if (memory.own == null) throw new Problem("mkdir(a cgroup)", Errno.EACCES, memory.obstacle);
        int limit = exercise.number("limit in MiB", 12, 24) << 20, need = exercise.number("need in MiB", 40, 56) << 20;

        OwnCgroup limited = memory.group("limited"), free = memory.group("free");
        memory.limitMemory(limited, limit);
        start(outside, need, call("unshare", CLONE_NEWCGROUP), limited.enter()[0]); // the root of the namespace is where it stands then
        start(outside, need, free.enter());
        exercise.ready();
    }

    /** A child that takes some steps, stops, and becomes the program when it goes on. */
    static void start(Caller outside, int need, Child.Step... steps) throws InterruptedException {
        List<Child.Step> all = new ArrayList<>(List.of(steps));
        all.add(call("raise", SIGSTOP));
        Child child = outside.call(() -> Child.interactive(0, UserMap.NONE, all, "/bin/sh", "-c", "exec " + Hog.memory(need) + " >/dev/null 2>&1"));
        for (int i = 0; i < 1000 && !Proc.status(child.pid, "State").startsWith("T"); i++) Thread.sleep(1);
    }
}
