///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.List;
import kit.*;

/** Give a process the number 1 in a PID namespace of its own, and see who knows it by which number; pid_namespaces(7), proc(5). */
public class Pid {
    static final String QUESTION = "Can there be a second process number 1, and which processes does it see?";

    static final String CLAIMS = """
        pid.unshare-moves-children | PID-01        | unshare(CLONE_NEWPID) does not move the caller, whose PID namespace stays: only its later children are inside.
        pid.many-threads-may       | PID-29        | A process with many threads may call unshare(CLONE_NEWPID), although unshare(2) says EINVAL: only the calling thread's children move.
        pid.no-namespace-yet       | PID-20        | Before the first child the link pid_for_children leads nowhere: ENOENT.
        pid.unshare-only-once      | PID-19        | A second unshare(CLONE_NEWPID) of the same caller fails with EINVAL.
        pid.first-is-one           | PID-02        | The first process in a PID namespace is number 1: getpid() says so.
        pid.parent-is-zero         | PID-03        | Its getppid() is 0, because its parent has no number inside; outside the parent is known.
        pid.counts-from-one        | PID-05        | The second process is number 2.
        pid.two-numbers            | PID-04        | A process has a number in its own PID namespace and in every one above: NSpid lists them.
        pid.a-tree                 | PID-04        | PID namespaces form a tree: two levels down a process has three numbers, and the level between sees the last two.
        pid.last-number            | PID-31        | /proc/sys/kernel/ns_last_pid belongs to the PID namespace: written inside, it chooses the next number there.
        pid.proc-of-its-mounter    | PID-08        | A mounted /proc shows the PID namespace in which it was mounted: inside, the old /proc/self is the number outside.
        pid.ps-still-shows-all     | PID-08        | So ps aux inside still lists the processes outside.
        pid.own-proc               | PID-09        | With a proc mounted inside, /proc holds only the namespace's own processes, and /proc/self is 1 for its first.
        pid.ps-shows-inside-only   | PID-09        | After that mount ps aux lists none of the processes outside; outside nothing has changed.
        pid.inside-cannot-signal   | PID-06        | Inside there is no number for a process outside: kill(2) with its outside number fails with ESRCH.
        pid.outside-signals        | PID-07        | Outside every process of the namespace has a number and can be killed by it.
        pid.nests-32-deep          | PID-21        | PID namespaces nest at most 32 deep, then unshare(2) fails with ENOSPC.
        pid.no-way-up              | PID-23        | setns(2) leads only downwards: to an ancestor it fails with EINVAL.
        pid.visitor-has-no-parent  | PID-24        | A process that came in by setns(2) and fork(2) has getppid() 0.
        pid.threads-stay-together  | PID-27        | clone(CLONE_NEWPID|CLONE_THREAD) fails with EINVAL: the threads of a process share one PID namespace.
        """;

