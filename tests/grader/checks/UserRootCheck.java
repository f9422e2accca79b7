package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class UserRootCheck extends Check {
    @Test
    @Verifies("user.root-here-student-there")
    void root(Live live) {
        var first = live.apart("user");
        assertFalse(maps(live, first).isBlank(), "A process of yours stands in " + first.link("user") + ", and nobody has written a map for that: it has no user but 65534.");
        if (roots(live).isEmpty()) assertEquals(rootMaps(live), maps(live, first), "The maps of your user namespace do not make you, and nobody else, root there.");
    }

    @Test
    @Verifies("user.every-capability-inside")
    void capable(Live live) {
        live.apart("user");
        var roots = roots(live);
        assertFalse(roots.isEmpty(), "No process of yours is root of a user namespace of its own, so there is nobody whose capabilities could count.");
        if (roots.stream().noneMatch(root -> root.capabilities("CapEff") == all())) {
            assertEquals(mask(all()), mask(roots.get(0).capabilities("CapEff")), "Root of your user namespace lacks capabilities there.");
        }
    }

    private static List<Proc> roots(Live live) {
        return live.allApart("user").stream().filter(task -> maps(live, task).equals(rootMaps(live))).toList();
    }

    private static String rootMaps(Live live) {
        return "uid 0 " + Ids.own(live, "uid_map") + " 1, gid 0 " + Ids.own(live, "gid_map") + " 1";
    }

    private static String maps(Live live, Proc task) {
        var uid = Ids.map(live, task, "uid_map");
        var gid = Ids.map(live, task, "gid_map");
        return uid.isEmpty() && gid.isEmpty() ? "" : "uid " + uid + ", gid " + gid;
    }

    /** With all capabilities that this kernel has. */
    private static long all() {
        try {
            return (2L << Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/kernel/cap_last_cap")).get(0))) - 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mask(long capabilities) {
        return "%016x".formatted(capabilities);
    }

    @Override
    public List<String> hints() {
        return List.of("A user namespace without a map knows nobody: every id is 65534 there. What has to be written, and into which files of /proc/PID?",
                "A line of uid_map has three numbers: an id inside, an id outside, and how many. You may map one id: your own.",
                "It is too late once the child is a shell: execve(2) of somebody who is not root has taken its capabilities.",
                "new UserMap(setgroups, uidMap, gidMap): \"deny\", \"0 \" + getuid() + \" 1\", and the same with getgid().");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("user").stream().findFirst().map(child -> "Your child has CapEff " + mask(child.capabilities("CapEff")) + ", and its maps are "
                + (maps(live, child).isBlank() ? "empty" : maps(live, child)) + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            The first process of a user namespace has every capability there, whoever made it. But execve(2) takes them from
            whoever is not uid 0, as it does outside; and without a map nobody is. So the maps come first, and the shell is root.
            Outside nothing has changed: there it is a process of yours, and no more than that.""";
    }
}
