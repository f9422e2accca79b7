import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.ResourceLock;
import outside.As;
import outside.Clone;
import outside.Ran;
import outside.Solutions;

/** What {@code ./build.sh new-exercise} makes: files that compile and that the gate does not let through until an author has filled them. */
@Timeout(900)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@ResourceLock("the clone in which a student works")
@DisplayName("A new exercise")
class NewExerciseTest {
    private static final As AS = As.TESTS_ARE_ROOT ? As.ROOT : As.ORDINARY_USER;
    private static final String NAME = "UtsProbe";
    private static final String CHECK = "tests/grader/checks/UtsProbeCheck.java";

    @AfterEach
    void clear() {
        for (var ending : List.of(".java", ".sh"))
            for (var folder : List.of("labs/exercises/", "tests/solutions/", "tests/cheats/B1-print/")) Ran.command("rm", "-f", Clone.path().resolve(folder + NAME + ending).toString());
        Ran.command("rm", "-f", Clone.path().resolve(CHECK).toString());
        Clone.save("tests/starters.txt", Clone.original("tests/starters.txt"));
    }

    private static Ran run(String... words) {
        var ran = Clone.run(AS, "", Map.of(), words);
        assertFalse(ran.stderr().contains("\tat ") || ran.stdout().contains("\tat "), ran::toString);
        return ran;
    }

    private static Ran make(String... words) {
        var line = new ArrayList<>(List.of("new-exercise"));
        line.addAll(List.of(words));
        return run(line.toArray(String[]::new));
    }

    @Test
    @DisplayName("has four files that compile, tells what to do next, and does not pass the gate before its author has done it")
    void java() {
        var made = make(NAME, "--lab", "uts", "--claim", "uts.child-renames-itself", "uts.length-limit", "--difficulty", "3").okay();
        for (var text : List.of("labs/exercises/UtsProbe.java", "tests/solutions/UtsProbe.java", CHECK, "tests/cheats/B1-print/UtsProbe.java", "./build.sh grade gate UtsProbe"))
            assertTrue(made.stdout().contains(text), () -> text + " is not in: " + made);
        var fresh = run("grade", "gate", NAME);
        assertEquals(1, fresh.exit(), fresh::toString);
        for (var text : List.of("labs/exercises/UtsProbe.java:", "still to be written: what the student is to fill in here", "tests/solutions/UtsProbe.java:", "still to be written: make the claims true",
                CHECK + ":", "its check has no hints or no explanation", "tests/cheats/B1-print/UtsProbe.java:", "./build.sh grade starters",
                "FAILED solution UtsProbe", "ok     starter UtsProbe", "ok     cheat B1-print UtsProbe", "The author has not written yet how this is looked at."))
            assertTrue(fresh.stdout().contains(text), () -> text + " is not in: " + fresh.stdout());

        fill();
        var almost = run("grade", "gate", NAME);
        assertEquals(1, almost.exit(), almost::toString);
        assertEquals(List.of("FAILED header UtsProbe"), almost.stdout().lines().filter(line -> line.startsWith("FAILED")).toList(), almost::toString);
        assertTrue(almost.stdout().contains("tests/starters.txt does not know this text of labs/exercises/UtsProbe.java"), almost::toString);
        run("grade", "starters").okay();
        var done = run("grade", "gate", NAME);
        assertEquals(0, done.exit(), done::toString);

        // One word that is left over is found too.
        Clone.save("tests/cheats/B1-print/UtsProbe.java", Clone.read("tests/cheats/B1-print/UtsProbe.java") + "// AUTHOR: another one\n");
        assertEquals(1, run("grade", "gate", NAME).exit());
    }

    /** What an author would write. */
    private static void fill() {
        for (var file : List.of("labs/exercises/UtsProbe.java", "tests/solutions/UtsProbe.java")) {
            Clone.save(file, Clone.read(file).replaceAll("(?m)^ +// AUTHOR: make the claims true$", "        new Caller(\"a\").unshare(CLONE_NEWUTS);").replaceAll("TODO 1: AUTHOR: .*", "TODO 1: do it")
                    .replaceAll(" \\* AUTHOR: .*", " * A thread shall stand apart.").replace("AUTHOR: the man pages, such as ", "").replaceAll(" // AUTHOR: .*", ""));
        }
        Clone.save(CHECK, Clone.read(CHECK).replaceAll("(?m)^ +// AUTHOR: look.*\n.*AssertionError.*$", "        live.apart(\"uts\");").replace("List.of();", "List.of(\"unshare\");")
                .replace("return \"\";", "return \"It moves.\";").replaceAll(" // AUTHOR:.*", ""));
        Clone.save("tests/cheats/B1-print/UtsProbe.java", Clone.read("tests/cheats/B1-print/UtsProbe.java").replaceAll(" // AUTHOR:.*", ""));
    }

