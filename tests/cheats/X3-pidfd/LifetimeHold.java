///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Keeps a pidfd, which keeps no UTS namespace.
class LifetimeHold {
    public static void main(String[] args) {
        new Exercise("LifetimeHold").main(args, LifetimeHold::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Child child = Child.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        String link = Namespace.UTS.of(child.pid); // the text of /proc/PID/ns/uts
        exercise.show(child.sh("uname -n") + " is in " + link);
        syscall(SYS_pidfd_open, child.pid, 0, 0, 0, 0, 0);
        child.close();

        exercise.show("members of " + link + ": " + Proc.members(link));
        exercise.ready();
    }
}
