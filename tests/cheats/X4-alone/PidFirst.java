///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X4 | FAIL | Number 1, but the second process stands outside.
class PidFirst {
    public static void main(String[] args) {
        new Exercise("PidFirst").main(args, exercise -> {
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWPID);
            caller.clone(0);
            Child.clone(0).sh("sleep 1000 &");
            exercise.ready();
        });
    }
}
