package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class CloneTidCheck extends Check {
    @Test
    @Verifies("clone.set-tid")
    void numbers(Live live) {
        live.apart("pid");
        var nested = live.allApart("pid").stream().map(task -> own(live, task)).filter(numbers -> numbers.size() > 1).distinct().toList();
        assertFalse(nested.isEmpty(), "None of your processes has a number in two PID namespaces of yours, one below the other.");
        var expected = List.of((long) live.number("number", 300, 30_000), 1L);
        if (nested.stream().noneMatch(numbers -> numbers.subList(numbers.size() - 2, numbers.size()).equals(expected))) {
            assertEquals(expected, nested.get(0), "The numbers of your process, in the PID namespaces that are yours, are not those asked for.");
        }
    }

    /** The numbers that it has in PID namespaces of the answer's own. */
    private static List<Long> own(Live live, Proc task) {
        var numbers = task.nsPids();
        return numbers.subList(Math.min(numbers.size(), live.init().nsPids().size()), numbers.size());
    }

    @Override
    public List<String> hints() {
        return List.of("To choose a number in a PID namespace takes a capability in the user namespace that owns it. Where the program was started you have none: so first a PID namespace of your own.",
                "The maker has to stand in it: that is what the flags of make(caller, flags) are for.",
                "The first process of a PID namespace below that is number 1 there. set_tid lists the numbers from the innermost namespace on.",
                "new Clone3(CLONE_NEWPID).setTid(1, number).make(caller, CLONE_NEWPID)");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("pid").stream().map(task -> own(live, task).toString()).distinct().reduce((a, b) -> a + ", " + b)
                .map(text -> "Numbers of your processes in PID namespaces of your own: " + text + ".").orElse("None of your processes stands in a PID namespace of its own.");
    }

    @Override
    public String explanation() {
        return """
            A process has a number in its PID namespace and in each one above. clone3(2) lets the caller choose the lowest of them,
            if it has CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE in the owner of each PID namespace concerned. CRIU does so: what was number 42 when
            it was saved must be number 42 again, for programs remember PIDs. In the namespace above nobody chose, and none was needed.""";
    }
}
