package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Cgroups;
import outside.Proc;
import outside.Verifies;

class LimitsMemoryCheck extends Check {
    private static final long UNLIMITED = 1L << 60;

    /** One that has stopped itself: its cgroup, as the judge finds it, and what that one is called in its cgroup namespace. */
    private record Stopped(Proc process, Path cgroup, long limit, boolean inOwnNamespace, String called) {}

    /** What has become of the two when they went on. */
    private record Trial(Stopped limited, Stopped free, boolean over, long kills, long killsFree, long peakFree) {}

    @Test
    @Verifies("limits.memory-kills")
    void kills(Live live) throws Exception {
        var trial = trial(live);
        assertTrue(trial.over, "The two went on, and they are still there.");
        assertTrue(trial.kills > 0, "The limited one went on, and nobody was killed in its cgroup.");
        assertEquals(0, trial.killsFree, "The other one was to come to its end, and in its cgroup somebody was killed; how many");
        assertTrue(trial.peakFree >= (long) live.number("need in MiB", 40, 56) << 20, "The other one did not take the memory that it was to take.");
    }

    @Test
    @Verifies("limits.kill-is-counted")
    void counted(Live live) throws Exception {
        assertEquals("1 and 0", trial(live).kills + " and " + trial(live).killsFree, "oom_kill of the limited cgroup, and of the other one");
    }

    @Test
    @Verifies("limits.same-inside")
    void inside(Live live) throws Exception {
        var limited = trial(live).limited;
        assertTrue(limited.inOwnNamespace, "The limited one stands in the cgroup namespace in which you were started.");
        assertTrue(limited.called.equals("/"), () -> "In its cgroup namespace its cgroup is not called / but .../" + Path.of(limited.called).getFileName() + ".");
    }

    private static Trial trial(Live live) throws Exception {
        return live.once("SIGCONT", () -> {
            var own = Cgroups.directory(live.init(), "memory").orElseThrow();
            var stopped = live.processes().stream().filter(each -> each.state() == 'T').map(each -> look(live, each)).toList();
            assertTrue(stopped.size() >= 2, () -> "Of your processes " + stopped.size() + " have stopped themselves, to wait for SIGCONT; there shall be two.");
            long wanted = (long) live.number("limit in MiB", 12, 24) << 20;
            var limited = stopped.stream().filter(each -> !each.cgroup.equals(own) && each.limit == wanted).findFirst().orElseThrow(() ->
                    new AssertionError("None of those that have stopped stands in a cgroup with a limit of " + wanted + " bytes."));
            var free = stopped.stream().filter(each -> !each.cgroup.equals(own) && each.limit > UNLIMITED).findFirst().orElseThrow(() ->
                    new AssertionError("None of those that have stopped stands in a cgroup of yours without a limit."));
            live.kill(limited.process, "CONT");
            live.kill(free.process, "CONT");
            for (int i = 0; i < 400 && (limited.process.alive() || free.process.alive()); i++) Thread.sleep(10);
            boolean over = !limited.process.alive() && !free.process.alive();
            return new Trial(limited, free, over, Cgroups.kills(limited.cgroup), Cgroups.kills(free.cgroup), peak(free.cgroup));
        });
    }

    private static Stopped look(Live live, Proc process) {
        var cgroup = Cgroups.directory(process, "memory").orElseThrow();
        var seen = live.enter(process, "cgroup").run("cat", process.folder() + "/cgroup").stdout();
        var called = seen.lines().map(line -> line.split(":", 3)).filter(line -> Cgroups.v2(cgroup) ? line[1].isEmpty() : List.of(line[1].split(",")).contains("memory")).map(line -> line[2]).findFirst().orElse("");
        return new Stopped(process, cgroup, limit(cgroup), !process.identity("cgroup").equals(live.init().identity("cgroup")), called);
    }

    /** In bytes; without a limit version 1 has a very large number there, and version 2 a word, or no file. */
    private static long limit(Path cgroup) {
        var file = Cgroups.v2(cgroup) ? "memory.max" : "memory.limit_in_bytes";
        var text = Files.exists(cgroup.resolve(file)) ? Cgroups.read(cgroup, file) : "max";
        return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
    }

    /** The most that was used, where the kernel notes it; since Linux 5.19 it does in version 2 as well. */
    private static long peak(Path cgroup) {
        for (var file : List.of("memory.peak", "memory.max_usage_in_bytes")) {
            try {
                return Long.parseLong(Cgroups.read(cgroup, file));
            } catch (UncheckedIOException absent) {
                // the other one, then
            }
        }
        return Long.MAX_VALUE;
    }

    @Override
    public List<String> hints() {
        return List.of("A limit of memory belongs to a cgroup. A process comes there by its PID in cgroup.procs, before it takes the memory; what it has already is not counted there.",
                "memory.limitMemory(limited, limit); start(outside, need, limited.enter()).",
                "unshare(CLONE_NEWCGROUP) makes the cgroup in which the caller stands at that moment the root: limited.enter(call(\"unshare\", CLONE_NEWCGROUP)).");
    }

    @Override
    public String hint(Live live) {
        var stopped = live.processes().stream().filter(each -> each.state() == 'T').map(each -> look(live, each)).toList();
        return stopped.isEmpty() ? null : "Of those that have stopped: " + String.join("; ", stopped.stream().map(each -> "one is in a cgroup " + each.cgroup.getFileName()
                + (each.limit > UNLIMITED ? " without a limit" : " with a limit of " + each.limit + " bytes") + ", which it calls " + each.called).toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            When a cgroup is full and nothing in it can be given back, the kernel kills one of its processes, and no other one of the
            machine: SIGKILL, exit status 137. The count tells you so afterwards; the killed one cannot. The namespace had no
            part in it: it only made the path short. So "/" in /proc/self/cgroup says nothing of how much memory there is.""";
    }
}
