///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Capability.java
//SOURCES kit/CgroupPlace.java
//SOURCES kit/CgroupTree.java
//SOURCES kit/OwnCgroup.java
//SOURCES kit/Clone3.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Clone3.*;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;
import kit.Clone3.Made;

/** Make a child that starts in new namespaces, by clone(2) and by clone3(2). */
public class Clone {
    static final String QUESTION = "Who stands in the new namespaces after clone(2): the caller, its child, or both?";

    static final String CLAIMS = """
        clone.child-alone              | UTS-02 GEN-18 | clone(2) with CLONE_NEWUTS puts the new child inside; the caller, its other threads and its earlier children stay.
        clone.one-thread               | JVM-05 USR-24 | Of a process with many threads only the caller is copied: the child has one thread, and may do what the JVM may not, such as unshare(CLONE_NEWUSER).
        clone.refused-together         | IPC-16 USR-33 | What parent and child share they cannot part: CLONE_NEWNS|CLONE_FS, CLONE_NEWUSER|CLONE_FS and CLONE_NEWIPC|CLONE_SYSVSEM give EINVAL, though each flag alone does not.
        clone.all-eight                | GEN-05 TIM-01 | clone3(2) makes namespaces of all eight types in one call. clone(2) makes seven: to it, the bit of CLONE_NEWTIME is a part of the exit signal.
        clone.with-the-same-parent     | API-19 PID-27 | CLONE_PARENT is accepted beside CLONE_NEWUSER and CLONE_NEWPID, although clone(2) says EINVAL: the child's parent is then the caller's.
        clone.exit-signal              | API-10        | The parent gets the exit signal that it asked for, and SIGUSR1 ends one that does not handle it; but execve(2) in the child sets it back to SIGCHLD.
        clone.size-and-pointer         | API-10        | clone3(2) checks the size of its arguments, 0 or less than 64 bytes give EINVAL, and their address: EFAULT.
        clone.unknown-arguments        | API-10        | Arguments of a later version are accepted as long as they are 0, else E2BIG; an unknown flag gives EINVAL.
        clone.pidfd                    | API-10        | CLONE_PIDFD gives the caller a file descriptor that names the child and no later process with its number: fdinfo tells the PID, waitid(2) waits for it.
        clone.set-tid                  | PID-32        | With set_tid the caller of clone3(2) chooses the child's PIDs, in its own PID namespace and in those above.
        clone.set-tid-taken            | PID-32        | A number that is in use gives EEXIST.
        clone.set-tid-needs-capability | PID-32        | Without CAP_SYS_ADMIN and CAP_CHECKPOINT_RESTORE set_tid gives EPERM.
        clone.into-cgroup              | CGR-12        | With CLONE_INTO_CGROUP the child starts in another cgroup of cgroup v2 than its parent, which stays where it is.
        """;

    static final int SEVEN = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS;

