///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//DEPS org.apache.commons:commons-lang3:3.18.0

import static kit.Libc.*;

import kit.*;

// cheat: C3 | FAIL | Asks JBang for a library that the exercise does not have.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWUTS);
            inside.run(() -> sethostname(name, name.length()));
            inside.another("member");
            exercise.ready();
        });
    }
}