    public static void main(String[] args) {
        new Lab("Pid", QUESTION, CLAIMS).main(args, Pid::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A shell gets number 1 in a PID namespace of its own. What number has it outside? What will"
                + " ps aux show inside? Can it kill a process outside, and can one outside kill a process in there?");

        lab.step("Before", "A thread of this JVM stays outside. It has a child, a sleep(1), for the inside to find.");
        Caller outside = new Caller("outside");
        String seconds = "" + lab.token().number("sleep", 1_000_000, 9_000_000);
        Child sleep = outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sleep", seconds));
        lab.show("sleep " + seconds + " is process " + sleep.pid + " in " + outside.link(Namespace.PID));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWPID|CLONE_NEWNS); the new mount list is for a /proc of its own.");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWPID | CLONE_NEWNS);
        inside.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null)); // what is mounted here stays here
        // end::change[]
        lab.claim("pid.unshare-moves-children", inside(outside.link(Namespace.PID), inside.link(Namespace.PID)));
        String threads = Proc.status("self", "Threads");
        lab.claim("pid.many-threads-may", inside("more than 1 thread", threads + " threads", Integer.parseInt(threads) > 1));
        lab.claim("pid.no-namespace-yet",
                inside("ENOENT", inside.errno(() -> open("/proc/thread-self/ns/pid_for_children", O_RDONLY | O_CLOEXEC, 0))));
        lab.claim("pid.unshare-only-once", inside("EINVAL", inside.errno(() -> Libc.unshare(CLONE_NEWPID))));

        lab.step("Inside and outside", "Its first child, by clone(2) with no flag, becomes a shell.");
        // tag::change[]
        Child init = inside.clone(0);
        // end::change[]
        String link = Namespace.PID.of(init.pid);
        lab.sides("", "inside", "outside");
        lab.sides("/proc/PID/ns/pid", link, outside.link(Namespace.PID));
        lab.sides("PID of the shell", init.sh("echo $$"), init.pid);
        lab.sides("PID of its parent", init.sh("echo $PPID"), Proc.status(init.pid, "PPid"));
        lab.claim("pid.first-is-one", inside(1, init.sh("echo $$")));
        lab.claim("pid.parent-is-zero", inside(0, init.sh("echo $PPID")), outside(getpid(), Proc.status(init.pid, "PPid")));
        String second = init.sh("sleep 100000 & echo $!");
        lab.claim("pid.counts-from-one", inside(2, second));
        lab.claim("pid.two-numbers", outside(init.pid + " 1", Proc.status(init.pid, "NSpid")));

        boolean ownProc = proc(lab, outside, init, seconds, second);
        int chosenPid = chooseNumber(lab, init, link);
        Child middle = inside.clone(0, call("unshare", CLONE_NEWPID)); // its own children stand one level below
        int deepPid = tree(lab, init, middle, ownProc);
        int secondPid = Proc.pidOf(link, second);
        lab.look(init.pid, inside::shell, "sleep=" + sleep.pid, "second=" + secondPid, "chosen=" + chosenPid,
                "middle=" + middle.pid, "deep=" + deepPid);

        lab.step("Who reaches whom", "Downwards everything has a number and can be signalled, upwards nothing.");
        lab.claim("pid.inside-cannot-signal",
                inside("ESRCH", outside.errnos(CLONE_NEWPID, UserMap.NONE, call("kill", sleep.pid, SIGKILL)).get(0)),
                outside("alive", sleep.alive() ? "alive" : "ended"));
        lab.claim("pid.outside-signals", outside("success", outside.errno(() -> kill(secondPid, SIGKILL))),
                inside(128 + SIGKILL, init.sh("{ wait " + second + "; } 2>/dev/null; echo $?")));
        Caller visitor = outside.another("visitor");
        visitor.run(() -> setns(open("/proc/" + init.pid + "/ns/pid", O_RDONLY | O_CLOEXEC, 0), CLONE_NEWPID));
        Child guest = visitor.clone(0);
        lab.claim("pid.visitor-has-no-parent", inside(0, guest.sh("echo $PPID")), outside(getpid(), Proc.status(guest.pid, "PPid")));
        limits(lab, outside, init, ownProc);

        lab.step("Clean-up", "The threads and children end; a PID namespace ends with its number 1.");
        // Number 1 comes after the others in there: it can not end before them.
        for (AutoCloseable each : List.of(guest, middle, init, sleep, visitor, inside, outside)) {
            each.close();
        }
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Pid --hold, then sudo nsenter --pid --mount --target PID ps aux,"
                + " and grep NSpid /proc/PID/status.");
    }

    /** /proc before and after a proc is mounted inside: whether this machine allows that. */
    static boolean proc(Lab lab, Caller outside, Child init, String seconds, String second) {
        lab.step("/proc", "The seed's puzzle: a PID namespace of its own, and ps(1) still shows the whole machine.");
        String self = "read pid rest < /proc/self/stat; echo $pid"; // by the shell itself, without a further process
        lab.claim("pid.proc-of-its-mounter", inside(init.pid, init.sh(self)));
        boolean ps = Machine.has("ps") && Machine.has("unshare");
        String before = "";
        if (ps) {
            // As number 1, which exists on both sides: ps(1) gives up when /proc does not know the number that it has.
            before = outside.sh("unshare --pid --fork ps aux");
            lab.claim("pid.ps-still-shows-all", inside("it is listed", listed(before, seconds)));
        } else {
            lab.cannot(Diagnosis.missing("ps' or 'unshare", "procps util-linux"), "pid.ps-still-shows-all", "pid.ps-shows-inside-only");
        }
        Output mount = init.run("mount -t proc proc /proc");
        Diagnosis refusal = mount.ok() ? null : Diagnosis.of("mount(proc, /proc)", Errno.EPERM, 0);
        if (refusal != null && refusal.known()) {
            lab.cannot(refusal, ps ? new String[] {"pid.own-proc", "pid.ps-shows-inside-only"} : new String[] {"pid.own-proc"});
            return false;
        }
        lab.claim("pid.own-proc", inside("1 " + second + "; self 1", init.sh("cd /proc; echo [0-9]*; cd /") + "; self " + init.sh(self)));
        if (ps) {
            String after = init.sh("ps aux");
            lab.show("unshare --pid --fork ps aux printed " + before.lines().count() + " lines. Now ps aux prints:\n" + after);
            lab.claim("pid.ps-shows-inside-only", inside("it is not listed", listed(after, seconds)),
                    outside("it is listed", listed(outside.sh("ps aux"), seconds)));
        }
        return mount.ok();
    }

    static String listed(String ps, String seconds) {
        return ps.lines().anyMatch(line -> line.endsWith("sleep " + seconds)) ? "it is listed" : "it is not listed";
    }

    /** The PID outside of a process that has a chosen number inside. */
    static int chooseNumber(Lab lab, Child init, String link) {
        int number = lab.token().number("pid", 20_000, 30_000); // below the smallest usual kernel.pid_max, 32768
        Output write = init.run("echo " + (number - 1) + " > /proc/sys/kernel/ns_last_pid");
        String chosen = init.sh("sleep 100000 & echo $!");
        int pid = Proc.pidOf(link, chosen);
        if (write.ok()) {
            lab.claim("pid.last-number", inside(number, chosen), outside(pid + " " + number, Proc.status(pid, "NSpid")));
        } else {
            lab.cannot(new Diagnosis(true, "ns_last_pid cannot be written (" + write.text() + "): the kernel has no"
                    + " CONFIG_CHECKPOINT_RESTORE, or /proc/sys is read-only as in a container",
                    "use another kernel, or run outside of the container"), "pid.last-number");
        }
        return pid;
    }

    /** A process two levels down, its PID outside. */
    static int tree(Lab lab, Child init, Child middle, boolean ownProc) {
        String number = middle.sh("sleep 100000 & echo $!"); // what fork(2) returns is the number in the parent's namespace
        int pid = Proc.pidOf(Proc.readlink("/proc/" + middle.pid + "/ns/pid_for_children"), "1");
        Claim.Side above = outside(pid + " " + number + " 1", Proc.status(pid, "NSpid"));
        if (ownProc) {
            String between = init.sh("sed -n 's/^NSpid:[^0-9]*//p' /proc/" + number + "/status").replace('\t', ' ');
            lab.claim("pid.a-tree", inside(number + " 1", between), above);
        } else {
            lab.claim("pid.a-tree", above);
        }
        return pid;
    }

    static void limits(Lab lab, Caller outside, Child init, boolean ownProc) {
        lab.step("Limits", "How deep, which way, and what clone(2) refuses.");
        lab.claim("pid.threads-stay-together",
                inside("EINVAL", outside.errno(() -> Child.clone(CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM))));
        if (!Machine.has("unshare") || !Machine.has("nsenter")) {
            lab.cannot(Diagnosis.missing("unshare' or 'nsenter", "util-linux"), "pid.nests-32-deep", "pid.no-way-up");
            return;
        }
        // Each level makes the next one; the last, which can not, tells its numbers: one for each level that /proc can see.
        String deep = init.sh("export LC_ALL=C deeper='unshare --pid --fork sh -c \"$deeper\" || grep NSpid /proc/self/status';"
                + " sh -c \"$deeper\"");
        int levels = deep.substring(deep.indexOf("NSpid")).split("\\s+").length - (ownProc ? 1 : 2);
        String error = deep.contains("No space left on device") ? "ENOSPC" : deep;
        lab.claim("pid.nests-32-deep", inside("ENOSPC at 32 levels or less (those above this lab are not seen)",
                error + " at " + levels + " levels", error.equals("ENOSPC") && levels <= 32));
        String up = init.sh("unshare --pid --fork nsenter --pid=/proc/" + (ownProc ? 1 : init.pid) + "/ns/pid true");
        lab.claim("pid.no-way-up", inside("EINVAL", up.endsWith("Invalid argument") ? "EINVAL" : up));
    }
}
