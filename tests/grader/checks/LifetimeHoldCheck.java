package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.OpenFile;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class LifetimeHoldCheck extends Check {
    @Test
    @Verifies("lifetime.descriptor-holds")
    void keeps(Live live) {
        var apart = held(live).stream().filter(each -> !each.link().equals(live.init().link("uts"))).toList();
        assertFalse(apart.isEmpty(), () -> "No process of yours has a UTS namespace open other than " + live.init().link("uts") + ", where it was started.");
        var named = apart.stream().filter(each -> hostname(live, each).equals(live.value("hostname"))).toList();
        assertFalse(named.isEmpty(), () -> "In what you keep open the hostname is " + String.join(", ", apart.stream().map(each -> hostname(live, each)).distinct().toList())
                + ", and not " + live.value("hostname") + ".");
        for (var each : named) {
            long members = live.tasks().stream().filter(task -> link(task).equals(each.link())).count();
            assertEquals(0, members, () -> "It needs nobody to keep it, but there are still members of " + each.link());
        }
        live.unchanged();
    }

    private static List<OpenFile> held(Live live) {
        return live.processes().stream().flatMap(process -> live.openFiles(process).stream()).filter(each -> each.link().startsWith("uts:[")).toList();
    }

    /** The hostname there, which nobody has. */
    private static String hostname(Live live, OpenFile namespace) {
        return live.enter(namespace, "uts", "uname", "-n").text();
    }

    private static String link(Proc task) {
        try {
            return task.link("uts");
        } catch (UncheckedIOException ended) {
            return "";
        }
    }

    @Override
    public List<String> hints() {
        return List.of("A namespace lives as long as somebody is in it, or as long as its file is open somewhere. Where is that file while the child lives?",
                "/proc/PID/ns/uts. When the process has ended the file is gone with it; what was opened before stays.",
                "open(\"/proc/\" + child.pid + \"/ns/uts\", O_RDONLY | O_CLOEXEC, 0), and then child.close().");
    }

    @Override
    public String hint(Live live) {
        var held = held(live);
        var apart = live.allApart("uts");
        if (held.isEmpty()) return "None of your processes has a namespace open" + (apart.isEmpty() ? ", and nobody is in one of its own." : ".");
        return apart.isEmpty() ? "Open is " + held.get(0).link() + "." : "Process " + apart.get(0).pid() + " still stands in " + apart.get(0).link("uts") + ".";
    }

    @Override
    public String explanation() {
        return """
            A namespace is an object that the kernel counts references to. A process in it is one, an open file of it another, a
            bind mount of that file a third; `ip netns add` uses the last one. Whoever has the descriptor may bring the
            namespace to life again: setns(2) enters it, whether anybody is there or not. A pidfd or a zombie would not have
            kept it. And since the inode of a namespace that has ended is given out again, the number is no name.""";
    }
}