    @Test
    @DisplayName("may be a shell script, whose frame works as it is")
    void shell() throws Exception {
        make(NAME, "--lab", "Uts", "--claim", "uts.child-renames-itself", "--shell").okay();
        var fresh = run("grade", "gate", NAME);
        assertEquals(1, fresh.exit(), fresh::toString);
        for (var text : List.of("FAILED header UtsProbe", "ok     starter UtsProbe", "ok     cheat B1-print UtsProbe", "FAILED solution UtsProbe", "labs/exercises/UtsProbe.sh:"))
            assertTrue(fresh.stdout().contains(text), () -> text + " is not in: " + fresh.stdout());
        assertFalse(fresh.stdout().contains("STUDENT_ERROR"), fresh::toString);
        // By hand, as a student runs it: it makes itself root and comes to its end.
        var byHand = Ran.run(new ProcessBuilder(AS.command(List.of("sh", Clone.path().resolve("labs/exercises/UtsProbe.sh").toString()))), "\n", 30).okay();
        assertTrue(byHand.stdout().matches("(?s)UtsProbe: name is to be name-[0-9a-f]{8}\n.*ready\n"), byHand::toString);
        var other = As.ORDINARY_USER;
        if (other.obstacle() == null) Ran.run(new ProcessBuilder(other.command(List.of("sh", Clone.path().resolve("labs/exercises/UtsProbe.sh").toString()))), "\n", 30).okay();
    }

    @Test
    @DisplayName("writes over nothing")
    void refuses() throws Exception {
        var file = Clone.path().resolve("tests/cheats/B1-print/UtsProbe.java");
        Files.writeString(file, "mine");
        var ran = make(NAME, "--lab", "Uts", "--claim", "uts.child-renames-itself");
        assertEquals(2, ran.exit(), ran::toString);
        assertTrue(ran.stderr().contains("tests/cheats/B1-print/UtsProbe.java is there already"), ran::toString);
        assertEquals("mine", Files.readString(file));
        assertFalse(Files.exists(Clone.path().resolve("labs/exercises/UtsProbe.java")), "it has written some of them");
        var same = make("UtsRename", "--lab", "Uts", "--claim", "uts.child-renames-itself");
        assertEquals(2, same.exit(), same::toString);
        assertTrue(same.stderr().contains("there is an exercise UtsRename already"), same::toString);
    }

    @Test
    @DisplayName("says what is wrong with its arguments, with exit code 2")
    void usage() {
        var claim = "uts.child-renames-itself";
        for (var wrong : List.of(List.of("is no name for an exercise", "utsProbe", "--lab", "Uts", "--claim", claim), List.of("begins with that of its lab", "PidProbe", "--lab", "Uts", "--claim", claim),
                List.of("there is no lab Frob", NAME, "--lab", "Frob", "--claim", claim), List.of("no lab claims uts.frob. Those of Uts: uts.", NAME, "--lab", "Uts", "--claim", "uts.frob"),
                List.of("each one once", NAME, "--lab", "Uts", "--claim", claim, "--claim", claim), List.of("a number from 1 to 5", NAME, "--lab", "Uts", "--claim", claim, "--difficulty", "6"),
                List.of("--claim", NAME, "--lab", "Uts"), List.of("--lab", NAME, "--claim", claim), List.of("../x is no name", "../x", "--lab", "Uts", "--claim", claim))) {
            var ran = make(wrong.subList(1, wrong.size()).toArray(String[]::new));
            assertEquals(2, ran.exit(), ran::toString);
            assertTrue(ran.stderr().contains(wrong.get(0)), () -> wrong.get(0) + " is not in: " + ran);
            assertFalse(Files.exists(Clone.path().resolve("labs/exercises/UtsProbe.java")), "it has written something");
        }
    }
}
