///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;

/*
 * Exercise ChrootJail | lab Chroot | difficulty 4
 *
 * A process shall break out of a chroot(2); then close the hole: for a second one the same steps shall lead nowhere. Both have all
 * capabilities of root. Each stops itself in its jail, so that one can look at it before it tries, and after SIGCONT.
 *
 *   chroot.second-chroot    | 3 | The prisoner stands in a chroot and, once it goes on, at the root outside.
 *   chroot.same-ways-closed | 4 | The inmate takes the same steps and stays inside: above its root there is nothing.
 *   chroot.detached         | 2 | No mount of the outside is left in the inmate's mount list, and no directory of it is open.
 *
 * Read: chroot(2), pivot_root(2), mount_namespaces(7)
 */
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

        // TODO 1: the way out, as system calls: call("name", argument, ...)
        List<Child.Step> out = List.of();
        List<Child.Step> in = List.of(call("chroot", jail), call("chdir", "/"));
        Child prisoner = start(outside, 0, in, out);

        // TODO 2: another way in, and the flag of clone(2) that it needs
        List<Child.Step> better = in;
        Child inmate = start(outside, 0, better, out);

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
