///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import kit.*;

// cheat: X4 | FAIL | Ends the boxes: what is not there does not leak.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, exercise -> {
            LeakyBoxes.make(exercise, 4).forEach(Caller::close);
            exercise.ready();
        });
    }
}
