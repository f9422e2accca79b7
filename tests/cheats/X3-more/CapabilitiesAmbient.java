///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Capability.java

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.Child.Step;

// cheat: X3 | FAIL | Keeps a second capability.
class CapabilitiesAmbient {
    public static void main(String[] args) {
        new Exercise("CapabilitiesAmbient").main(args, CapabilitiesAmbient::solve);
    }

    static void solve(Exercise exercise) {
        int uid = exercise.number("uid", 1000, 60000), capability = exercise.number("capability", 0, 38);
        exercise.show("which is " + Capability.NAMES.get(capability));

        // The child stands in a user namespace of its own. Its first process has every capability there, whatever its user ID is.
        UserMap map = new UserMap("deny", uid + " " + getuid() + " 1", uid + " " + getgid() + " 1");
        List<Step> steps = new ArrayList<>(); // what the child calls before it becomes a shell
        long one = 1L << capability | 1L << (capability + 1) % 38;
        steps.add(Capability.capset(one, one, one)); // the permitted set too must hold what is to be ambient
        steps.add(call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long) capability, 0L, 0L));
        steps.add(call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long) (capability + 1) % 38, 0L, 0L));

        Child child = Child.clone(CLONE_NEWUSER, map, steps.toArray(Step[]::new));
        exercise.show(child.sh("id -u; grep Cap /proc/$$/status"));
        exercise.ready();
    }
}
