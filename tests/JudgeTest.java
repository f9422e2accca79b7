import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import outside.Home;
import outside.Ran;
import outside.Scratch;
import outside.Solutions;

/**
 * A judge that is broken itself: exercises whose checks look at nothing, or fail for reasons of their own, in a copy of the workbook. What
 * answers them is right in all respects; it must pass none of them, and take no other down.
 */
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@DisplayName("A check that is wrong itself")
class JudgeTest {
    /** The claims that each of these exercises has; the tests of its check, for the second claim always the same good one. */
    private static final String FIRST = "uts.child-renames-itself", SECOND = "uts.members-share-the-name";

    private Path workbook, submissions;
    private Ran ran;

    private record Broken(String name, String test) {}

    private static final List<Broken> ALL = List.of(
            new Broken("UtsUntested", ""),
            new Broken("UtsNotAnnotated", "@Verifies(\"" + FIRST + "\") void looks(Live live) {}"),
            new Broken("UtsDisabled", "@Test @Verifies(\"" + FIRST + "\") @org.junit.jupiter.api.Disabled void looks(Live live) {}"),
            new Broken("UtsAborted", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) { org.junit.jupiter.api.Assumptions.assumeTrue(false, \"not today\"); }"),
            new Broken("UtsHalf", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) {} @Test @Verifies(\"" + FIRST + "\") @org.junit.jupiter.api.Disabled void looksMore(Live live) {}"),
            new Broken("UtsThrows", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) { throw new IllegalStateException(\"a defect of the check\"); }"),
            new Broken("UtsOverflows", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) { looks(live); }"),
            new Broken("UtsEndless", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) { while (true) live.hostname(live.init()); }"),
            new Broken("UtsGood", "@Test @Verifies(\"" + FIRST + "\") void looks(Live live) { live.apart(\"uts\"); }"));

    @BeforeAll
    void grade() throws IOException {
        workbook = Files.createDirectory(Scratch.newPath("workbook"));
        for (var part : List.of("build.sh", "labs", "tests", "docs", "build"))
            if (Files.exists(Home.path().resolve(part))) Ran.command("cp", "-a", Home.path().resolve(part).toString(), workbook.toString()).okay();
        submissions = Files.createDirectories(Scratch.newPath("class"));
        var exercises = Files.createDirectories(submissions.resolve("anna/exercises"));
        var solution = Files.readString(Home.path().resolve("tests/solutions/UtsRename.java"));
        for (var broken : ALL) {
            Files.writeString(workbook.resolve("labs/exercises/" + broken.name + ".java"), solution.replace("UtsRename", broken.name));
            Files.writeString(exercises.resolve(broken.name + ".java"), solution.replace("UtsRename", broken.name));
            Files.writeString(workbook.resolve("tests/grader/checks/" + broken.name + "Check.java"), """
                package grader.checks;
                import grader.judge.*;
                import java.util.List;
                import org.junit.jupiter.api.Test;
                import outside.Verifies;
                class NAMECheck extends Check {
                    TEST
                    @Test @Verifies("SECOND") void members(Live live) { live.apart("uts"); }
                    @Override public List<String> hints() { return List.of("none"); }
                    @Override public String explanation() { return "none"; }
                }
                """.replace("NAME", broken.name).replace("TEST", broken.test).replace("SECOND", SECOND));
        }
        var line = new ArrayList<>(List.of(workbook.resolve("build.sh").toString(), "grade", submissions.toString(), "--out", submissions.resolve("../judge-out").toString()));
        for (var broken : ALL) line.addAll(List.of("--only", broken.name));
        ran = Ran.run(new ProcessBuilder(line), "", 600);
    }

    private JsonNode item(String name) throws IOException {
        var result = new ObjectMapper().readTree(Files.readString(submissions.resolve("../judge-out/students/anna/result.json")));
        for (var item : result.path("items")) if (item.path("name").asText().equals(name)) return item;
        throw new AssertionError(name + " was not judged: " + ran);
    }

    private void assertItem(String name, String verdict, String first, String second, Integer points) throws IOException {
        var item = item(name);
        assertEquals(verdict, item.path("verdict").asText(), item::toString);
        assertEquals(first, item.path("claims").get(0).path("verdict").asText(), item::toString);
        assertEquals(second, item.path("claims").get(1).path("verdict").asText(), item::toString);
        assertEquals(points, item.path("points").isNull() ? null : (Integer) item.path("points").asInt(), item::toString);
    }

    @Test
    @DisplayName("passes nothing if no test verifies a claim")
    void untested() throws IOException {
        assertItem("UtsUntested", "NOT_RUN", "NOT_RUN", "PASS", 2);
        assertItem("UtsNotAnnotated", "NOT_RUN", "NOT_RUN", "PASS", 2);
    }

    @Test
    @DisplayName("passes nothing if a test was disabled, or aborted by an assumption, or is one of two and the other did not run")
    void notRun() throws IOException {
        for (var name : List.of("UtsDisabled", "UtsAborted", "UtsHalf")) assertItem(name, "NOT_RUN", "NOT_RUN", "PASS", 2);
    }

    @Test
    @DisplayName("gives no score if a test fails for a reason of its own, and the other tests go on")
    void thrown() throws IOException {
        assertItem("UtsThrows", "INFRA", "INFRA", "PASS", null);
        assertTrue(item("UtsThrows").toString().contains("a defect of the check"), () -> "the cause is not said");
        assertItem("UtsOverflows", "INFRA", "INFRA", "PASS", null);
    }

    @Test
    @DisplayName("comes to an end, because the answer is ended, at which it looks for too long")
    void endless() throws IOException {
        assertItem("UtsEndless", "STUDENT_ERROR", "NOT_RUN", "NOT_RUN", 0);
        assertTrue(item("UtsEndless").path("reason").asText().contains("could not be looked at in 30 s"), () -> "the cause is not said");
    }

    @Test
    @DisplayName("takes no other exercise down, and the grader says by its exit code that something has no score")
    void others() throws IOException {
        assertItem("UtsGood", "PASS", "PASS", "PASS", 5);
        assertEquals(1, ran.exit(), ran::toString);
        assertTrue(ran.stdout().contains("1 students graded, 1 without a score"), ran::toString);
        assertFalse(ran.stderr().contains("\tat "), ran::toString);
    }

    @Test
    @DisplayName("is found by the authors' gate")
    void gate() {
        Ran.run(new ProcessBuilder(workbook.resolve("build.sh").toString(), "grade", "starters"), "", 60).okay();
        var gate = Ran.run(new ProcessBuilder(workbook.resolve("build.sh").toString(), "grade", "gate", "UtsUntested", "UtsAborted"), "", 300);
        assertEquals(1, gate.exit(), gate::toString);
        assertTrue(gate.stdout().contains("FAILED header UtsUntested\n       no test of UtsUntestedCheck verifies " + FIRST), gate::toString);
    }
}
