///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/CgroupTree.java
//SOURCES kit/Controller.java
//SOURCES kit/Hog.java
//SOURCES kit/OrdinaryUser.java
//SOURCES kit/OwnCgroup.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Hog.*;
import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kit.*;

/** Limit memory, processes and CPU time by cgroup controllers, which have nothing to do with the cgroup namespace; cgroups(7). */
public class Limits {
    static final String QUESTION = "What stops a program that wants all memory, all processes, or all CPU time: a namespace, or something else?";

    static final String CLAIMS = """
        limits.memory-kills       | CGR-04        | A process that needs more memory than its cgroup may have is ended by SIGKILL, and the same program without a limit is not.
        limits.kill-is-counted    | CGR-04        | The cgroup counts the processes that the kernel killed for want of memory: oom_kill.
        limits.namespace-alone    | CGR-04        | A new cgroup namespace alone limits nothing: the program that is killed elsewhere runs to its end in it.
        limits.same-inside        | CGR-01 CGR-04 | Who stands in a limited cgroup and in a cgroup namespace reads "/", and is killed by the limit just the same.
        limits.pids-stop-a-bomb   | CGR-04        | With pids.max = N there are N processes in a cgroup, and the next fork(2) fails with EAGAIN.
        limits.forks-are-counted  | CGR-04        | pids.events counts every fork that failed, and pids.current the processes.
        limits.parent-binds       | CGR-04        | A cgroup without a limit of its own is bound by that of the cgroup above it.
        limits.cpu-is-throttled   | CGR-04        | A busy loop with a quota of a few milliseconds in 100 is stopped in each period when they are used up.
        limits.one-processor      | CGR-04        | A process in a cgroup with cpuset.cpus = N runs on processor N alone, and sched_setaffinity(2) does not help.
        limits.needs-permission   | CGR-11        | Who does not own a cgroup's directory and files makes no cgroup there and moves nobody in: EACCES.
        limits.delegated          | CGR-11        | Who has been given a cgroup makes and limits others below it, and cannot lift the limit of the one he was given.
        limits.subtree-control    | CGR-04        | In cgroup v2 a cgroup has a controller's files only if the one above lists it in cgroup.subtree_control.
        limits.no-inner-processes | CGR-04        | In cgroup v2 a cgroup with processes does not give memory (or hugetlb, io) to those below it, and one that gives takes no process: EBUSY.
        limits.no-way-out         | CGR-13        | With the mount option nsdelegate nobody in a cgroup namespace moves a process out of its root: ENOENT.
        """;

    static final List<AutoCloseable> open = new ArrayList<>(); // the last one first
    static final List<String> others = new ArrayList<>(); // what --hold tells of
    static Child.Step[] enter = {call("unshare", CLONE_NEWCGROUP)}; // how --shell gets where the limits are

