///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Renames itself as a run of yesterday was asked to.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = "hostname-1a2b3c4d";
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWUTS);
            inside.run(() -> sethostname(name, name.length()));
            inside.another("member");
            exercise.ready();
        });
    }
}
