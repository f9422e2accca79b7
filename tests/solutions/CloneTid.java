///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Clone3.java

import static kit.Clone3.*;
import static kit.Libc.*;

import kit.*;
import kit.Clone3.Made;

/*
 * Exercise CloneTid | lab Clone | difficulty 4
 *
 * A process has three PIDs: 1 in a PID namespace of its own, the number that the program names in the one above, which is yours
 * too, and whatever the kernel gives it above that. This is how a saved process gets its old numbers back.
 *
 *   clone.set-tid | 4 | A process is number 1 in its PID namespace and has the number asked for in the one above it.
 *
 * Read: clone(2), "The clone3() system call", set_tid; pid_namespaces(7)
 */
class CloneTid {
    public static void main(String[] args) {
        new Exercise("CloneTid").main(args, CloneTid::solve);
    }

    static void solve(Exercise exercise) {
        int number = exercise.number("number", 300, 30_000);
        Caller caller = new Caller("caller");

        // The maker is number 1 of a PID namespace, the other one of a namespace below that: both are ours to number.
        Made made = new Clone3(CLONE_NEWPID).setTid(1, number).make(caller, CLONE_NEWPID);

        exercise.show("its numbers: " + Proc.status(made.pid, "NSpid"));
        exercise.ready();
    }
}
