///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X3 | FAIL | Starts the second thread from main, so that it stands where main stands.
class ThreadsApart {
    public static void main(String[] args) {
        new Exercise("ThreadsApart").main(args, ThreadsApart::solve);
    }

    static void solve(Exercise exercise) throws Exception {
        String name = exercise.value("hostname");
        int one = exercise.number("first sleep", 100_000, 400_000), two = exercise.number("second sleep", 400_000, 700_000),
                three = exercise.number("main's sleep", 700_000, 1_000_000);
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS);
        inside.run(() -> sethostname(name, name.length()));
        Caller second = new Caller("second");
        inside.unshare(CLONE_NEWPID);
        sleep(inside, one); // number 1 must stay, or there will never be a number 2: ENOMEM
        sleep(inside, two);
        Process mains = new ProcessBuilder("sleep", "" + three).start(); // on the main thread; on inside there could be no thread to wait for it
        exercise.show("inside: " + inside.sh("uname -n") + ", second: " + second.sh("uname -n"));
        exercise.ready();
        mains.destroy();
    }

    /** A child of this thread that sleeps, for no longer than the thread is there; clone(2). */
    static void sleep(Caller thread, int seconds) {
        thread.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sleep", "" + seconds));
    }
}
