///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise PropagationProc | lab Propagation | difficulty 2
 *
 * The seed's program mounts a proc in its container, and breaks that of the host. Two hosts are made here, each a thread
 * with a mount namespace in which all is shared, as systemd leaves it. Let the container on the first have its proc without
 * harm to the host. On the second it has happened already: take the damage away; do not cover it by a third proc.
 *
 *   propagation.private-first       | 3 | The container has a proc of its own on /proc, and its host, where / is still shared, has only the one that it had.
 *   propagation.umount-repairs-proc | 2 | The second host has only the proc that it had, and / there is still shared.
 *
 * Read: mount_namespaces(7), mount(2), umount(2)
 */
class PropagationProc {
    public static void main(String[] args) {
        new Exercise("PropagationProc").main(args, PropagationProc::solve);
    }

    static void solve(Exercise exercise) {
        Caller host = host(exercise.value("first")), broken = host(exercise.value("second"));

        // Each call(...) is a system call that the child makes, one after the other, before it becomes a shell.
        Child container = host.clone(CLONE_NEWPID | CLONE_NEWNS,
                // TODO 1: one call before this one
                call("mount", "proc", "/proc", "proc", 0L, null));
        exercise.show("container: " + container.sh("echo /proc/[0-9]*"));

        Child seed = broken.clone(CLONE_NEWPID | CLONE_NEWNS, call("mount", "proc", "/proc", "proc", 0L, null));
        seed.sh("echo the seed is here");
        seed.close(); // the container has ended, and its proc stays on the host
        // TODO 2: repair this host

        exercise.show("first host, mounts on /proc: " + host.sh("grep -c ' /proc ' /proc/self/mountinfo"));
        exercise.show("second host, mounts on /proc: " + broken.sh("grep -c ' /proc ' /proc/self/mountinfo"));
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
