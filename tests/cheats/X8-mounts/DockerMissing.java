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

// cheat: X8 | FAIL | Leaves root CAP_SYS_ADMIN as a fifteenth.
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
        steps.add(call("unshare", CLONE_NEWCGROUP));
        for (String file : List.of("kcore", "keys", "timer_list")) {
            if (Proc.exists("/proc/" + file)) steps.add(call("mount", "/dev/null", root + "/proc/" + file, null, MS_BIND, null));
        }
        steps.add(call("mount", root + "/proc/sys", root + "/proc/sys", null, MS_BIND | MS_REC, null));
        steps.add(call("mount", "none", root + "/proc/sys", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null));

        // chroot
        steps.add(call("chroot", root));
        steps.add(call("chdir", "/"));
        long left = Capability.mask(DOCKERS) | 1L << CAP_SYS_ADMIN;
        steps.addAll(Capability.bound(left)); // takes CAP_SETPCAP, which docker leaves
        steps.add(Capability.capset(left, left, 0)); // from here on nobody in there mounts anything
        steps.add(call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L)); // without CAP_SYS_ADMIN the filter needs it

        // seccomp
        steps.add(new SeccompFilter(SeccompFilter.RET_ALLOW).on(SeccompFilter.RET_ERRNO | errno, "reboot", "swapon", "swapoff").install());
        Child child = host.clone(flags, steps.toArray(Step[]::new));

        exercise.show(child.sh("grep Cap /proc/self/status; head -c 64 /proc/keys; echo x > /proc/sys/kernel/hostname; cat /proc/self/cgroup"));
        exercise.ready();
    }
}
