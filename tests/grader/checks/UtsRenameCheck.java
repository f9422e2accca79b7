package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class UtsRenameCheck extends Check {
    @Test
    @Verifies("uts.child-renames-itself")
    void renamed(Live live) {
        var names = live.allApart("uts").stream().map(live::hostname).distinct().toList();
        live.apart("uts");
        assertTrue(names.contains(live.value("hostname")), () -> "The hostname in your UTS namespace is " + String.join(", ", names) + ", and not " + live.value("hostname") + ".");
        live.unchanged();
    }

    @Test
    @Verifies("uts.members-share-the-name")
    void members(Live live) {
        var inside = live.apart("uts");
        assertEquals(live.value("hostname"), live.hostname(inside));
        long members = live.tasks().stream().filter(task -> task.identity("uts").equals(inside.identity("uts"))).count();
        assertTrue(members >= 2, "Only one thread stands in " + inside.link("uts") + ".");
    }

    @Override
    public List<String> hints() {
        return List.of("A namespace belongs to a thread. Which system call gives the calling thread a new one?",
                "inside.unshare(CLONE_NEWUTS) calls unshare(2) on that thread and proves that it helped.",
                "sethostname(2) takes the length of the name too: sethostname(name, name.length()).",
                "A thread starts where the thread stands that makes it: inside.another(\"member\").");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("uts");
        if (apart.isEmpty()) return "All " + live.tasks().size() + " threads of your program stand in " + live.init().link("uts") + ", as before.";
        var inside = apart.get(0);
        return live.hostname(inside).equals(live.hostname(live.init()))
                ? "Thread " + inside.pid() + " stands in " + inside.link("uts") + ", and the hostname there is still " + live.hostname(inside) + "." : null;
    }

    @Override
    public String explanation() {
        return """
            unshare(2) moved one thread, not the program: /proc/PID/ns/uts is still the link of the main thread, and only
            /proc/PID/task/TID/ns/uts has changed. A thread or process that this thread makes starts in its namespaces.
            The name is a copy of the outer one until somebody changes it.""";
    }
}
