///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Capability.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/SeccompFilter.java
//SOURCES ../kit/Syscall.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.Child.Step;

/*
 * Exercise DockerMissing | lab Docker | difficulty 4
 *
 * "Docker is chroot + namespaces + seccomp." Here is a process made so. Add what the sentence leaves out, without taking anything away.
 *
 *   docker.fewer-capabilities    | 3 | Root has the fourteen capabilities that docker leaves it, and no other: permitted, effective, in the bounding set.
 *   docker.masked-paths          | 3 | Of /proc/kcore, /proc/keys and /proc/timer_list there is nothing to read, and no file in /proc/sys can be written.
 *   docker.sentence-is-too-short | 2 | All of that is true of one process, which stands in a cgroup namespace of its own as well.
 *
 * Read: capabilities(7), mount(2), cgroup_namespaces(7)
 */
class DockerMissing {
    /** What docker leaves to root, unless it is told otherwise. */
    static final List<String> DOCKERS = List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
            "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP");

    public static void main(String[] args) {
        new Exercise("DockerMissing").main(args, DockerMissing::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        int errno = exercise.number("errno", 44, 58);
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWNS);
        String root = Tmpfs.mount(host) + "/root";
        host.run(() -> mkdir(root, 0755));
        RootFs.make(host, root);
        host.sh(": > " + root + "/dev/null");

        // namespaces
        int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
        List<Step> steps = new ArrayList<>(); // what the child calls, one after the other, before it becomes a shell
        steps.add(call("sethostname", name, (long) name.length()));
        steps.add(call("mount", "proc", root + "/proc", "proc", 0L, null));
        steps.add(call("mount", "/dev/null", root + "/dev/null", null, MS_BIND, null));
        // TODO 1: a cgroup namespace
        // TODO 2: mounts that hide files of /proc, and make /proc/sys read-only (a second mount(2) on the same place changes the flags)

        // chroot
        steps.add(call("chroot", root));
        steps.add(call("chdir", "/"));
        // TODO 3: the capabilities; which step takes CAP_SETPCAP, and what does the filter need?

        // seccomp
        steps.add(new SeccompFilter(SeccompFilter.RET_ALLOW).on(SeccompFilter.RET_ERRNO | errno, "reboot", "swapon", "swapoff").install());
        Child child = host.clone(flags, steps.toArray(Step[]::new));

        exercise.show(child.sh("grep Cap /proc/self/status; head -c 64 /proc/keys; echo x > /proc/sys/kernel/hostname; cat /proc/self/cgroup"));
        exercise.ready();
    }
}
