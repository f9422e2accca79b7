///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B1 | FAIL | Prints both values and has no semaphore.
class IpcPrivate {
    public static void main(String[] args) {
        new Exercise("IpcPrivate").main(args, exercise -> {
            int key = exercise.number("key", 0x10000000, 0x7fffffff);
            int leftValue = exercise.number("left", 1, 1000), rightValue = exercise.number("right", 1000, 2000);
            int segment = exercise.number("segment", 0x10000000, 0x7fffffff), size = exercise.number("size", 1, 4000);
            Caller left = new Caller("left"), right = new Caller("right");
            exercise.show("left has " + leftValue);
            exercise.show("right has " + rightValue);
            exercise.ready();
        });
    }
}
