///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/limits/Controllers.java
//SOURCES kit/limits/ForkBomb.java
//SOURCES kit/limits/Hog.java
//SOURCES kit/OrdinaryUser.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;
import static kit.limits.Hog.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;
import kit.limits.*;

/** Limit memory, processes and CPU time by cgroup controllers, which have nothing to do with the cgroup namespace; cgroups(7). */
public class Limits {
    static final String QUESTION = "What stops a program that wants all memory, all processes, or all CPU time: a namespace, or something else?";

    static final String CLAIMS = """
        limits.memory-kills       | CGR-04        | A process that needs more memory than its cgroup may have is ended by SIGKILL, and the same program without a limit is not.
        limits.kill-is-counted    | CGR-04        | The cgroup counts the processes that the kernel killed for want of memory: oom_kill.
        limits.namespace-alone    | CGR-04        | A new cgroup namespace alone limits nothing: the program that is killed elsewhere runs to its end in it.
        limits.same-inside        | CGR-01 CGR-04 | Who stands in a limited cgroup and in a cgroup namespace reads "/", and is killed by the limit just the same.
        limits.pids-stop-a-bomb   | CGR-04        | A fork bomb in a cgroup with pids.max = N never has more than N processes, and who stands outside goes on forking.
        limits.forks-are-counted  | CGR-04        | The fork(2) after the last one allowed fails with EAGAIN; pids.events counts each that failed, pids.current the processes.
        limits.parent-binds       | CGR-04        | A cgroup without a limit of its own is bound by that of the cgroup above it.
        limits.cpu-is-throttled   | CGR-04        | A busy loop with a quota of a few milliseconds in 100 is stopped when they are used up; the same loop beside it is not.
        limits.one-processor      | CGR-04        | A process in a cgroup with cpuset.cpus = N runs on processor N alone; sched_setaffinity(2) to another one fails with EINVAL.
        limits.needs-permission   | CGR-11        | Who does not own a cgroup's directory and files makes no cgroup there and moves nobody in: EACCES.
        limits.delegated          | CGR-11        | Who has been given a cgroup makes and limits others below it, and cannot lift the limit of the one he was given.
        limits.subtree-control    | CGR-04        | In cgroup v2 a cgroup has a controller's files only if the one above lists it in cgroup.subtree_control.
        limits.no-inner-processes | CGR-04        | In cgroup v2 a cgroup with processes does not give memory (or hugetlb, io) to those below it, and one that gives takes no process: EBUSY.
        limits.no-way-out         | CGR-13        | With the mount option nsdelegate nobody in a cgroup namespace moves a process out of its root: ENOENT.
        """;

    public static void main(String[] args) {
        new Lab("Limits", QUESTION, CLAIMS).main(args, lab -> new Limits(lab).run());
    }

    private final Lab lab;
    private final Caller outside = new Caller("outside");
    private final Map<String, Child> children = new LinkedHashMap<>();
    private Child.Step[] enter = {call("unshare", CLONE_NEWCGROUP)}; // how --shell gets where the limits are

    private Limits(Lab lab) {
        this.lab = lab;
    }

