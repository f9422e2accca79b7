///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;

// cheat: X4 | FAIL | The old root is aside, and not detached.
class ChrootJail {
    public static void main(String[] args) {
        new Exercise("ChrootJail").main(args, ChrootJail::solve);
    }

    static void solve(Exercise exercise) throws InterruptedException {
        Caller outside = new Caller("outside"); // a mount namespace of its own, in which the jail is a plain directory
        outside.unshare(CLONE_NEWNS);
        String jail = Tmpfs.mount(outside) + "/jail";
        outside.run(() -> mkdir(jail, 0755));
        RootFs.make(outside, jail);

        List<Child.Step> out = List.of(
                call("chroot", "/tmp"), // the working directory stays where it is: above the new root
                call("chdir", "../../../.."), // so nothing stops this on its way up
                call("chroot", "."));
        List<Child.Step> in = List.of(call("chroot", jail), call("chdir", "/"));
        Child prisoner = start(outside, 0, in, out);

        List<Child.Step> better = List.of(
                call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null),
                call("mount", jail, jail, null, MS_BIND | MS_REC, null), // pivot_root(2) wants a mount point
                call("chdir", jail),
                call("mkdir", "old", 0755),
                call("pivot_root", ".", "old"),
                call("chdir", "/"));
        Child inmate = start(outside, CLONE_NEWNS, better, out);

        exercise.show("kill -CONT " + prisoner.pid + " " + inmate.pid + "; ls /proc/" + prisoner.pid + "/root/ /proc/" + inmate.pid + "/root/");
        exercise.ready();
    }

    /** A child that goes in, stops, tries to get out when it goes on, and becomes a shell wherever it is then. */
    static Child start(Caller outside, int flags, List<Child.Step> in, List<Child.Step> out) throws InterruptedException {
        List<Child.Step> steps = new ArrayList<>(in);
        steps.add(call("raise", SIGSTOP));
        steps.addAll(out);
        Child child = outside.clone(flags, steps.toArray(Child.Step[]::new));
        for (int i = 0; i < 1000 && !Proc.status(child.pid, "State").startsWith("T"); i++) Thread.sleep(1);
        return child;
    }
}
