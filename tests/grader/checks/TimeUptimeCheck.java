package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class TimeUptimeCheck extends Check {
    @Test
    @Verifies("time.uptime")
    void uptime(Live live) {
        var inside = inside(live);
        long seconds = live.number("days", 100, 1000) * 86_400L;
        double before = uptime(live, live.program()), there = uptime(live, inside), after = uptime(live, live.program());
        if (there - after > seconds + 2 || there - before < seconds - 2) {
            assertEquals(days(seconds), days(Math.round(there - after)), "uptime(1) in your time namespace is not so far ahead of that outside.");
        }
    }

    @Test
    @Verifies("time.monotonic-offset")
    void monotonic(Live live) {
        var inside = inside(live);
        assertEquals(live.number("hours", 1000, 9000) * 3600L, inside.timeOffsets().get("monotonic") - live.program().timeOffsets().get("monotonic"),
                "CLOCK_MONOTONIC is not so many seconds ahead in your time namespace.");
    }

    /** A process that stands in a time namespace of the answer's own. No thread of a JVM can: who has many may not join one. */
    private static Proc inside(Live live) {
        var members = members(live);
        assertFalse(members.isEmpty(), () -> "None of your processes stands in another time namespace than your program itself."
                + (live.tasks().stream().allMatch(task -> task.identity("time").equals(task.identity("time_for_children"))) ? "" : " One is made, but only a child made after that stands in it."));
        return members.get(0);
    }

    /** Its own offsets are those that timens_offsets tells, unless it has made yet another one for its children. */
    private static List<Proc> members(Live live) {
        var program = live.program();
        return live.processes().stream().filter(task -> !task.identity("time").equals(program.identity("time")) && task.identity("time").equals(task.identity("time_for_children"))).toList();
    }

    /** In seconds. A thread has this file, too, but not in /proc/PID/task/TID. */
    private static Map<String, Long> offsets(Proc task) {
        return Proc.of(task.pid()).timeOffsets();
    }

    /** What /proc/uptime says to the judge where this task stands. */
    private static double uptime(Live live, Proc task) {
        return Double.parseDouble(live.enter(task, "time").text("cat", "/proc/uptime").split(" ")[0]);
    }

    private static String days(long seconds) {
        return seconds / 86_400 + " days and " + seconds % 86_400 + " s";
    }

    @Override
    public List<String> hints() {
        return List.of("unshare(2) knows CLONE_NEWTIME. Whose clocks does it change: the caller's, or its children's?",
                "The offsets are lines in /proc/TID/timens_offsets of the thread that called unshare(2): a clock, seconds, nanoseconds.",
                "uptime(1) reads the clock boottime. There is a second one, monotonic. Both want seconds: a day has 86400.",
                "caller.unshare(CLONE_NEWTIME), then Proc.write(\"/proc/\" + caller.tid() + \"/timens_offsets\", \"boottime \" + days * 86400 + \" 0\"), and the same with monotonic.");
    }

    @Override
    public String hint(Live live) {
        var program = live.program();
        return live.tasks().stream().filter(task -> !task.identity("time_for_children").equals(program.identity("time_for_children"))).findFirst()
                .map(task -> "The time namespace " + task.link("time_for_children") + " has the offsets " + offsets(task) + ", in seconds"
                        + (members(live).isEmpty() ? ", and nobody stands in it." : ".")).orElse("None of your threads has made a time namespace.");
    }

    @Override
    public String explanation() {
        return """
            The caller keeps its clocks: a clock that jumps would be a surprise to every thread of the process. Its next child stands in the
            new namespace, and from then on the offsets are final. CLOCK_REALTIME has none: the date is everybody's.
            CRIU restores a saved process in such a namespace, so that its clocks go on where they were, on another machine.""";
    }
}
