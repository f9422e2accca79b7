///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X39 | FAIL | Takes all six types, those asked for among them.
class CloneFlags {
    public static void main(String[] args) {
        new Exercise("CloneFlags").main(args, exercise -> {
            Child.clone(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS | CLONE_NEWPID);
            Child.clone(CLONE_NEWUSER);
            exercise.ready();
        });
    }
}
