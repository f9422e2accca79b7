package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class MapsDenyCheck extends Check {
    @Test
    @Verifies("maps.only-the-own-id")
    void uid(Live live) {
        mapped(live, "uid_map", live.number("uid", 2000, 60_000));
    }

    @Test
    @Verifies("maps.deny-before-gid-map")
    void gid(Live live) {
        var child = live.apart("user");
        assertEquals("deny", child.setgroups(), "The child could still call setgroups(2), and so the kernel lets nobody without privilege write its gid_map.");
        mapped(live, "gid_map", live.number("gid", 2000, 60_000));
    }

    private static void mapped(Live live, String file, int number) {
        live.apart("user");
        var maps = live.allApart("user").stream().map(task -> map(live, task, file)).distinct().toList();
        var expected = number + " " + Ids.own(live, file) + " 1";
        if (!maps.contains(expected)) assertEquals(expected, maps.get(0), "The child's " + file + " is not the one asked for: inside, outside, count.");
    }

    private static String map(Live live, Proc task, String file) {
        var map = Ids.map(live, task, file);
        return map.isEmpty() ? "empty" : map;
    }

    @Override
    public List<String> hints() {
        return List.of("A line has three numbers: the id inside, the id outside, how many. Which of the two is you?",
                "uid_map has no conditions but one: without privilege the id outside is your own, and it is one.",
                "A group may be there to forbid something, and who drops it is free. What must the child give up before it may have a gid_map?",
                "Proc.write(proc + \"/setgroups\", \"deny\"), and only then gid_map.");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("user").stream().findFirst().map(child -> "The child's uid_map is " + map(live, child, "uid_map") + ", its gid_map "
                + map(live, child, "gid_map") + ", and setgroups says " + child.setgroups() + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            Each file is written once and by one write(2). Whoever has no privilege maps one id, the own one, to any number.
            A file that the group staff may not read and others may is open to whoever leaves the group staff: with a gid_map
            and CAP_SETGID inside, setgroups(2) would do that. So the kernel wants it given up first, for ever; since Linux 3.19.""";
    }
}
