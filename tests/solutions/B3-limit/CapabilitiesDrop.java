///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Capability.java
//SOURCES ../kit/SeccompFilter.java
//SOURCES ../kit/Syscall.java

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.Child.Step;

/*
 * Exercise CapabilitiesDrop | lab Capabilities | difficulty 3
 *
 * A process with user ID 0 shall be allowed nothing: no capability now, none after execve(2), none in a user namespace of its own.
 * It goes on to be a shell, which tells you how far you are.
 *
 *   capabilities.root-without-power | 2 | A process with user ID 0 has empty effective, permitted, inheritable and ambient sets.
 *   capabilities.bounding-is-final  | 2 | Its bounding set is empty too: no program that it starts gets anything back.
 *   escapes.new-capabilities        | 2 | Nor does it get them in a user namespace of its own: unshare(2), clone(2) and clone3(2) with CLONE_NEWUSER fail.
 *
 * Read: capabilities(7), capset(2), prctl(2), user_namespaces(7), /proc/sys/user in namespaces(7)
 */
class CapabilitiesDrop {
    public static void main(String[] args) {
        new Exercise("CapabilitiesDrop").main(args, CapabilitiesDrop::solve);
    }

    static void solve(Exercise exercise) {
        int last = Capability.last(); // the highest number of a capability here
        List<Step> steps = new ArrayList<>(); // what the child calls, one after the other, before it becomes a shell

        for (int capability = 0; capability <= last; capability++) {
            steps.add(call("prctl", PR_CAPBSET_DROP, (long) capability, 0L, 0L, 0L));
        }
        steps.add(Capability.capset(0, 0, 0));
        Proc.write("/proc/sys/user/max_user_namespaces", "0"); // of this user namespace, and for all below

        Child child = Child.clone(0, steps.toArray(Step[]::new));
        exercise.show(child.sh("id -u; grep Cap /proc/$$/status; unshare --user --map-root-user grep CapEff /proc/self/status"));
        exercise.ready();
    }
}