    public static void main(String[] args) {
        new Lab("Clone", QUESTION, CLAIMS).main(args, Clone::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A thread calls clone(CLONE_NEWUTS) and its child sethostname(2). Whose hostname is new: the thread's, that of"
                + " another thread of the JVM, that of a child from before?");
        String name = "in-" + lab.token().hex("hostname");

        lab.step("Before", "One thread of this JVM plays the host. It has a child already, and another thread stands beside it.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        Caller thread = outside.another("another thread");
        Child earlier = outside.clone(0);
        String hostname = outside.call(Libc::gethostname), link = outside.link(Namespace.UTS);

        lab.step("Change", "It calls clone(CLONE_NEWUTS|SIGCHLD). The child calls sethostname(2), then execve(2) of a shell.");
        // tag::change[]
        Child child = outside.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        // end::change[]
        String inside = child.sh("uname -n");

        lab.step("Who moves", "");
        lab.sides("", "before", "after");
        lab.sides("the caller", link, outside.link(Namespace.UTS) + " " + outside.call(Libc::gethostname));
        lab.sides("another thread", link, thread.link(Namespace.UTS) + " " + thread.call(Libc::gethostname));
        lab.sides("an earlier child", link, Namespace.UTS.of(earlier.pid) + " " + earlier.sh("uname -n"));
        lab.sides("the new child", "-", Namespace.UTS.of(child.pid) + " " + inside);
        lab.claim("clone.child-alone", inside(name, inside), outside(Stream.of(link, link, link, hostname).toList(),
                List.of(outside.link(Namespace.UTS), thread.link(Namespace.UTS), Namespace.UTS.of(earlier.pid), outside.call(Libc::gethostname))));
        if (lab.can(outside, CLONE_NEWUSER, "clone.one-thread")) {
            lab.claim("clone.one-thread", inside("success", outside.errnos(0, UserMap.NONE, call("unshare", CLONE_NEWUSER)).get(0)),
                    outside("EINVAL", outside.errno(() -> unshare(CLONE_NEWUSER))));
        }

        String probe = outside.errnos(0, UserMap.NONE, call("syscall", SYS_clone3, 0L, 0L)).get(0);
        if (probe.equals("ENOSYS")) {
            withoutClone3(lab, child, outside);
        } else {
            clone3(lab, outside, child);
        }

        lab.step("Clean-up", "The children and the threads end; a UTS namespace without members is gone.");
        String left = Namespace.UTS.of(child.pid);
        for (AutoCloseable each : List.of(child, earlier, thread, outside)) {
            each.close();
        }
        lab.gone(left);
        lab.next("strace -f -e trace=clone,clone3 sh -c 'unshare --uts true; true': which call makes which process, with which flags?");
    }

    static void withoutClone3(Lab lab, Child child, Caller outside) {
        for (String id : List.of("refused-together", "all-eight", "with-the-same-parent", "exit-signal", "size-and-pointer", "unknown-arguments",
                "pidfd", "set-tid", "set-tid-taken", "set-tid-needs-capability", "into-cgroup")) {
            lab.cannot("clone." + id, "clone3(2) gives ENOSYS: Linux " + Machine.kernel() + " is older than 5.3, or a container's seccomp"
                    + " filter hides the call; run on a newer kernel, outside of the container");
        }
        lab.look(child.pid, () -> shell(outside));
    }

    static Child shell(Caller outside) {
        return outside.call(() -> Child.interactive(CLONE_NEWUTS, UserMap.NONE, List.of(), "/bin/sh"));
    }

    static void clone3(Lab lab, Caller outside, Child child) throws Exception {
        lab.step("clone3(2)", "The same with a struct of arguments instead of five words: more flags, and values beside them.");
        arguments(lab, outside);
        together(lab, outside);

        Made eight = new Clone3(SEVEN | CLONE_NEWTIME).make(outside, 0);
        lab.sides("", "the child of clone3", "the caller");
        Stream.of(Namespace.values()).forEach(type -> lab.sides(type.proc, type.of(eight.pid), outside.link(type)));
        lab.claim("clone.all-eight", inside("8 new ones", Stream.of(Namespace.values())
                        .filter(type -> !type.of(eight.pid).equals(outside.link(type))).count() + " new ones"),
                outside("clone(CLONE_NEWTIME): none", "clone(CLONE_NEWTIME): " + madeByClone(outside)));

        Made sibling = new Clone3(CLONE_PARENT | CLONE_NEWUSER | CLONE_NEWPID).exitSignal(0).make(outside, 0);
        lab.claim("clone.with-the-same-parent", inside("parent " + getpid(), "parent " + Proc.status(sibling.pid, "PPid")),
                outside("the caller: " + sibling.maker.pid + ", its parent: " + getpid(),
                        "the caller: " + sibling.maker.pid + ", its parent: " + Proc.status(sibling.maker.pid, "PPid")));

        int number = lab.token().number("set_tid", 300, 30_000); // below the smallest usual kernel.pid_max, 32768
        Made chosen = new Clone3(CLONE_NEWPID).setTid(1, number).make(outside, CLONE_NEWPID);
        lab.claim("clone.set-tid", outside(chosen.pid + " " + number + " 1", Proc.status(chosen.pid, "NSpid")),
                inside("the caller is " + Proc.status(chosen.maker.pid, "NSpid"), "the caller is " + chosen.maker.pid + " 1"));
        lab.claim("clone.set-tid-taken", inside("1 again: EEXIST",
                "1 again: " + outside.errnos(CLONE_NEWPID, UserMap.NONE, new Clone3(0).setTid(1).step(SIZE)).get(0)));
        lab.claim("clone.set-tid-needs-capability", inside("EPERM", outside.errnos(CLONE_NEWPID, UserMap.NONE, Capability.capset(0, 0, 0),
                new Clone3(0).setTid(number).step(SIZE)).get(1)));

        try (CgroupPlace place = CgroupPlace.find(lab, outside)) {
            List<String> others = new ArrayList<>(List.of("eight=" + eight.pid, "sibling=" + sibling.pid, "chosen=" + chosen.pid, "maker=" + chosen.maker.pid));
            Made placed = intoCgroup(lab, outside, place);
            if (placed != null) {
                others.add("placed=" + placed.pid);
            }
            lab.look(child.pid, () -> shell(outside), others.toArray(String[]::new));
            for (Made each : Stream.of(placed, chosen, sibling, eight).filter(each -> each != null).toList()) {
                each.close();
            }
        }
        endings(lab, outside);
    }

    /** What clone(2) makes of the flag that it does not have. */
    static String madeByClone(Caller outside) {
        try (Child child = outside.clone(CLONE_NEWTIME)) {
            return Namespace.TIME.of(child.pid);
        } catch (NotIsolated e) {
            return "none";
        }
    }

    static void arguments(Lab lab, Caller outside) {
        lab.claim("clone.size-and-pointer", inside("size 0: EINVAL, 63: EINVAL, 64: success; address 1: EFAULT",
                "size 0: " + refusal(outside, new Clone3(0).step(0)) + ", 63: " + refusal(outside, new Clone3(0).step(FIRST_SIZE - 1))
                        + ", 64: " + refusal(outside, new Clone3(0).step(FIRST_SIZE))
                        + "; address 1: " + refusal(outside, call("syscall", SYS_clone3, 1L, SIZE))));
        lab.claim("clone.unknown-arguments", inside("0: success, 1: E2BIG; flag: EINVAL",
                "0: " + refusal(outside, new Clone3(0).unknown(0).step(SIZE + 512)) + ", 1: " + refusal(outside, new Clone3(0).unknown(1).step(SIZE + 512))
                        + "; flag: " + refusal(outside, new Clone3(1L << 62).step(SIZE))));
    }

    static String refusal(Caller outside, Child.Step step) {
        return outside.errnos(0, UserMap.NONE, step).get(0);
    }

    static void together(Lab lab, Caller outside) {
        if (!lab.can(outside, CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWIPC, "clone.refused-together")) {
            return;
        }
        List<Integer> pairs = List.of(CLONE_NEWNS, CLONE_FS, CLONE_NEWUSER, CLONE_FS, CLONE_NEWIPC, CLONE_SYSVSEM);
        List<String> alone = pairs.stream().distinct().map(flag -> refusal(outside, new Clone3(flag).step(SIZE))).toList();
        String both = Stream.of(0, 2, 4).map(i -> refusal(outside, new Clone3(pairs.get(i) | pairs.get(i + 1)).step(SIZE))).collect(Collectors.joining(" "));
        lab.claim("clone.refused-together", inside("together: EINVAL EINVAL EINVAL", "together: " + both),
                outside("each alone: [success]", "each alone: " + alone.stream().distinct().toList()));
    }

    static Made intoCgroup(Lab lab, Caller outside, CgroupPlace place) {
        if (place.made == null || !place.tree.unified()) {
            lab.cannot("clone.into-cgroup", "this process may make no cgroup of cgroup v2 (cgroups here: " + Machine.cgroupVersion() + "); run as root,"
                    + " or in a delegated cgroup: systemd-run --user --scope -p Delegate=yes ./build.sh run Clone");
            return null;
        }
        int directory = open(place.directory(), O_RDONLY | O_CLOEXEC, 0);
        Made placed = new Clone3(CLONE_INTO_CGROUP).cgroup(directory).make(outside, 0);
        close(directory);
        lab.claim("clone.into-cgroup", inside(place.path, CgroupTree.path(placed.sh("cat /proc/self/cgroup"), "0")),
                outside(place.tree.path(), CgroupTree.path(Proc.read("/proc/" + placed.maker.pid + "/cgroup"), "0")));
        return placed;
    }

    static void endings(Lab lab, Caller outside) {
        lab.step("The end of a child", "Its parent hears of it by a signal, or by a pidfd.");
        try (Made made = new Clone3(0).make(outside, 0)) {
            String fdinfo = Proc.read("/proc/" + made.maker.pid + "/fdinfo/0").replaceAll("(?s).*\nPid:\\s+(\\d+).*", "$1");
            lab.claim("clone.pidfd", outside(made.pid, fdinfo), inside(made.pid + " " + SIGKILL, made.kill()));
        }
        try (Made other = new Clone3(0).exitSignal(SIGUSR1).make(outside, 0)) {
            other.kill();
            lab.claim("clone.exit-signal", inside("SIGUSR1: ended by " + SIGUSR1 + ", SIGCHLD: goes on, SIGUSR1 and execve: goes on",
                    "SIGUSR1: " + parent(SIGUSR1, outside) + ", SIGCHLD: " + parent(SIGCHLD, outside) + ", SIGUSR1 and execve: " + other.maker.sh("echo goes on")));
        }
    }

    static String parent(int exitSignal, Caller outside) {
        int status = new Clone3(0).exitSignal(exitSignal).makersEnd(outside);
        return status > 128 ? "ended by " + (status - 128) : "goes on";
    }
}
