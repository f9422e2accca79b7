///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise TimeUptime | lab Time | difficulty 2
 *
 * To a child of this program the machine shall have been running for some days longer than to you. The program says for how many.
 *
 *   time.uptime           | 3 | uptime(1) says so many days more in a time namespace of yours than outside, and a process stands there.
 *   time.monotonic-offset | 2 | There CLOCK_MONOTONIC is ahead by so many hours.
 *
 * Read: time_namespaces(7), clock_gettime(2)
 */
class TimeUptime {
    public static void main(String[] args) {
        new Exercise("TimeUptime").main(args, TimeUptime::solve);
    }

    static void solve(Exercise exercise) {
        long days = exercise.number("days", 100, 1000), hours = exercise.number("hours", 1000, 9000);
        Caller caller = new Caller("caller"); // a thread; caller.run(() -> ...) makes system calls on it, and its /proc is "/proc/" + caller.tid()

        // TODO 1: make a time namespace
        // TODO 2: tell the kernel how far its clocks are ahead, in seconds; this must come before the first process there

        Child child = caller.clone(0);
        exercise.show("the caller: " + caller.call(() -> Proc.readlink("/proc/thread-self/ns/time")) + ", its child: " + child.sh("readlink /proc/self/ns/time"));
        exercise.show("uptime in seconds: " + child.sh("cat /proc/uptime") + ", date: " + child.sh("date"));
        exercise.ready();
    }
}
