///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Makes the namespace in the user namespace of the program, which has its members.
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
        Child child = mounter.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        child.sh(":"); // it answers, so it has its name
        mounter.sh(": > " + file);
        mounter.run(() -> mount("/proc/" + child.pid + "/ns/uts", file, null, MS_BIND, null));
        child.close();

        exercise.show(mounter.sh("grep ' - nsfs ' /proc/self/mountinfo | cut -d' ' -f4,5 | grep . || echo no namespace is mounted"));
        exercise.ready();
    }
}
