///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: X2 | FAIL | Keeps the namespace by the process that was to end.
class LifetimeHold {
    public static void main(String[] args) {
        new Exercise("LifetimeHold").main(args, LifetimeHold::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Child child = Child.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        String link = Namespace.UTS.of(child.pid); // the text of /proc/PID/ns/uts
        exercise.show(child.sh("uname -n") + " is in " + link);
        open("/proc/" + child.pid + "/ns/uts", O_RDONLY | O_CLOEXEC, 0); // never closed: that would be its end

        exercise.show("members of " + link + ": " + Proc.members(link));
        exercise.ready();
    }
}
