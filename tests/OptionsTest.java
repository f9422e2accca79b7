import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import outside.As;
import outside.Held;
import outside.Lab;
import outside.Ran;

/** The command line of the labs: the same for every one, kind to mistakes, and readable by people and by programs. */
@DisplayName("The command line")
class OptionsTest {
    /** The type of namespace that a lab is about. A lab that is not here stands apart in whatever types it likes. */
    private static final String ESCAPE = "\033[";

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("of the lab")
    Stream<DynamicNode> ofTheLab() {
        return Lab.all().stream().map(name -> {
            var lab = Lab.named(name);
            return dynamicContainer(name, Stream.of(asking(lab), mistakes(lab), output(lab), looking(lab)).flatMap(tests -> tests));
        });
    }

    private static Stream<DynamicNode> asking(Lab lab) {
        return Stream.of(
                dynamicTest("--help names every option on stdout", () -> {
                    var ran = lab.options("--help").run().okay();
                    for (var option : List.of("--shell", "--hold", "--json", "--record", "--student", "--step", "--help", "--version", "77"))
                        assertTrue(ran.stdout().contains(option), () -> option + " is not in: " + ran);
                    assertEquals("", ran.stderr());
                }),
                dynamicTest("--version prints a version on stdout", () -> {
                    var ran = lab.options("--version").run().okay();
                    assertTrue(ran.stdout().matches("(?s).*\\d+\\.\\d+\\.\\d+.*"), ran::toString);
                    assertEquals("", ran.stderr());
                }),
                dynamicTest("--claims lists what it claims, without running anything", () -> {
                    // Not even a user namespace may be needed: so it works where none is allowed.
                    var ran = lab.options("--claims").run().okay();
                    assertTrue(ran.record().isArray(), ran::toString);
                    assertEquals("", ran.stderr());
                }));
    }

    private static Stream<DynamicNode> mistakes(Lab lab) {
        return Stream.of(
                wrong(lab, "an unknown option", "--frobnicate", "--frobnicate"),
                wrong(lab, "an argument too many", "frobnicate", "frobnicate"),
                wrong(lab, "--record without a folder", "--record", "--record"),
                wrong(lab, "--record into a folder that is not there", "/nonexistent/folder", "--record", "/nonexistent/folder"),
                wrong(lab, "--record into a file", "/proc/version", "--record", "/proc/version"),
                wrong(lab, "--student without an ID", "--student", "--student", ""),
                dynamicTest("refuses --record into a folder that takes no files and says so", () -> {
                    // Nobody can make a file there, root included: the file system itself refuses. Found out late, perhaps.
                    var ran = lab.options("--json", "--record", "/sys/kernel").run();
                    assertEquals(2, ran.exit(), ran::toString);
                    assertInWords(ran, "/sys/kernel");
                }));
    }

    /** Exit code 2, nothing on stdout, and on stderr what is wrong and what to do, in words. */
    private static DynamicTest wrong(Lab lab, String mistake, String named, String... options) {
        return dynamicTest("refuses " + mistake + " and says what to do", () -> {
            var ran = lab.options(options).run();
            assertEquals(2, ran.exit(), ran::toString);
            assertEquals("", ran.stdout());
            assertInWords(ran, named);
        });
    }

    private static void assertInWords(Ran ran, String named) {
        assertTrue(ran.stderr().contains(named), () -> "does not name " + named + ": " + ran);
        assertFalse(ran.stderr().contains("\tat ") || ran.stderr().contains("Exception"), () -> "Java's words, not a person's: " + ran);
        assertTrue(ran.stderr().lines().count() <= 6, () -> "much text for a slip: " + ran);
    }

