package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Enter;
import outside.Proc;
import outside.Verifies;

class LifetimeHoldCheck extends Check {
    /** An open file that is a UTS namespace, and whose it is. */
    private record Held(Proc holder, Path file, String link, String identity) {}

    @Test
    @Verifies("lifetime.descriptor-holds")
    void keeps(Live live) {
        var apart = held(live).stream().filter(each -> !each.identity.equals(live.init().identity("uts"))).toList();
        assertFalse(apart.isEmpty(), () -> "No process of yours has a UTS namespace open other than " + live.init().link("uts") + ", where it was started.");
        var named = apart.stream().filter(each -> hostname(each).equals(live.value("hostname"))).toList();
        assertFalse(named.isEmpty(), () -> "In what you keep open the hostname is " + String.join(", ", apart.stream().map(LifetimeHoldCheck::hostname).toList())
                + ", and not " + live.value("hostname") + ".");
        for (var each : named) {
            long members = live.tasks().stream().filter(task -> identity(task).equals(each.identity)).count();
            assertEquals(0, members, () -> "It needs nobody to keep it, but there are still members of " + each.link);
        }
        live.unchanged();
    }

    private static List<Held> held(Live live) {
        var all = new ArrayList<Held>();
        for (var process : live.processes()) {
            try (var files = Files.list(process.folder().resolve("fd"))) {
                for (var file : files.toList()) {
                    var link = Files.readSymbolicLink(file).toString();
                    if (link.startsWith("uts:[")) all.add(new Held(process, file, link, Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino")));
                }
            } catch (IOException ended) {
                // the process, or the file was closed
            }
        }
        return all;
    }

    /** The hostname there, which nobody has. */
    private static String hostname(Held held) {
        return Enter.the(held.holder).by("uts", held.file).run("uname", "-n").text();
    }

    private static String identity(Proc task) {
        try {
            return task.identity("uts");
        } catch (java.io.UncheckedIOException ended) {
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
        return apart.isEmpty() ? "Open is " + held.get(0).link + "." : "Process " + apart.get(0).pid() + " still stands in " + apart.get(0).link("uts") + ".";
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
