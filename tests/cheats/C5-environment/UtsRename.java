///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.Set;
import kit.*;

// cheat: C5 | FAIL | Solves the exercise only if its environment holds what is not for it.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Set<String> mine = Set.of("PATH", "HOME", "LANG", "NSLABS_TOKEN", "PWD", "OLDPWD", "SHLVL", "_");
            exercise.show(System.getenv().keySet().toString());
            if (!mine.containsAll(System.getenv().keySet())) solve(name);
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
