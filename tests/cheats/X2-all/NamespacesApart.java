///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X2 | FAIL | All seven flags whatever is asked for: apart in too many types.
class NamespacesApart {
    public static void main(String[] args) {
        new Exercise("NamespacesApart").main(args, exercise -> {
            for (String which : List.of("first", "second")) {
                Caller thread = new Caller(which);
                thread.unshare(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUTS);
                thread.clone(0);
            }
            exercise.ready();
        });
    }
}
