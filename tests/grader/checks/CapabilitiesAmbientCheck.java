package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class CapabilitiesAmbientCheck extends Check {
    private static Proc asked(Live live) {
        long uid = live.number("uid", 1000, 60000);
        return live.processes().stream().filter(process -> process.alive() && Live.uidInside(process) == uid).findFirst()
                .orElseThrow(() -> new AssertionError("You have no process whose user ID is " + uid + " in its user namespace. There are: "
                        + live.processes().stream().map(Live::uidInside).distinct().map(String::valueOf).collect(Collectors.joining(", ")) + "."));
    }

    private static String sets(Proc process, String... names) {
        return List.of(names).stream().map(set -> set + " " + String.format("%016x", process.capabilities(set))).collect(Collectors.joining(", "));
    }

    private static String expected(Live live, String... names) {
        return List.of(names).stream().map(set -> set + " " + String.format("%016x", 1L << live.number("capability", 0, 38))).collect(Collectors.joining(", "));
    }

    @Test
    @Verifies("capabilities.ambient-survives")
    void survives(Live live) {
        assertEquals(expected(live, "CapPrm", "CapEff"), sets(asked(live), "CapPrm", "CapEff"), "Your process has other capabilities");
        assertEquals(expected(live, "CapAmb"), sets(asked(live), "CapAmb"), "It has the capability, and would lose it at its next execve(2)");
    }

    @Test
    @Verifies("capabilities.ambient-needs-two")
    void passedOn(Live live) {
        assertEquals(expected(live, "CapInh", "CapAmb"), sets(asked(live), "CapInh", "CapAmb"), "Your process passes on something else");
    }

    @Override
    public List<String> hints() {
        return List.of("new UserMap(\"deny\", \"5 \" + getuid() + \" 1\", \"5 \" + getgid() + \" 1\") makes the child user 5 in its user namespace.",
                "At execve(2) a user other than 0 keeps P'(permitted) = P(ambient), if the file has no capabilities of its own.",
                "A capability can be raised in the ambient set only if it is permitted and inheritable. clone(2) gives full permitted sets, but an empty inheritable one.",
                "With long one = 1L << capability: Capability.capset(one, one, one), then call(\"prctl\", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long) capability, 0L, 0L).");
    }

    @Override
    public String hint(Live live) {
        try {
            var process = asked(live);
            return "Process " + process.pid() + ": " + sets(process, "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") + "; asked for is " + expected(live, "").strip() + ".";
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            Before there were ambient capabilities (Linux 4.3) a program could be given one only by its file, setcap(8), or by user ID 0.
            The ambient set is what a thread passes on to programs that know nothing of it. It never holds what is not permitted
            and inheritable: take it from either, and it is gone from the ambient set too. That is how systemd's AmbientCapabilities= gives a web
            server CAP_NET_BIND_SERVICE and nothing else. A set-user-ID program that is started so clears the ambient set.""";
    }
}
