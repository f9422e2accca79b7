///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Counts the letters of the seed's name instead of asking how many there are.
class UtsLength {
    public static void main(String[] args) {
        new Exercise("UtsLength").main(args, exercise -> {
            String name = "changed namespace " + "x".repeat(exercise.number("length", 1, 40));
            Child.clone(CLONE_NEWUTS, call("sethostname", name, 17L));
            exercise.ready();
        });
    }
}
