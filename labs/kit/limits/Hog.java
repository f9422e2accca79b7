package kit.limits;

import static kit.Child.call;

import com.sun.jna.Memory;
import java.util.Collections;
import java.util.List;
import kit.*;

/** Programs that want too much, for others to stop; each wants no more than a machine can bear. */
public final class Hog {
    private Hog() {}

    /** How many processes a crowd wants. */
    public static final int CROWD = 32;

    /** A command that fills a buffer of so many bytes. */
    public static String memory(int bytes) {
        return "dd if=/dev/zero of=/dev/null bs=" + bytes + " count=1 2>&1";
    }

    /** What that command said of itself, and its exit status: 128 + 9 for SIGKILL. */
    public static String wrote(Output done) {
        return "wrote " + done.text().lines().filter(line -> line.matches("\\d+ .*")).map(line -> line.replaceFirst(" .*", "")).findFirst().orElse("nothing")
                + ", status " + done.status();
    }

    /** Processes that do nothing, as calls of a child that starts one after the other. */
    public static Child.Step[] crowd() {
        return Collections.nCopies(CROWD, Child.spawn("/bin/sleep", "100000")).toArray(Child.Step[]::new);
    }

    /** How many of them a cgroup lets in: "7 started, then EAGAIN". All of them end with their PID namespace. */
    public static String crowd(Caller caller, OwnCgroup group) {
        List<String> errnos = caller.errnos(Libc.CLONE_NEWPID, UserMap.NONE, group.enter(crowd()));
        List<String> forks = errnos.subList(1, errnos.size()); // behind the call by which it came here
        List<String> failed = forks.stream().filter(errno -> !errno.equals("success")).distinct().toList();
        return Collections.frequency(forks, "success") + " started" + (failed.isEmpty() ? "" : ", then " + String.join(" ", failed));
    }

    /**
     * Two loops without an end, side by side; for more than half a second only where others want the processors, too.
     *
     * @param throttled how often the first one was stopped because its quota was used up
     * @param used for how many milliseconds it has run
     * @param other for how many milliseconds the second one has
     */
    public record Race(long throttled, long used, long other) {
        /** Until the first one, which goes on afterwards, has been stopped 5 times, and the second one has run twice as long; for 20 seconds at most. */
        public static Race run(Caller caller, Child slow, OwnCgroup limited, OwnCgroup free) throws InterruptedException {
            try (Child fast = loop(caller, free.enter())) {
                Race race = new Race(0, 0, 0);
                for (int i = 0; i < 1000 && !race.decided(); i++) {
                    Thread.sleep(20);
                    race = new Race(limited.read("cpu.stat", "nr_throttled"), millis(slow), millis(fast));
                }
                return race;
            }
        }

        private boolean decided() {
            return throttled >= 5 && other >= 2 * used;
        }
    }

    public static Child loop(Caller caller, Child.Step... steps) {
        return caller.call(() -> Child.interactive(0, UserMap.NONE, List.of(steps), "/bin/sh", "-c", "while :; do :; done"));
    }

    /** In user mode and in the kernel; proc(5), stat. */
    private static long millis(Child child) {
        String[] fields = Proc.read("/proc/" + child.pid + "/stat").replaceFirst(".*\\) ", "").split(" "); // the first one is the third
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10; // USER_HZ is 100
    }

    /** The call that asks for one processor; sched_setaffinity(2). */
    public static Child.Step runOn(int processor) {
        Memory mask = new Memory(128);
        mask.clear();
        mask.setByte(processor / 8, (byte) (1 << processor % 8));
        return call("sched_setaffinity", 0, mask.size(), mask);
    }
}
