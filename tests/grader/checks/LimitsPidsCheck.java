package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class LimitsPidsCheck extends Check {
    @Test
    @Verifies("limits.parent-binds")
    void binds(Live live) {
        var lower = crowd(live);
        assertEquals("" + limit(live), max(lower.getParent()), "pids.max of the cgroup above the crowd's");
        assertEquals("max", max(lower), "pids.max of the crowd's own cgroup");
    }

    @Test
    @Verifies("limits.forks-are-counted")
    void full(Live live) {
        var lower = crowd(live);
        var upper = lower.getParent();
        assertEquals("" + limit(live), max(upper), "pids.max of the cgroup above the crowd's");
        int current = Integer.parseInt(Cgroups.read(upper, "pids.current"));
        assertTrue(current <= limit(live), "More processes and threads stand there than the limit allows: a limit keeps nobody from being moved in.");
        assertEquals(limit(live), current, "pids.current there");
        assertTrue(failed(lower) + failed(upper) > 0, "No fork(2) has failed there: pids.events counts none.");
    }

    @Test
    @Verifies("limits.pids-stop-a-bomb")
    void others(Live live) {
        var upper = crowd(live).getParent();
        assertEquals("" + limit(live), max(upper), "pids.max of the cgroup above the crowd's");
        var first = live.processes().stream().filter(process -> !process.identity("user").equals(live.init().identity("user"))).findFirst().orElseThrow();
        assertFalse(directory(first).startsWith(upper), "This program itself stands in the cgroup with the limit.");
    }

    private static int limit(Live live) {
        return live.number("limit", 5, 16);
    }

    /** The cgroup of those that do not stand where the answer was started; the deepest one. */
    private static Path crowd(Live live) {
        var own = directory(live.init());
        return live.processes().stream().map(LimitsPidsCheck::directory).filter(each -> !each.equals(own)).max((a, b) -> a.getNameCount() - b.getNameCount())
                .orElseThrow(() -> new AssertionError("All of your processes stand in the cgroup in which you were started."));
    }

    private static Path directory(Proc process) {
        try {
            return Cgroups.directory(process, "pids").orElseThrow();
        } catch (UncheckedIOException ended) {
            return Path.of("/");
        }
    }

    /** In version 2 a cgroup may lack the file, because the one above does not give the controller on; it has no limit then. */
    private static String max(Path cgroup) {
        return Files.exists(cgroup.resolve("pids.max")) ? Cgroups.read(cgroup, "pids.max") : "max";
    }

    private static long failed(Path cgroup) {
        return Files.exists(cgroup.resolve("pids.events")) ? Cgroups.read(cgroup, "pids.events", "max") : 0;
    }

    @Override
    public List<String> hints() {
        return List.of("A cgroup is a directory and a limit is a file in it: pids.max. Whoever writes a PID to cgroup.procs moves that process there; its children follow.",
                "The limit counts for all that is in the cgroup and below it. So the lower one needs none.",
                "OwnCgroup limited = pids.group(\"limited\"), free = limited.below(\"free\"); then limited.write(\"pids.max\", ...) and outside.clone(CLONE_NEWPID, free.enter(Hog.crowd())).");
    }

    @Override
    public String hint(Live live) {
        var own = directory(live.init());
        var apart = live.processes().stream().filter(process -> !directory(process).equals(own)).toList();
        if (apart.isEmpty()) return "All of your " + live.processes().size() + " processes stand in one cgroup.";
        var cgroup = directory(apart.get(0));
        return apart.size() + " of your processes stand in a cgroup called " + cgroup.getFileName() + ", where pids.max is " + max(cgroup) + "; in the one above it is " + max(cgroup.getParent()) + ".";
    }

    @Override
    public String explanation() {
        return """
            A fork(2) is charged to the cgroup of whoever calls it and to every cgroup above that, and the first one that is full
            refuses it: EAGAIN. So a limit cannot be escaped by making cgroups below it, which is why one may give a cgroup
            to somebody else without giving up the limit: that is how you got yours. No namespace had a part in this.""";
    }
}
