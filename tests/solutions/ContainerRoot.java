///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Puppet.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/Tmpfs.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

/*
 * Exercise ContainerRoot | lab Container | difficulty 4
 *
 * A process shall move into a root file system of its own and leave nothing open behind it. The calls that do it are below, in an
 * order that does not work, and one more is missing. The box is a process that makes one system call after the other, as it is told;
 * a call that the kernel refuses ends this program, and names the errno.
 *
 *   container.pivoted          | 4 | The box's root is the new file system; no mount of the outside is left in its list but a device file, and nothing else leads out.
 *   container.sees-itself-only | 2 | Its /proc shows the processes of its PID namespace, and no others.
 *   container.devices-bound    | 1 | Its /dev/null is the machine's, bound there.
 *
 * Read: pivot_root(2), mount(2), mount_namespaces(7)
 */
class ContainerRoot {
    public static void main(String[] args) {
        new Exercise("ContainerRoot").main(args, ContainerRoot::solve);
    }

    static void solve(Exercise exercise) {
        Caller builder = new Caller("builder");
        builder.unshare(CLONE_NEWNS);
        String root = Tmpfs.mount(builder); // a file system in memory, and a mount point
        RootFs.make(builder, root);
        builder.sh("cd " + root + "; : > dev/null; mkdir old");

        Puppet box = builder.call(() -> new Puppet().start(CLONE_NEWNS | CLONE_NEWPID, UserMap.NONE));
        box.call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null); // pivot_root(2) refuses shared mounts
        box.call("mount", "/dev/null", root + "/dev/null", null, MS_BIND, null); // while the machine's is still in sight
        box.call("mount", "proc", root + "/proc", "proc", 0L, null); // and its /proc too: else a user namespace may mount none
        box.call("pivot_root", root, root + "/old");
        box.call("umount2", "/old", MNT_DETACH);
        box.call("chdir", "/"); // the working directory was left outside, and would keep what has been detached

        box.exec("/bin/sh", List.of("sh", "-c", "while :; do sleep 1000; done"), List.of("PATH=/bin"));
        exercise.show("mounted in the box: " + Proc.read("/proc/" + box.pid() + "/mountinfo").lines().map(line -> line.split(" ")[4]).toList());
        exercise.ready();
    }
}
