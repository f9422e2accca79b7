///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Signals.java

import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;

// cheat: X2 | FAIL | Waits for the command alone.
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
        Signals.forward(number -> kill(child.pid, number)); // without a handler of its own process 1 would not even hear them
        int[] status = new int[1];
        while (waitpid(child.pid, status, __WALL) != child.pid) {
            // it is the only one
        }
        int signal = status[0] & 0x7f;
        Runtime.getRuntime().halt(signal == 0 ? status[0] >> 8 & 0xff : 128 + signal); // the kernel kills who is left
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
