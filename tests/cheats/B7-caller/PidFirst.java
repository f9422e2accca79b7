///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B7 | FAIL | Unshares and takes itself for number 1: only children move.
class PidFirst {
    public static void main(String[] args) {
        new Exercise("PidFirst").main(args, exercise -> {
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWPID);
            exercise.show("number 1 in " + Proc.readlink("/proc/" + caller.tid() + "/ns/pid") + ", getpid() " + getpid());
            exercise.ready();
        });
    }
}
