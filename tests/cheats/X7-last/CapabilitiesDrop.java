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

// cheat: X7 | FAIL | Drops all capabilities but the last one.
class CapabilitiesDrop {
    public static void main(String[] args) {
        new Exercise("CapabilitiesDrop").main(args, CapabilitiesDrop::solve);
    }

    static void solve(Exercise exercise) {
        int last = Capability.last(); // the highest number of a capability here
        List<Step> steps = new ArrayList<>(); // what the child calls, one after the other, before it becomes a shell

        for (int capability = 0; capability < last; capability++) {
            steps.add(call("prctl", PR_CAPBSET_DROP, (long) capability, 0L, 0L, 0L)); // takes CAP_SETPCAP, so before the next step
        }
        steps.add(Capability.capset(0, 0, 0)); // what is not inheritable cannot be ambient
        steps.add(call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L)); // who has no CAP_SYS_ADMIN any more installs no filter without it
        // clone(2) has its flags in its first argument too; those of clone3(2) stand in memory, so a filter must refuse all of it
        steps.add(new SeccompFilter(SeccompFilter.RET_ALLOW)
                .on(SeccompFilter.RET_ERRNO | Errno.EPERM, List.of(new SeccompFilter.Argument(0, "SCMP_CMP_MASKED_EQ", CLONE_NEWUSER, CLONE_NEWUSER)), "unshare", "clone")
                .on(SeccompFilter.RET_ERRNO | Errno.ENOSYS, "clone3").install());

        Child child = Child.clone(0, steps.toArray(Step[]::new));
        exercise.show(child.sh("id -u; grep Cap /proc/$$/status; unshare --user --map-root-user grep CapEff /proc/self/status"));
        exercise.ready();
    }
}
