///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X5 | FAIL | Makes a segment, but not of the size asked for.
class IpcPrivate {
    public static void main(String[] args) {
        new Exercise("IpcPrivate").main(args, exercise -> {
            int key = exercise.number("key", 0x10000000, 0x7fffffff);
            int leftValue = exercise.number("left", 1, 1000), rightValue = exercise.number("right", 1000, 2000);
            int segment = exercise.number("segment", 0x10000000, 0x7fffffff), size = exercise.number("size", 1, 4000);
            Caller left = new Caller("left"), right = new Caller("right");
            left.unshare(CLONE_NEWIPC);
            right.unshare(CLONE_NEWIPC);
            left.run(() -> semctl(semget(key, 1, IPC_CREAT | 0644), 0, SETVAL, leftValue));
            right.run(() -> semctl(semget(key, 1, IPC_CREAT | 0644), 0, SETVAL, rightValue));
            left.run(() -> shmget(segment, 4096, IPC_CREAT | 0644));
            exercise.ready();
        });
    }
}
