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

/*
 * Exercise LimitsMemory | lab Limits | difficulty 3 | needs cgroup
 *
 * One program, started twice, fills a buffer. Once it shall be killed for it, by a limit of its cgroup; once not. Both stop
 * themselves before they begin, so that one can look at them, and go on at SIGCONT.
 *
 *   limits.memory-kills    | 3 | The one in a cgroup with the limit asked for is killed when it goes on; the one in a cgroup without a limit fills its buffer.
 *   limits.kill-is-counted | 1 | The limited cgroup counts one kill, and the other none.
 *   limits.same-inside     | 2 | The limited one stands in a cgroup namespace of its own, and there its cgroup is called "/".
 *
 * Read: cgroups(7), cgroup_namespaces(7)
 */
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
        // TODO 1: write the limit: memory.limitMemory(...) knows how the file is called
        // TODO 2: the first step of each is into its cgroup: .enter(step, step...) puts that before the steps that it is given
        // TODO 3: a cgroup namespace for the limited one. Which cgroup becomes its root: that before, or that after it has moved?
        start(outside, need);
        start(outside, need);
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
