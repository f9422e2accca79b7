///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/LeakyBoxes.java

import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Leaves the leaky boxes as they are and shows four good ones of its own.
class NamespacesLeak {
    public static void main(String[] args) {
        new Exercise("NamespacesLeak").main(args, exercise -> {
            LeakyBoxes.make(exercise, 4);
            for (int i = 0; i < 4; i++) {
                Caller box = new Caller("good " + i);
                box.unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS);
                box.clone(0);
            }
            exercise.ready();
        });
    }
}
