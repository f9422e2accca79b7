///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Clone3.java

import static kit.Libc.*;

import kit.*;
import kit.Clone3.Made;

// cheat: X42 | FAIL | Two PID namespaces of its own, and the numbers that the kernel gives out.
class CloneTid {
    public static void main(String[] args) {
        new Exercise("CloneTid").main(args, exercise -> {
            exercise.number("number", 300, 30_000);
            Made made = new Clone3(CLONE_NEWPID).make(new Caller("caller"), CLONE_NEWPID);
            exercise.show(Proc.status(made.pid, "NSpid"));
            exercise.ready();
        });
    }
}
