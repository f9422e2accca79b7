///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise IpcPrivate | lab Ipc | difficulty 1
 *
 * Two programs that know nothing of each other have the same key in their source, and one overwrites the semaphore of the
 * other. Keep them apart without changing the key. Then let the left one make a segment of shared memory that only it can find.
 *
 *   ipc.same-key      | 3 | The key names two semaphores, with the left value in one IPC namespace and the right value in another.
 *   ipc.shared-memory | 2 | The segment, of the size asked for, is there in the left namespace, and neither in the right one nor outside.
 *
 * Read: ipc_namespaces(7), semget(2), semctl(2), shmget(2)
 */
class IpcPrivate {
    public static void main(String[] args) {
        new Exercise("IpcPrivate").main(args, IpcPrivate::solve);
    }

    static void solve(Exercise exercise) {
        int key = exercise.number("key", 0x10000000, 0x7fffffff);
        int leftValue = exercise.number("left", 1, 1000), rightValue = exercise.number("right", 1000, 2000);
        int segment = exercise.number("segment", 0x10000000, 0x7fffffff), size = exercise.number("size", 1, 4000);

        Caller left = new Caller("left"), right = new Caller("right");
        left.unshare(CLONE_NEWIPC);
        right.unshare(CLONE_NEWIPC);
        left.run(() -> semctl(semget(key, 1, IPC_CREAT | 0644), 0, SETVAL, leftValue));
        right.run(() -> semctl(semget(key, 1, IPC_CREAT | 0644), 0, SETVAL, rightValue));
        left.run(() -> shmget(segment, size, IPC_CREAT | 0644));

        exercise.show("left has " + left.call(() -> semctl(semget(key, 1, 0), 0, GETVAL, 0)));
        exercise.show("right has " + right.call(() -> semctl(semget(key, 1, 0), 0, GETVAL, 0)));
        exercise.ready();
    }
}
