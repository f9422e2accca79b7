package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class UtsLengthCheck extends Check {
    @Test
    @Verifies("uts.seed-length-bug")
    void whole(Live live) {
        var child = live.apart("uts");
        assertEquals("changed namespace " + "x".repeat(live.number("length", 1, 40)), live.hostname(child), "The child's hostname is wrong");
        live.unchanged();
    }

    @Override
    public List<String> hints() {
        return List.of("What does the second argument of sethostname(2) say, and what does the kernel do with the rest?",
                "The kernel does not look for a zero byte at the end. It takes as many bytes as it is told.",
                "The length is not a constant: name.length(), as a long.");
    }

    @Override
    public String hint(Live live) {
        return live.allApart("uts").stream().findFirst().map(child -> "The child's hostname has " + live.hostname(child).length() + " bytes.").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            sethostname(const char *name, size_t len): the kernel copies len bytes, 64 at most, and adds the zero itself.
            The seed's program passes 12 for a name of 17 letters. In C, strlen(name) is what was meant; sizeof would
            count the zero as well.""";
    }
}
