package grader.checks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class PidFirstCheck extends Check {
    @Test
    @Verifies("pid.first-is-one")
    void one(Live live) {
        member(live, 1);
    }

    @Test
    @Verifies("pid.counts-from-one")
    void two(Live live) {
        var one = member(live, 1);
        assertTrue(live.processes().stream().anyMatch(process -> in(process, one) && inner(process) == 2), () -> "In " + one.link("pid") + " there is no process number 2.");
    }

    @Test
    @Verifies("pid.unshare-moves-children")
    void callerStays(Live live) {
        var one = member(live, 1);
        assertTrue(live.tasks().stream().anyMatch(task -> task.link("pid").equals(live.init().link("pid")) && forChildren(task).equals(Optional.of(one.link("pid")))),
                () -> "No thread of yours outside of " + one.link("pid") + " has made it for its children (pid_for_children).");
    }

    /** A process with this number in a PID namespace that is not the box's. */
    private static Proc member(Live live, long number) {
        return live.allApart("pid").stream().filter(task -> inner(task) == number).findFirst().orElseThrow(() -> {
            var maker = live.tasks().stream().filter(task -> !forChildren(task).equals(Optional.of(live.init().link("pid")))).findFirst();
            return new AssertionError(maker.isEmpty() ? "No process of yours has left " + live.init().link("pid") + "."
                    : "The thread " + maker.get().text("comm").strip() + " has made a PID namespace, and still is in " + maker.get().link("pid") + " itself: only its children are in the new one, and "
                            + "there is none that lives.");
        });
    }

    private static boolean in(Proc process, Proc other) {
        return process.identity("pid").equals(other.identity("pid"));
    }

    /** The number that a process has in its own PID namespace: the last one of NSpid. */
    private static long inner(Proc process) {
        var numbers = process.nsPids();
        return numbers.get(numbers.size() - 1);
    }

    /** The namespace in which a thread's children start; none before the first one, and after the death of number 1. */
    private static Optional<String> forChildren(Proc task) {
        try {
            return Optional.of(task.link("pid_for_children"));
        } catch (UncheckedIOException none) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> hints() {
        return List.of("A process keeps its number for life. So whom can unshare(CLONE_NEWPID) put into a new PID namespace?",
                "caller.unshare(CLONE_NEWPID): the next child of this thread is number 1. caller.clone(0) makes it.",
                "Keep the first child. When number 1 ends, the namespace is dead.",
                "Child first = caller.clone(0); first.sh(\"sleep 1000 &\");");
    }

    @Override
    public String hint(Live live) {
        return live.tasks().stream().filter(task -> forChildren(task).isPresent() && !forChildren(task).get().equals(task.link("pid"))).findFirst()
                .map(task -> "Thread " + task.pid() + " is in " + task.link("pid") + ", and its children start in " + task.link("pid_for_children") + ".")
                .orElseGet(() -> "The children of all of your threads start in " + live.init().link("pid") + ", or nowhere.");
    }

    @Override
    public String explanation() {
        return """
            getpid() of a running process cannot change, so unshare(CLONE_NEWPID) leaves the caller where it is and changes only
            pid_for_children. The first child becomes number 1: the init of the namespace, whose end is the end of all in it.
            This is why unshare(1) wants --fork beside --pid.""";
    }
}
