///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Puppet.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/Tmpfs.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X2 | FAIL | Forgets the working directory, which lies outside.
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

        box.exec("/bin/sh", List.of("sh", "-c", "while :; do sleep 1000; done"), List.of("PATH=/bin"));
        exercise.show("mounted in the box: " + Proc.read("/proc/" + box.pid() + "/mountinfo").lines().map(line -> line.split(" ")[4]).toList());
        exercise.ready();
    }
}
