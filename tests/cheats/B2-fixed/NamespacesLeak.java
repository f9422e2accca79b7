///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import kit.*;

// cheat: B2 | FAIL | Takes it for granted that the network namespace leaks, as it did once.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, exercise -> {
            LeakyBoxes.make(exercise, 4).forEach(box -> box.unshare(Namespace.NET.flag));
            exercise.ready();
        });
    }
}
