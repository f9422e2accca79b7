///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise PinnedBind | lab Pinned | difficulty 3
 *
 * A UTS namespace shall be kept by a file in a directory, as "ip netns add" keeps a network namespace: without a process, and
 * without anybody who has it open. The user namespace that it belongs to shall be kept by nothing but that.
 *
 *   lifetime.bind-mount-holds | 3 | At the path asked for a UTS namespace is mounted, with the hostname asked for; nobody is in it, and nobody has it open.
 *   pinned.owner-stays        | 2 | It belongs to a user namespace of its own, in which nobody is either.
 *
 * Read: namespaces(7) "Namespace lifetime", mount(2), user_namespaces(7)
 */
class PinnedBind {
    public static void main(String[] args) {
        new Exercise("PinnedBind").main(args, PinnedBind::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Caller mounter = new Caller("mounter");
        mounter.unshare(CLONE_NEWNS); // its mounts are its own; they end with it
        String file = Tmpfs.mount(mounter) + "/" + exercise.value("file");
        exercise.show("the file is to be " + file);
        Child child = mounter.clone(CLONE_NEWUSER | CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        child.sh(":"); // it answers, so it has its name
        mounter.sh(": > " + file);
        mounter.run(() -> mount("/proc/" + child.pid + "/ns/uts", file, null, MS_BIND, null));
        child.close();

        exercise.show(mounter.sh("grep ' - nsfs ' /proc/self/mountinfo | cut -d' ' -f4,5 | grep . || echo no namespace is mounted"));
        exercise.ready();
    }
}
