///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import static kit.Libc.*;

import kit.*;

// cheat: X2 | FAIL | Does not look for the leak and makes all five namespaces anew: the process in the box is left behind.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, exercise -> {
            LeakyBoxes.make(exercise, 4).forEach(box -> box.unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS));
            exercise.ready();
        });
    }
}