    private void run() throws Exception {
        lab.predict("A program fills 50 MB of memory, once in a new cgroup namespace, once in a cgroup with a limit of less. What happens to it?");
        Caller apart = outside.another("in a cgroup namespace");
        apart.unshare(CLONE_NEWCGROUP); // proves that this kernel does it at all, before anything is made
        lab.step("Before", "Which controllers can limit a child of this lab, and in which cgroups.");
        try (Controllers found = Controllers.find(lab, outside, "memory", "pids", "cpu", "cpuset", "hugetlb"); Caller user = OrdinaryUser.other(outside)) {
            Child limited = memory(found.get("memory"));
            pids(found.get("pids"));
            cpu(found.get("cpu"));
            cpuset(found.get("cpuset"));
            permission(found.get("pids"), user);
            unified(apart, found.unified("memory", "hugetlb"));
            lab.look(limited.pid, () -> outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(enter), "/bin/sh")),
                    children.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue().pid).toArray(String[]::new));

            lab.step("Clean-up", "The processes end, and the cgroups that the lab made are removed.");
            String link = Namespace.CGROUP.of(limited.pid);
            children.values().forEach(Child::close);
            lab.gone(link);
        }
        apart.close();
        outside.close();
        lab.next("./build.sh run Limits --shell, then: cat /proc/self/cgroup; dd if=/dev/zero of=/dev/null bs=50M count=1");
    }

    private Child memory(Controller memory) {
        lab.step("Memory", "A program that fills a buffer of some 50 MB, in several places. It ends with status 0 or, by SIGKILL, with 128 + 9.");
        int need = lab.token().number("need", 40 << 20, 56 << 20), max = lab.token().number("memory", 12, 24) << 20;
        String hog = Hog.memory(need), well = "wrote " + need + ", status 0";
        lab.show(hog);
        Child free = child("free", CLONE_NEWPID, call("unshare", CLONE_NEWCGROUP));
        NotIsolated.unlessDifferent("unshare(CLONE_NEWCGROUP)", outside.link(Namespace.CGROUP), Namespace.CGROUP.of(free.pid));
        lab.claim("limits.namespace-alone", inside(well, wrote(free.run(hog))), outside(well, wrote(outside.command(hog))));
        if (memory.cannot(lab, "limits.memory-kills", "limits.kill-is-counted", "limits.same-inside")) {
            return free;
        }
        OwnCgroup group = memory.group("limited");
        memory.limitMemory(group, max);
        Child plain = child("plain", CLONE_NEWPID, group.enter());
        lab.claim("limits.memory-kills", inside("limit " + max + ": wrote nothing, status 137", "limit " + max + ": " + wrote(plain.run(hog))),
                outside(well, wrote(outside.command(hog))));
        String events = memory.v2() ? "memory.events" : "memory.oom_control", id = memory.tree.id();
        lab.claim("limits.kill-is-counted", outside("oom_kill 1", "oom_kill " + group.read(events, "oom_kill")));
        enter = group.enter(enter);
        Child limited = child("limited", CLONE_NEWPID, enter);
        NotIsolated.unlessDifferent("unshare(CLONE_NEWCGROUP)", outside.link(Namespace.CGROUP), Namespace.CGROUP.of(limited.pid));
        lab.claim("limits.same-inside", inside("/: wrote nothing, status 137", CgroupTree.path(limited.sh("cat /proc/self/cgroup"), id) + ": " + wrote(limited.run(hog))),
                outside(CgroupTree.path(Proc.read("/proc/" + plain.pid + "/cgroup"), id) + ", oom_kill 2",
                        CgroupTree.path(Proc.read("/proc/" + limited.pid + "/cgroup"), id) + ", oom_kill " + group.read(events, "oom_kill")));
        return limited;
    }

    private void pids(Controller pids) throws InterruptedException {
        if (pids.cannot(lab, "limits.pids-stop-a-bomb", "limits.forks-are-counted", "limits.parent-binds")) {
            return;
        }
        int max = lab.token().number("pids", 5, 16);
        lab.step("Processes", "A fork bomb, where " + max + " processes are allowed: a function that starts itself twice. Then " + CROWD + " processes, one by one.");
        OwnCgroup bombed = pids.group("bombed"), group = pids.group("limited");
        bombed.write("pids.max", "" + max);
        group.write("pids.max", "" + max);
        lab.show(ForkBomb.BOMB);
        try (ForkBomb bomb = new ForkBomb(outside, bombed, max)) {
            long failed = bomb.failed(), most = bomb.most();
            lab.claim("limits.pids-stop-a-bomb", inside(max + " processes or fewer, forks that failed: some", most + " processes, forks that failed: " + failed,
                    most <= max && failed > 0), outside("fork: success", "fork: " + outside.errnos(0, UserMap.NONE, Child.spawn("/bin/true")).get(0)));
        }
        String stopped = (max - 1) + " started, then EAGAIN", crowd = crowd(outside, group); // the one that starts them is there as well
        long failed = group.read("pids.events", "max");
        child("crowd", CLONE_NEWPID, group.enter(crowd()));
        lab.claim("limits.forks-are-counted", inside(stopped, crowd), outside(CROWD + " started, limited: " + (CROWD - max + 1) + " failed, " + max + " are there",
                crowd(outside, pids.group("free")) + ", limited: " + failed + " failed, " + group.read("pids.current") + " are there"));
        OwnCgroup outer = pids.group("outer"), inner = outer.below("inner");
        outer.write("pids.max", "" + max);
        pids.give(outer);
        lab.claim("limits.parent-binds", inside("limit max: " + stopped, "limit " + inner.read("pids.max") + ": " + crowd(outside, inner)));
    }

    private void cpu(Controller cpu) throws InterruptedException {
        if (cpu.cannot(lab, "limits.cpu-is-throttled")) {
            return;
        }
        int quota = lab.token().number("cpu", 3, 8);
        lab.step("CPU time", "Two endless loops, side by side. One may run for " + quota + " ms in each period of 100 ms.");
        OwnCgroup slow = cpu.group("slow"), fast = cpu.group("fast");
        cpu.limitTime(slow, quota);
        children.put("busy", loop(outside, slow.enter()));
        Race race = Race.run(outside, children.get("busy"), slow, fast);
        long free = fast.read("cpu.stat", "nr_throttled");
        lab.claim("limits.cpu-is-throttled", inside("throttled 5 times or more", "throttled " + race.throttled() + " times, ran for " + race.used() + " ms", race.throttled() >= 5),
                outside("throttled 0 times, ran at least twice as long", "throttled " + free + " times, ran for " + race.other() + " ms", free == 0 && race.other() >= 2 * race.used()));
    }

    private void cpuset(Controller cpuset) {
        String allowed = Proc.status("self", "Cpus_allowed_list"), last = allowed.replaceFirst(".*\\D", "");
        if (last.equals(allowed)) {
            lab.cannot("limits.one-processor", "this process may use one processor only; use a machine that has two");
        } else if (!cpuset.cannot(lab, "limits.one-processor")) {
            int another = Integer.parseInt(allowed.replaceFirst("\\D.*", ""));
            lab.step("Processors", "A child may use processor " + last + " of " + allowed + ", and asks for processor " + another + ".");
            OwnCgroup group = cpuset.group("one");
            group.write("cpuset.cpus", last);
            Child one = child("pinned", 0, group.enter());
            lab.claim("limits.one-processor", inside(last + ", nproc 1, EINVAL", Proc.status(one.pid, "Cpus_allowed_list") + ", nproc " + one.sh("nproc") + ", "
                    + outside.errnos(0, UserMap.NONE, group.enter(runOn(another))).get(1)), outside("success", outside.errnos(0, UserMap.NONE, runOn(another)).get(0)));
        }
    }

    private void permission(Controller pids, Caller user) {
        lab.step("Who may", "A cgroup is a directory: its owner and mode say who may make others in it, and write to its files.");
        boolean other = user.call(Libc::getuid) == OrdinaryUser.UID;
        String guarded = CgroupTree.top(directory -> other || !Files.isWritable(directory));
        if (guarded == null) {
            lab.cannot("limits.needs-permission", "no cgroup is mounted here that does not belong to you; run outside of a container");
        } else {
            lab.claim("limits.needs-permission", inside("mkdir: EACCES, open: EACCES", "mkdir: " + user.errno(() -> {
                mkdir(guarded + "/nslabs-refused", 0755);
                rmdir(guarded + "/nslabs-refused"); // it was not refused
            }) + ", open: " + user.errno(() -> close(open(guarded + "/cgroup.procs", O_WRONLY | O_CLOEXEC, 0)))));
        }
        if (pids.cannot(lab, "limits.delegated")) {
            return;
        }
        OwnCgroup given = pids.group("given");
        if (other) { // these and no others: the limits stay with root; cgroups(7), "Delegation"
            outside.sh("cd " + given.path + " && chown " + OrdinaryUser.UID + " . cgroup.procs" + (pids.v2() ? " cgroup.subtree_control" : ""));
        }
        String max = "" + lab.token().number("below", 20, 40), below = given.path + "/below";
        // An ordinary user was given a cgroup before the lab began: the first one upwards whose limit is not his.
        String limit = other ? given.path + "/pids.max" : Controller.foreign(given, "pids.max");
        if (limit == null) {
            lab.cannot("limits.delegated", "no cgroup above this process has a limit that does not belong to you; run as root");
            return;
        }
        String made = "mkdir: " + user.errno(() -> mkdir(below, 0755)) + ", limit: " + user.errno(() -> {
            pids.give(given);
            Proc.write(below + "/pids.max", max);
        });
        lab.claim("limits.delegated", inside("mkdir: success, limit: success, the limit above: EACCES",
                made + ", the limit above: " + user.errno(() -> close(open(limit, O_WRONLY | O_CLOEXEC, 0)))), outside(max, outside.sh("cat " + below + "/pids.max")));
    }

    private void unified(Caller apart, Controller any) {
        if (any == null) {
            lab.cannot(new Diagnosis(true, "no controller of cgroup v2 can be used here", "start Linux with systemd.unified_cgroup_hierarchy=1, and run as root"
                    + " or in a delegated cgroup: systemd-run --user --scope -p Delegate=yes ./build.sh run Limits"),
                    "limits.subtree-control", "limits.no-inner-processes", "limits.no-way-out");
            return;
        }
        lab.step("Cgroup v2", "One tree for all controllers. A cgroup gives a controller to those below it, or has processes, and not both; pids, cpu and cpuset"
                + " are exceptions, for they can tell the threads of one process apart.");
        OwnCgroup giver = any.group("giver"), below = giver.below("below"), full = any.group("full"), out = any.group("out");
        boolean none = below.limits(any.name).isEmpty();
        any.give(giver);
        lab.claim("limits.subtree-control", inside("before: none, after: some", "before: " + (none ? "none" : "some") + ", after: " + (below.limits(any.name).isEmpty() ? "none" : "some")));
        Child one = child("full", 0, full.enter());
        lab.claim("limits.no-inner-processes", inside("gives: EBUSY, takes: EBUSY", "gives: " + outside.errno(() -> any.give(full))
                + ", takes: " + outside.errno(() -> giver.write("cgroup.procs", "" + one.pid))));
        if (!any.tree.nsdelegate() || any.tree.path().equals("/")) {
            lab.cannot("limits.no-way-out", "cgroup v2 is mounted without nsdelegate, or this is the root of its tree; use a machine that systemd runs, from a login");
            return;
        }
        lab.claim("limits.no-way-out", inside("ENOENT", apart.errno(() -> out.write("cgroup.procs", "" + one.pid))),
                outside("success", outside.errno(() -> out.write("cgroup.procs", "" + one.pid))));
    }

    /** A child whose shell has answered: it has made its calls. */
    private Child child(String name, int flags, Child.Step... steps) {
        Child child = outside.clone(flags, steps);
        children.put(name, child);
        child.sh(":");
        return child;
    }
}
