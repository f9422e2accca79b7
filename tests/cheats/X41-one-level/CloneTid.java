///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Clone3.java

import static kit.Libc.*;

import kit.*;
import kit.Clone3.Made;

// cheat: X41 | FAIL | Has the number asked for in its own PID namespace, where it is to be 1, and none above.
class CloneTid {
    public static void main(String[] args) {
        new Exercise("CloneTid").main(args, exercise -> {
            int number = exercise.number("number", 300, 30_000);
            Made made = new Clone3(0).setTid(number).make(new Caller("caller"), CLONE_NEWPID);
            exercise.show(Proc.status(made.pid, "NSpid"));
            exercise.ready();
        });
    }
}
