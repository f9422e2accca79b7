package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Nsfs;
import outside.Proc;
import outside.Verifies;

class TreeOwnerCheck extends Check {
    /** A line of the file, or what it should be: links, or names of errnos. */
    private record Line(long pid, String owner, String parent) {}

    @Test
    @Verifies("tree.owner")
    void owners(Live live) {
        var truth = truth(live);
        assertEquals(truth.stream().map(Line::owner).toList(), answer(live, truth).stream().map(Line::owner).toList(), "Who owns the UTS namespaces of the family, by PID");
    }

    @Test
    @Verifies("tree.parents")
    void parents(Live live) {
        var truth = truth(live).stream().filter(line -> !line.parent.equals("EPERM")).toList();
        assertEquals(truth.stream().map(Line::parent).toList(), answer(live, truth).stream().map(Line::parent).toList(),
                "The parents of the user namespaces, by PID, without those of your own");
    }

    @Test
    @Verifies("tree.nothing-above")
    void above(Live live) {
        var there = truth(live).stream().filter(line -> line.parent.equals("EPERM")).toList();
        for (var line : answer(live, there)) assertEquals("EPERM", line.parent, "The parent of the user namespace in which this program stands");
    }

    /** What the kernel says, asked by the judge: a line for each of the family. It does not tell the answer what is above that. */
    private static List<Line> truth(Live live) {
        var own = own(live).link("user");
        var lines = new ArrayList<Line>();
        int moved = 0, abandoned = 0, above = 0;
        for (var each : family(live)) {
            String user = each.link("user"), owner = Nsfs.ownerOf(each.folder().resolve("ns/uts"));
            lines.add(new Line(number(live, each), owner, user.equals(own) ? "EPERM" : Nsfs.parentOf(each.folder().resolve("ns/user"))));
            if (!user.equals(owner)) moved++;
            if (live.tasks().stream().noneMatch(task -> task.link("user").equals(owner))) abandoned++;
            if (user.equals(own)) above++;
        }
        assertTrue(lines.size() == 5 && moved == 2 && abandoned == 1 && above == 1, "The family is not the one that the exercise makes; leave it as it is.");
        lines.sort(Comparator.comparing(Line::pid));
        return lines;
    }

    private static List<Proc> family(Live live) {
        return live.processes().stream().filter(process -> !process.identity("uts").equals(live.init().identity("uts"))).toList();
    }

    /** The first process of the answer that stands in the user namespace where it was started. */
    private static Proc own(Live live) {
        return live.processes().stream().filter(process -> !process.identity("user").equals(live.init().identity("user"))).findFirst().orElseThrow();
    }

    /** A process's PID as the answer knows it: that in the PID namespace of the box. */
    private static long number(Live live, Proc process) {
        return process.nsPids().get(live.init().nsPids().size() - 1);
    }

    /** The lines of the file for these processes. */
    private static List<Line> answer(Live live, List<Line> asked) {
        var text = live.files(live.init()).text("/tmp/" + live.value("tree"));
        var lines = new ArrayList<Line>();
        for (var line : text.lines().map(String::strip).filter(each -> !each.isEmpty()).toList()) {
            var words = line.split("\\s+");
            assertTrue(words.length == 3 && words[0].matches("\\d{1,9}"), () -> "A line of your file is not PID OWNER PARENT: " + line);
            lines.add(new Line(Long.parseLong(words[0]), words[1], words[2]));
        }
        return asked.stream().map(Line::pid).map(pid -> lines.stream().filter(line -> line.pid == pid).findFirst().orElse(new Line(pid, "no line", "no line"))).toList();
    }

    @Override
    public List<String> hints() {
        return List.of("/proc/PID/ns/user is where the process is now. Who owns its UTS namespace is another question: where was it when it made that?",
                "ioctl_ns(2): ioctl(fd, NS_GET_USERNS, null) on an open /proc/PID/ns/uts, ioctl(fd, NS_GET_PARENT, null) on an open /proc/PID/ns/user. Each returns a descriptor.",
                "Proc.readlink(\"/proc/self/fd/\" + found) tells which namespace it is. A call that is refused throws LastErrorException: Errno.name(e.getErrorCode()).");
    }

    @Override
    public String hint(Live live) {
        var lines = truth(live);
        for (var each : family(live)) {
            var line = lines.stream().filter(one -> one.pid == number(live, each)).findFirst().orElseThrow();
            if (!line.owner.equals(each.link("user")) && answer(live, List.of(line)).get(0).owner.equals(each.link("user")))
                return "For process " + line.pid + " you have written where it stands now. It made its UTS namespace before it went there.";
        }
        return null;
    }

    @Override
    public String explanation() {
        return """
            Every namespace belongs to the user namespace in which its maker was, for as long as it lives; capabilities in that
            one decide what may be done to it. A process that has gone on to another user namespace leaves its UTS namespace's
            owner behind, and has no power over it any more: so the links in /proc/PID/ns do not show who may. User namespaces
            also have parents. Nobody is told what is above his own: there the kernel answers EPERM.""";
    }
}