    private static Stream<DynamicNode> output(Lab lab) {
        return Stream.of(
                dynamicTest("prints colours on a terminal only, and not with NO_COLOR", () -> {
                    var plain = able(lab.env("TERM", "xterm-256color").run());
                    assertFalse(plain.stdout().contains(ESCAPE), () -> "an escape sequence in a file: " + plain);
                    var script = terminal(lab);
                    assertTrue(script.env("TERM", "xterm-256color").run().stdout().contains(ESCAPE), "no colour on a terminal: so their absence elsewhere shows nothing");
                    assertFalse(script.env("TERM", "xterm-256color").env("NO_COLOR", "1").run().stdout().contains(ESCAPE), "colours in spite of NO_COLOR");
                }),
                dynamicTest("--step goes on at the end of input, and shows the same", () -> {
                    var stepped = able(lab.options("--step").run());
                    assertEquals(0, stepped.exit(), stepped::toString);
                    assertEquals(0, able(lab.options("--step").input("\n\n").run()).exit());
                }));
    }

    private static Stream<DynamicNode> looking(Lab lab) {
        return Stream.of(As.values()).map(as -> dynamicContainer(as.toString(), Stream.of(
                dynamicTest("--shell runs what is typed inside", () -> inside(lab.as(as), false)),
                dynamicTest("--shell on a terminal, too", () -> inside(lab.as(as), true)),
                dynamicTest("--hold goes on at the end of input and leaves no process", () -> {
                    possible(lab.as(as));
                    try (var held = lab.as(as).hold()) {
                        assertTrue(held.inside().alive());
                        var end = held.hangUp();
                        assertEquals(0, end.exit(), end::stderr);
                        assertEquals(List.of(), held.processes());
                    }
                }))));
    }

    private static void inside(Lab lab, boolean onTerminal) {
        possible(lab);
        // The marks keep the answer apart from what the lab itself prints, and a terminal's echo from the answer.
        var typed = "for type in cgroup ipc mnt net pid time user uts; do echo \"<$(readlink /proc/self/ns/$type)>\"; done\nexit\n";
        var ran = able((onTerminal ? terminal(lab) : lab).options("--shell").input(typed).run());
        assertEquals(0, ran.exit(), ran::toString);
        var answer = Pattern.compile("<(\\w+):(\\[\\d+])>").matcher(ran.stdout());
        var apart = new java.util.TreeSet<String>();
        int answers = 0;
        for (; answer.find(); answers++)
            if (!lab.user().outside().link(answer.group(1)).equals(answer.group(1) + ":" + answer.group(2))) apart.add(answer.group(1));
        assertEquals(8, answers, ran::toString);
        assertTrue(apart.contains(lab.type().orElse(apart.isEmpty() ? "any type" : apart.first())), () -> "the shell stands apart in " + apart + ": " + ran);
    }

    /** The lab on a pseudo-terminal, by script(1). */
    private static Lab terminal(Lab lab) {
        assumeTrue(Ran.has("script"), "script(1) is not installed: no pseudo-terminal to try it on");
        return lab.onTerminal();
    }

    private static void possible(Lab lab) {
        assumeTrue(lab.user().obstacle() == null, () -> lab.user().obstacle());
    }

    private static Ran able(Ran ran) {
        assumeTrue(ran.exit() != Held.CANNOT, () -> "this machine cannot: " + ran.stderr().strip());
        return ran;
    }

    @Test
    @DisplayName("of build.sh answers to the name of a lab that does not exist with the names of those that do")
    void unknownLab() {
        var ran = Lab.named("Frobnicate").run();
        assertEquals(2, ran.exit(), ran::toString);
        assertEquals("", ran.stdout());
        for (var lab : Lab.all()) assertTrue(ran.stderr().contains(lab), ran::toString);
    }

    @Test
    @DisplayName("of build.sh takes the name of a lab in any case")
    void anyCase() {
        var lab = Lab.all().get(0);
        var claims = Lab.named(lab).options("--claims").run().text();
        assertEquals(claims, Lab.named(lab.toLowerCase(java.util.Locale.ROOT)).options("--claims").run().text());
        assertEquals(claims, Lab.named(lab.toUpperCase(java.util.Locale.ROOT)).options("--claims").run().text());
    }
}
