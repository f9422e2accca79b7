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

        // Two processes are made here: a maker, by clone(2) with the flags on the right, and then by the maker's clone3(2),
        // with those on the left, the one that this is about. A process may choose numbers only in PID namespaces that are its own.
        // TODO 1: which flags, and which numbers, from the innermost on? new Clone3(...).setTid(...)
        Made made = new Clone3(0).make(caller, 0);

        exercise.show("its numbers: " + Proc.status(made.pid, "NSpid"));
        exercise.ready();
    }
}
