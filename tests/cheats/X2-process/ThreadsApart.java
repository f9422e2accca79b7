///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X2 | FAIL | Leaves all to unshare(1): a process stands apart, and no thread beside main.
class ThreadsApart {
    public static void main(String[] args) {
        new Exercise("ThreadsApart").main(args, ThreadsApart::solve);
    }

    static void solve(Exercise exercise) throws Exception {
        String name = exercise.value("hostname");
        int one = exercise.number("first sleep", 100_000, 400_000), two = exercise.number("second sleep", 400_000, 700_000),
                three = exercise.number("main's sleep", 700_000, 1_000_000);
        new Caller("starter").sh("(unshare --uts --ipc --net --mount --pid --fork sh -c 'hostname " + name + "; sleep " + one + " & sleep " + two
                + " & wait' &) >/dev/null 2>&1; sleep 0.2");
        Process mains = new ProcessBuilder("sleep", "" + three).start();
        exercise.ready();
        mains.destroy();
    }

    /** A child of this thread that sleeps, for no longer than the thread is there; clone(2). */
    static void sleep(Caller thread, int seconds) {
        thread.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sleep", "" + seconds));
    }
}