    public static void main(String[] args) {
        new Lab("Limits", QUESTION, CLAIMS).main(args, Limits::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A program fills 50 MB of memory, once in a new cgroup namespace, once in a cgroup with a limit of less. What happens to it?");
        Caller outside = new Caller("outside"), apart = outside.another("in a cgroup namespace");
        apart.unshare(CLONE_NEWCGROUP); // proves that this kernel does it at all, before anything is made
        try (Controller memory = Controller.find(lab, outside, "memory"); Controller pids = Controller.find(lab, outside, "pids");
                Controller cpu = Controller.find(lab, outside, "cpu"); Controller cpuacct = Controller.find(lab, outside, "cpuacct");
                Controller cpuset = Controller.find(lab, outside, "cpuset"); Controller hugetlb = Controller.find(lab, outside, "hugetlb")) {
            lab.step("Before", "Which controllers can limit a child of this lab, and in which cgroups.");
            for (Controller each : List.of(memory, pids, cpu, cpuset)) {
                lab.show(each.name + ": " + (each.own == null ? each.obstacle.cause() : (each.v2() ? "cgroup v2, " : "cgroup v1, ") + each.own.path));
            }
            Child limited = memory(lab, outside, memory);
            pids(lab, outside, pids);
            cpu(lab, outside, cpu, cpuacct);
            cpuset(lab, outside, cpuset);
            permission(lab, outside, pids);
            unified(lab, outside, apart, Stream.of(memory, hugetlb).filter(each -> each.own != null && each.v2()).findFirst().orElse(null));
            lab.look(limited.pid, () -> outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(enter), "/bin/sh")), others.toArray(String[]::new));

            lab.step("Clean-up", "The processes end, and the cgroups that the lab made are removed.");
            String link = Namespace.CGROUP.of(limited.pid);
            for (AutoCloseable each : open) {
                each.close();
            }
            lab.gone(link);
        }
        apart.close();
        outside.close();
        lab.next("./build.sh run Limits --shell, then: cat /proc/self/cgroup; dd if=/dev/zero of=/dev/null bs=50M count=1");
    }

    static Child memory(Lab lab, Caller outside, Controller memory) {
        lab.step("Memory", "A program that fills a buffer of some 50 MB, in several places. It ends with status 0 or, by SIGKILL, with 128 + 9.");
        int need = lab.token().number("need", 40 << 20, 56 << 20), max = lab.token().number("memory", 12, 24) << 20;
        String hog = Hog.memory(need), well = "wrote " + need + ", status 0";
        lab.show(hog);
        Child free = child("free", outside, CLONE_NEWPID, call("unshare", CLONE_NEWCGROUP));
        NotIsolated.unlessDifferent("unshare(CLONE_NEWCGROUP)", outside.link(Namespace.CGROUP), Namespace.CGROUP.of(free.pid));
        lab.claim("limits.namespace-alone", inside(well, wrote(free.run(hog))), outside(well, wrote(outside.command(hog))));
        if (memory.own == null) {
            lab.cannot(memory.obstacle, "limits.memory-kills", "limits.kill-is-counted", "limits.same-inside");
            return free;
        }
        OwnCgroup group = memory.group("limited");
        memory.limitMemory(group, max);
        Child plain = child("plain", outside, CLONE_NEWPID, group.enter());
        lab.claim("limits.memory-kills", inside("limit " + max + ": wrote nothing, status 137", "limit " + max + ": " + wrote(plain.run(hog))),
                outside(well, wrote(outside.command(hog))));
        String events = memory.v2() ? "memory.events" : "memory.oom_control", id = memory.tree.id();
        lab.claim("limits.kill-is-counted", outside("oom_kill 1", "oom_kill " + group.read(events, "oom_kill")));
        enter = group.enter(enter);
        Child limited = child("limited", outside, CLONE_NEWPID, enter);
        NotIsolated.unlessDifferent("unshare(CLONE_NEWCGROUP)", outside.link(Namespace.CGROUP), Namespace.CGROUP.of(limited.pid));
        lab.claim("limits.same-inside",
                inside("/: wrote nothing, status 137", CgroupTree.path(limited.sh("cat /proc/self/cgroup"), id) + ": " + wrote(limited.run(hog))),
                outside(CgroupTree.path(Proc.read("/proc/" + plain.pid + "/cgroup"), id) + ", oom_kill 2",
                        CgroupTree.path(Proc.read("/proc/" + limited.pid + "/cgroup"), id) + ", oom_kill " + group.read(events, "oom_kill")));
        return limited;
    }

    static void pids(Lab lab, Caller outside, Controller pids) {
        if (pids.own == null) {
            lab.cannot(pids.obstacle, "limits.pids-stop-a-bomb", "limits.forks-are-counted", "limits.parent-binds");
            return;
        }
        int max = lab.token().number("pids", 5, 16);
        lab.step("Processes", "A fork bomb that starts " + BOMB + " processes, where " + max + " processes are allowed.");
        OwnCgroup group = pids.group("limited");
        group.write("pids.max", "" + max);
        String stopped = (max - 1) + " started, then EAGAIN"; // the one that starts them is there as well
        lab.claim("limits.pids-stop-a-bomb", inside(stopped, bombed(outside, group)), outside(BOMB + " started", bombed(outside, pids.group("free"))));
        long failed = group.read("pids.events", "max");
        child("bomb", outside, CLONE_NEWPID, group.enter(bomb()));
        lab.claim("limits.forks-are-counted", outside((BOMB - max + 1) + " failed, " + max + " are there",
                failed + " failed, " + group.read("pids.current") + " are there"));
        OwnCgroup outer = pids.group("outer"), inner = outer.below("inner");
        outer.write("pids.max", "" + max);
        pids.give(outer);
        lab.claim("limits.parent-binds", inside("limit max: " + stopped, "limit " + inner.read("pids.max") + ": " + bombed(outside, inner)));
    }

    static void cpu(Lab lab, Caller outside, Controller cpu, Controller cpuacct) throws Exception {
        if (cpu.own == null || !cpu.v2() && cpuacct.own == null) {
            lab.cannot(cpu.own == null ? cpu.obstacle : cpuacct.obstacle, "limits.cpu-is-throttled");
            return;
        }
        int quota = lab.token().number("cpu", 5, 11);
        lab.step("CPU time", "Two endless loops. One may run for " + quota + " ms in each period of 100 ms.");
        OwnCgroup slow = cpu.group("slow"), fast = cpu.group("fast"), used = cpu.v2() ? slow : cpuacct.group("slow"); // in v1 another controller counts
        cpu.limitTime(slow, quota);
        long start = System.nanoTime(), percent;
        Child busy = loop(outside, slow.enter(used.enter()));
        open.add(0, busy);
        others.add("busy=" + busy.pid);
        try (Child free = loop(outside, fast.enter())) {
            while (slow.read("cpu.stat", "nr_throttled") < 5 && System.nanoTime() - start < 20_000_000_000L && busy.alive() && free.alive()) {
                Thread.sleep(20);
            }
            long micros = cpu.v2() ? used.read("cpu.stat", "usage_usec") : Long.parseLong(used.read("cpuacct.usage")) / 1000;
            percent = micros * 100_000 / (System.nanoTime() - start);
        }
        long throttled = slow.read("cpu.stat", "nr_throttled");
        lab.claim("limits.cpu-is-throttled", inside("quota " + quota + " %: throttled 5 times or more, used less than 50 %",
                "quota " + quota + " %: throttled " + throttled + " times, used " + percent + " %", throttled >= 5 && percent < 50),
                outside("throttled 0 times", "throttled " + fast.read("cpu.stat", "nr_throttled") + " times"));
    }

    static void cpuset(Lab lab, Caller outside, Controller cpuset) {
        String allowed = Proc.status("self", "Cpus_allowed_list"), last = allowed.replaceFirst(".*\\D", "");
        if (cpuset.own == null || last.equals(allowed)) {
            lab.cannot(cpuset.own == null ? cpuset.obstacle : new Diagnosis(true, "this process may use one processor only", "use a machine that has two"),
                    "limits.one-processor");
            return;
        }
        lab.step("Processors", "A child may use processor " + last + " of " + allowed + ", and tries to use all of them.");
        OwnCgroup group = cpuset.group("one");
        group.write("cpuset.cpus", last);
        Child one = child("pinned", outside, 0, group.enter());
        one.sh("taskset --pid --cpu-list " + allowed + " $$");
        lab.claim("limits.one-processor", inside(last + ", nproc 1", Proc.status(one.pid, "Cpus_allowed_list") + ", nproc " + one.sh("nproc")));
    }

    static void permission(Lab lab, Caller outside, Controller pids) {
        lab.step("Who may", "A cgroup is a directory: its owner and mode say who may make others in it, and write to its files.");
        Caller user = OrdinaryUser.other(outside);
        open.add(0, user);
        boolean other = user.call(Libc::getuid) == OrdinaryUser.UID;
        String guarded = CgroupTree.all().stream().map(CgroupTree::mountPoint).filter(top -> top != null && (other || !Files.isWritable(Path.of(top))))
                .findFirst().orElse(null);
        if (guarded == null) {
            lab.cannot("limits.needs-permission", "no cgroup is mounted here that does not belong to you; run outside of a container");
        } else {
            lab.claim("limits.needs-permission", inside("mkdir: EACCES, open: EACCES", "mkdir: " + user.errno(() -> mkdir(guarded + "/nslabs-refused", 0755))
                    + ", open: " + user.errno(() -> close(open(guarded + "/cgroup.procs", O_WRONLY | O_CLOEXEC, 0)))));
        }
        if (pids.own == null) {
            lab.cannot(pids.obstacle, "limits.delegated");
            return;
        }
        OwnCgroup given = pids.group("given");
        if (other) { // these and no others: the limits stay with root; cgroups(7), "Delegation"
            outside.sh("cd " + given.path + " && chown " + OrdinaryUser.UID + " . cgroup.procs cgroup.subtree_control");
        }
        String max = "" + lab.token().number("below", 20, 40), below = given.path + "/below";
        // An ordinary user was given a cgroup before the lab began: the first one upwards whose limit is not his.
        String limit = other ? given.path + "/pids.max" : Stream.iterate(Path.of(given.path), Objects::nonNull, Path::getParent)
                .map(dir -> dir.resolve("pids.max")).filter(file -> Files.exists(file) && !Files.isWritable(file)).findFirst().map(Path::toString).orElse(null);
        if (limit == null) {
            lab.cannot("limits.delegated", "no cgroup above this process has a limit that does not belong to you; run as root");
            return;
        }
        String made = "mkdir: " + user.errno(() -> mkdir(below, 0755)) + ", limit: " + user.errno(() -> {
            if (pids.v2()) {
                Proc.write(given.path + "/cgroup.subtree_control", "+pids");
            }
            Proc.write(below + "/pids.max", max);
        });
        lab.claim("limits.delegated", inside("mkdir: success, limit: success, the limit above: EACCES",
                made + ", the limit above: " + user.errno(() -> Proc.write(limit, "max"))), outside(max, Proc.read(below + "/pids.max")));
    }

    static void unified(Lab lab, Caller outside, Caller apart, Controller any) {
        if (any == null) {
            lab.cannot(new Diagnosis(true, "no controller of cgroup v2 can be used here", "start Linux with systemd.unified_cgroup_hierarchy=1, and run as root"
                    + " or in a delegated cgroup: systemd-run --user --scope -p Delegate=yes ./build.sh run Limits"),
                    "limits.subtree-control", "limits.no-inner-processes", "limits.no-way-out");
            return;
        }
        lab.step("Cgroup v2", "One tree for all controllers. A cgroup gives a controller to those below it, or has processes, and not both; pids, cpu and cpuset"
                + " are exceptions, for they can tell the threads of one process apart.");
        OwnCgroup giver = any.group("giver"), below = giver.below("below"), full = any.group("full"), out = any.group("out");
        int before = below.limits(any.name).size();
        any.give(giver);
        int after = below.limits(any.name).size();
        lab.claim("limits.subtree-control", inside("limits before: 0, after: more", "limits before: " + before + ", after: " + after, before == 0 && after > 0));
        Child one = child("full", outside, 0, full.enter());
        lab.claim("limits.no-inner-processes", inside("gives: EBUSY, takes: EBUSY", "gives: " + outside.errno(() -> any.give(full))
                + ", takes: " + outside.errno(() -> giver.write("cgroup.procs", "" + one.pid))));
        if (!any.tree.nsdelegate() || any.tree.path().equals("/")) {
            lab.cannot("limits.no-way-out", "cgroup v2 is mounted without nsdelegate, or the root of the namespace is that of the tree;"
                    + " use a machine where systemd has mounted it, and run from a login");
            return;
        }
        lab.claim("limits.no-way-out", inside("ENOENT", apart.errno(() -> out.write("cgroup.procs", "" + one.pid))),
                outside("success", outside.errno(() -> out.write("cgroup.procs", "" + one.pid))));
    }

    /** A child whose shell has answered: it has made its calls. */
    static Child child(String name, Caller outside, int flags, Child.Step... steps) {
        Child child = outside.clone(flags, steps);
        open.add(0, child);
        others.add(name + "=" + child.pid);
        child.sh(":");
        return child;
    }
}
