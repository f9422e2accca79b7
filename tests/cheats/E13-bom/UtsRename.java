///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: E13 | FAIL | Begins with a byte order mark.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            solve(name);
            exercise.ready();
        });
    }

    /** The right answer, for who has found what nobody should. */
    private static void solve(String name) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        inside.another("member");
    }
}
