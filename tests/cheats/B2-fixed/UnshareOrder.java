///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Renames itself as a run of yesterday was asked to.
class UnshareOrder {
    public static void main(String[] args) {
        new Exercise("UnshareOrder").asUser().main(args, exercise -> {
            Child child = Child.clone(0, call("unshare", CLONE_NEWUSER), call("unshare", CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET), call("sethostname", "hostname-1a2b3c4d", 17L));
            exercise.show(child.sh("uname -n"));
            exercise.ready();
        });
    }
}
