///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X5 | FAIL | The host is well, since the container has no proc.
class PropagationProc {
    public static void main(String[] args) {
        new Exercise("PropagationProc").main(args, PropagationProc::solve);
    }

    static void solve(Exercise exercise) {
        Caller host = host(exercise.value("first")), broken = host(exercise.value("second"));

        // Each call(...) is a system call that the child makes, one after the other, before it becomes a shell.
        Child container = host.clone(CLONE_NEWPID | CLONE_NEWNS,
                call("getppid"));
        exercise.show("container: " + container.sh("echo /proc/[0-9]*"));

        Child seed = broken.clone(CLONE_NEWPID | CLONE_NEWNS, call("mount", "proc", "/proc", "proc", 0L, null));
        seed.sh("echo the seed is here");
        seed.close(); // the container has ended, and its proc stays on the host

        broken.run(() -> umount2("/proc", 0));
        exercise.show("first host: " + host.sh("grep -c ' /proc ' /proc/self/mountinfo"));
        exercise.show("second host: " + broken.sh("grep -c ' /proc ' /proc/self/mountinfo"));
        exercise.ready();
    }

    /** A thread that plays a host, in a mount namespace cut off from the real one, with something on /mnt to know it by. */
    static Caller host(String name) {
        Caller host = new Caller(name);
        host.unshare(CLONE_NEWNS);
        host.run(() -> {
            mount("none", "/", null, MS_REC | MS_PRIVATE, null);
            mount(name, "/mnt", "tmpfs", 0, null);
            mount("none", "/", null, MS_REC | MS_SHARED, null);
        });
        return host;
    }
}
