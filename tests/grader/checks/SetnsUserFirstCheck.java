package grader.checks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class SetnsUserFirstCheck extends Check {
    @Test
    @Verifies("setns.user-first")
    void visitor(Live live) {
        joined(live, "visitor", "user", "uts");
    }

    @Test
    @Verifies("setns.pid-moves-children")
    void child(Live live) {
        joined(live, "child of the visitor", "user", "uts", "pid");
    }

    /** Fails if no process has left just these namespaces of the program for those of the container. */
    private static void joined(Live live, String who, String... types) {
        var program = live.program();
        var container = container(live);
        var left = live.processes().stream().skip(1).filter(process -> process.apartFrom(program).equals(Set.of(types))).toList();
        assertTrue(!left.isEmpty(), () -> "There is no " + who + ": nobody differs from your program in just " + new TreeSet<>(Set.of(types)) + ". Your processes differ in " + live.processes().stream().skip(1)
                .map(process -> process.apartFrom(program).toString()).distinct().toList() + ".");
        assertTrue(left.stream().anyMatch(process -> Set.of(types).stream().allMatch(type -> process.identity(type).equals(container.identity(type)))),
                "The " + who + " stands in other namespaces than the container: it has made new ones, and not joined.");
    }

    /** The process that there is to join: the first of its PID namespace. */
    private static Proc container(Live live) {
        return live.processes().stream().skip(1).filter(process -> process.apartFrom(live.program()).equals(Set.of("user", "uts", "pid", "net"))).findFirst()
                .orElseThrow(() -> new AssertionError("The container is not there, with four namespaces of its own."));
    }

    @Override
    public List<String> hints() {
        return List.of("setns(2) into the UTS namespace wants CAP_SYS_ADMIN in the user namespace that owns it. Where does the visitor get that?",
                "You have made the container's user namespace, so you may join it, and inside you have every capability. It comes first.",
                "With a PID namespace setns(2) does not move the caller: only processes that it makes later get a number there.",
                "Child.clone(0, call(\"setns\", user, 0), call(\"setns\", uts, 0), call(\"setns\", pid, 0)), and then visitor.sh(\"sleep 1000 >/dev/null 2>&1 &\").");
    }

    @Override
    public String hint(Live live) {
        var program = live.program();
        return live.processes().stream().skip(1).map(process -> String.join(" ", process.commandLine()) + " differs from your program in " + process.apartFrom(program))
                .reduce((a, b) -> a + "; " + b).map(text -> text + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            Whoever made a user namespace may enter it, and is everything there: so setns(2) to it is the first call, and the others
            are its consequence. The shell itself keeps its number, for getpid(2) must not change in the life of a process; its children
            are in the container. "docker exec" and nsenter(1) go in this order, and call fork(2) once they are in.""";
    }
}
