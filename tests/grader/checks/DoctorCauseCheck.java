package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class DoctorCauseCheck extends Check {
    private static final List<String> TYPES = List.of("uts", "ipc", "net", "cgroup");
    private static final Map<String, Integer> FLAGS = Map.of("uts", 0x04000000, "ipc", 0x08000000, "net", 0x40000000, "cgroup", 0x02000000);
    private static final Map<String, String> WORDS = Map.of("success", "possible", "ENOSPC", "limit", "EPERM", "filter");

    @Test
    @Verifies("doctor.uts")
    void uts(Live live) {
        look(live, "uts");
    }

    @Test
    @Verifies("doctor.ipc")
    void ipc(Live live) {
        look(live, "ipc");
    }

    @Test
    @Verifies("doctor.net")
    void net(Live live) {
        look(live, "net");
    }

    @Test
    @Verifies("doctor.cgroup")
    void cgroup(Live live) {
        look(live, "cgroup");
    }

    private static void look(Live live, String type) {
        var cause = kernel(live, type);
        assertEquals(meant(live, type), cause, "The health of your patient was changed: whether it can make a namespace of the type " + type);
        var said = said(live).get(type);
        if (said == null) throw new AssertionError("diagnosis.txt has no line about " + type + ".");
        assertEquals(cause, said, "diagnosis.txt is wrong about " + type);
    }

    /** What the starter has arranged. */
    private static String meant(Live live, String type) {
        int first = Integer.parseInt(live.hex("first ailment").substring(0, 4), 16) % 4, second = Integer.parseInt(live.hex("second ailment").substring(0, 4), 16) % 3 + 1;
        int at = TYPES.indexOf(type);
        return at == first ? "limit" : at == (first + second) % 4 ? "filter" : "possible";
    }

    /** What the kernel says to a copy of the thread: the first one that is under a filter. */
    private static String kernel(Live live, String type) {
        try (var twin = live.twin(live.filtered())) {
            var errno = twin.errno("unshare", FLAGS.get(type));
            return WORDS.getOrDefault(errno, errno);
        }
    }

    /** What the answer has written: of each line the first and the second word. */
    private static Map<String, String> said(Live live) {
        var lines = new TreeMap<String, String>();
        for (var line : live.files(live.filtered()).text("/home/student/diagnosis.txt").lines().toList()) {
            var words = line.strip().split("\\s+");
            if (words.length == 2 && lines.put(words[0], words[1]) != null) throw new AssertionError("diagnosis.txt has two lines about " + words[0] + ".");
        }
        return lines;
    }

    @Override
    public List<String> hints() {
        return List.of("A namespace that is refused is refused with an errno. Which one says that there are too many already?",
                "patient.errno(() -> unshare(FLAGS.get(type))) calls unshare(2) on the thread, and gives \"success\" or the errno's name.",
                "ENOSPC: a limit. EPERM: a capability is missing, or a filter says no; this thread has every capability in its user namespace.");
    }

    @Override
    public String hint(Live live) {
        try {
            var all = new TreeMap<String, String>();
            for (var type : TYPES)
                all.put("/proc/sys/user/max_" + type + "_namespaces", live.enter(live.filtered(), "user").run("cat", "/proc/sys/user/max_" + type + "_namespaces").text());
            return "In the user namespace of your thread: " + all;
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            The same failure of the same call has several causes, and the errno is the first thing that tells them apart. /proc/sys/user shows
            the limits of the user namespace of whoever reads it; a namespace counts in its own and in all above, so the 0 may also stand
            further up. /proc/PID/status shows Seccomp: 2, but not what a filter forbids: only trying does. The lab Doctor goes the
            same way: it tries first, and then looks for the cause.""";
    }
}
