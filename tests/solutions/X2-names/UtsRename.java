///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Its own classes are called like labs, which the grader has beside it.
 */
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, UtsRename::solve);
    }

    static void solve(Exercise exercise) {
        Clone clone = new Clone(exercise.value("hostname"));
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        new Mount().rename(inside, clone);
        inside.another("member");
        exercise.ready();
    }
}

record Clone(String name) {}

class Mount {
    void rename(Caller inside, Clone clone) {
        inside.run(() -> sethostname(clone.name(), clone.name().length()));
    }
}
