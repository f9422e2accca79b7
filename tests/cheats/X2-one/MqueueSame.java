///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static java.nio.charset.StandardCharsets.US_ASCII;
import static kit.Libc.*;

import com.sun.jna.Memory;
import kit.*;

// cheat: X2 | FAIL | One IPC namespace for both: one queue with two messages.
class MqueueSame {
    public static void main(String[] args) {
        new Exercise("MqueueSame").main(args, MqueueSame::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("queue");
        int leftLength = exercise.number("left", 1, 30), rightLength = exercise.number("right", 31, 60);
        Caller left = new Caller("left");

        left.unshare(CLONE_NEWIPC);
        Caller right = left.another("right");
        left.unshare(CLONE_NEWNS);
        right.unshare(CLONE_NEWNS);
        left.run(() -> send(name, "l".repeat(leftLength)));
        right.run(() -> send(name, "r".repeat(rightLength)));
        left.run(() -> mount("mqueue", "/mnt", "mqueue", 0, null));
        right.run(() -> mount("mqueue", "/mnt", "mqueue", 0, null));

        exercise.show("left:  " + left.sh("cat /mnt/" + name));
        exercise.show("right: " + right.sh("cat /mnt/" + name));
        exercise.ready();
    }

    /** Makes the queue if it is not there yet, and sends a message to it; mq_open(3), mq_send(3). */
    static void send(String name, String message) {
        Memory attributes = new Memory(64); // struct mq_attr: eight longs
        attributes.clear();
        attributes.setLong(8, 2); // mq_maxmsg
        attributes.setLong(16, 64); // mq_msgsize
        int queue = mq_open("/" + name, O_CREAT | O_RDWR, 0644, attributes);
        mq_send(queue, message.getBytes(US_ASCII), message.length(), 0);
        close(queue);
    }
}
