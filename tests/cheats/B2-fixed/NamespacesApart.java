///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: B2 | FAIL | The four types that its author was asked for once.
class NamespacesApart {
    public static void main(String[] args) {
        new Exercise("NamespacesApart").main(args, exercise -> {
            for (String which : List.of("first", "second")) {
                Caller thread = new Caller(which);
                thread.unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS);
                thread.clone(0);
            }
            exercise.ready();
        });
    }
}
