package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class CloneFlagsCheck extends Check {
    private static final List<String> TYPES = List.of("pid", "uts", "ipc", "net", "cgroup", "mnt");

    @Test
    @Verifies("clone.child-alone")
    void child(Live live) {
        var program = live.program();
        for (var thread : program.threads()) assertEquals(Set.of(), thread.apartFrom(program), "A thread of your program has moved itself, instead of making a child that stands elsewhere.");
        child(live, wanted(live));
    }

    @Test
    @Verifies("clone.one-thread")
    void second(Live live) {
        child(live, Set.of("user"));
    }

    /** Fails if no child stands in new namespaces of just these types. */
    private static void child(Live live, Set<String> types) {
        var program = live.program();
        var children = live.processes().stream().skip(1).map(process -> process.apartFrom(program)).distinct().toList();
        assertFalse(children.isEmpty(), "Your program has no child.");
        if (children.contains(types)) return;
        // The one that looks most like it is the one that is meant.
        var nearest = children.stream().min(java.util.Comparator.comparingInt(apart -> distance(apart, types))).orElseThrow();
        assertEquals(types, nearest, "No child of yours stands in new namespaces of just the types asked for.");
    }

    private static int distance(Set<String> some, Set<String> others) {
        var both = new TreeSet<>(some);
        both.retainAll(others);
        return some.size() + others.size() - 2 * both.size();
    }

    private static Set<String> wanted(Live live) {
        int bits = live.number("types", 2, 63);
        var wanted = new TreeSet<String>();
        for (int i = 0; i < TYPES.size(); i++) if ((bits & 1 << i) != 0) wanted.add(TYPES.get(i));
        return wanted;
    }

    @Override
    public List<String> hints() {
        return List.of("clone(2) takes one int. Each type has a bit of its own in it, and together they are a sum.",
                "wanted.stream().mapToInt(type -> type.flag).sum()",
                "A child of clone(2) has one thread, although your program has many. So it may do between clone(2) and execve(2) what no thread of yours may.",
                "Child.clone(0, call(\"unshare\", CLONE_NEWUSER)), with import static kit.Child.call.");
    }

    @Override
    public String hint(Live live) {
        var program = live.program();
        return "Asked for: " + wanted(live) + ", and [user]. " + live.processes().stream().skip(1).map(process -> "Process " + name(process) + " differs from your program in " + process.apartFrom(program))
                .reduce((a, b) -> a + ". " + b).orElse("Your program has no child") + ".";
    }

    private static String name(Proc process) {
        return String.join(" ", process.commandLine());
    }

    @Override
    public String explanation() {
        return """
            clone(2) puts the child inside, and nobody else: the caller, its threads and its other children stay. So a program can make
            processes in any mixture of namespaces without ever leaving its own. Of its many threads the child is a copy of one,
            and single-threaded: unshare(CLONE_NEWUSER) gives EINVAL in a JVM, and succeeds in a child that the JVM has made.""";
    }
}
