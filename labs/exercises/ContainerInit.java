///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Signals.java

import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import kit.*;

/*
 * Exercise ContainerInit | lab Container | difficulty 5
 *
 * Write the init of a container. This program starts itself once more, as process 1 of a new PID namespace; there init(command) runs.
 * It shall bury whoever dies, pass SIGTERM on to the command, and end when, and not before, the command has ended.
 * As it stands it starts the command and does nothing more. The command leaves two orphans behind.
 *
 *   container.init-reaps       | 3 | A process that has lost its parent and ends is gone at once; no zombie stays.
 *   init.one-hears-its-handler | 3 | SIGTERM to process 1 reaches the command; process 1 itself goes on.
 *   init.one-takes-all         | 2 | When the command has ended process 1 ends by itself, and all that is left of the namespace with it.
 *
 * Read: pid_namespaces(7) "The namespace init process", wait(2), kill(2)
 */
class ContainerInit {
    public static void main(String[] args) {
        if (args.length == 2 && args[0].equals("init")) {
            init(args[1]);
        } else {
            new Exercise("ContainerInit").main(args, ContainerInit::solve);
        }
    }

    /** Process 1. What it makes of the exit status of the command, waitpid(2)'s status[0], is its own exit status. */
    static void init(String command) {
        Child child = Child.interactive(0, UserMap.NONE, List.of(), "/bin/sh", "-c", command);
        // TODO 1: whoever has no parent any more is a child of process 1. So wait for everybody, not for the command alone
        // TODO 2: pass on what comes from outside: Signals.forward(number -> ...) takes the signals that a program is told by, one by one
        // TODO 3: end with the command: Runtime.getRuntime().halt(...)
        while (true) LockSupport.park();
    }

    static void solve(Exercise exercise) throws InterruptedException {
        String command = "(sleep " + exercise.number("first orphan", 100_000, 400_000) + " &); (sleep " + exercise.number("second orphan", 400_000, 700_000)
                + " &); exec sleep " + exercise.number("command", 700_000, 1_000_000);
        List<String> again = new ArrayList<>(List.of(Proc.read("/proc/self/cmdline").split("\0")));
        again.set(0, Proc.readlink("/proc/self/exe"));
        again.addAll(List.of("init", command));
        Child one = Child.interactive(CLONE_NEWPID, UserMap.NONE, List.of(), again.toArray(String[]::new));
        while (one.alive() && sleepers(one) < 3) Thread.sleep(5);
        exercise.show("process 1 is, seen from here, " + one.pid);
        exercise.ready();
    }

    /** How many processes below it have one argument, as sleep(1) has. */
    static long sleepers(Child one) {
        return ProcessHandle.of(one.pid).stream().flatMap(ProcessHandle::descendants).filter(each -> each.info().arguments().map(words -> words.length).orElse(0) == 1).count();
    }
}
