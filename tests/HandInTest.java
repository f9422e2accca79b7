import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.ResourceLock;
import outside.As;
import outside.Clone;
import outside.Ran;
import outside.Solutions;

/** What {@code ./build.sh hand-in} packs, and that the grader reads it. */
@Timeout(600)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@ResourceLock("the clone in which a student works")
@DisplayName("Handing in")
class HandInTest {
    private static final String FILE = "labs/exercises/UtsRename.java";

    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends Checks {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Checks {
        private final As as;
        private Path folder;

        Checks(As as) {
            this.as = as;
        }

        @BeforeEach
        void begin() {
            assumeTrue(as.obstacle() == null, as.obstacle());
            Clone.begin();
            Ran.command("rm", "-rf", Clone.path().resolve("records").toString(), Clone.path().resolve("predictions").toString()).okay();
            folder = as.newFolder();
        }

        private Ran handIn(String... words) {
            var line = new ArrayList<>(List.of("hand-in"));
            line.addAll(List.of(words));
            var ran = Clone.run(as, "", Map.of(), line.toArray(String[]::new));
            assertFalse(ran.stderr().contains("\tat "), ran::toString);
            return ran;
        }

        private Ran packed(String... more) {
            var words = new ArrayList<>(List.of("ada", "--out", folder.toString()));
            words.addAll(List.of(more));
            return handIn(words.toArray(String[]::new));
        }

        private void put(String name, String text) throws IOException {
            Files.createDirectories(Clone.path().resolve(name).getParent());
            Clone.save(name, text);
        }

        private Map<String, String> entries() throws IOException {
            var entries = new TreeMap<String, String>();
            try (var zip = new ZipFile(folder.resolve("ada.zip").toFile())) {
                for (var entry : java.util.Collections.list(zip.entries())) entries.put(entry.getName(), new String(zip.getInputStream(entry).readAllBytes()));
            }
            return entries;
        }

        private static String solution() {
            return Clone.original("tests/solutions/UtsRename.java");
        }

        @Test
        @DisplayName("packs what was changed, and the grader reads exactly that")
        void round() throws IOException {
            Clone.save(FILE, solution());
            put("records/uts.json", "{\"lab\": \"Uts\", \"student\": \"ada\"}");
            put("predictions/uts.txt", "1. inside");
            var ran = packed().okay();
            assertEquals(Map.of("exercises/UtsRename.java", solution(), "records/uts.json", "{\"lab\": \"Uts\", \"student\": \"ada\"}", "predictions/uts.txt", "1. inside"), entries());
            assertEquals("", ran.stderr());
            var graded = Clone.run(as, "", Map.of(), "grade", folder.resolve("ada.zip").toString(), "--out", folder.resolve("out").toString(), "--only", "UtsRename", "--only", "UtsLength");
            assertEquals(0, graded.exit(), graded::toString);
            JsonNode result = new ObjectMapper().readTree(Files.readString(folder.resolve("out/students/ada/result.json")));
            assertEquals("ada", result.path("student").asText());
            for (var item : result.path("items")) {
                if (item.path("name").asText().equals("UtsRename")) assertEquals("PASS", item.path("verdict").asText(), item::toString);
                if (item.path("name").asText().equals("UtsLength")) assertTrue(item.path("reason").asText().contains("is not in the submission"), item::toString);
            }
        }

        @Test
        @DisplayName("says what is in it, how that stands, and what is missing")
        void says() throws IOException {
            Clone.save(FILE, solution());
            Clone.run(as, "", Map.of(), "watch", "--once", "UtsRename").okay();
            Clone.save("labs/exercises/UtsLength.java", Clone.original("labs/exercises/UtsLength.java") + "// mine\n");
            put("records/uts.json", "{\"student\": \"ada\"}");
            var said = packed().okay().stdout();
            assertTrue(said.matches("(?s).*exercises/UtsRename.java +done, 5 of 5 points\n.*"), said);
            assertTrue(said.matches("(?s).*exercises/UtsLength.java +not judged yet\n.*"), said);
            assertTrue(said.matches("(?s).*\\d+ records of the labs: .*\\bPid\\b.*predictions for the labs: .*\\bUts\\b.*"), said);
            assertFalse(said.matches("(?s).*records of the labs:[^\n]*\\bUts\\b.*"), said);
        }

        @Test
        @DisplayName("takes no starter, whatever its line ends are")
        void starter() throws IOException {
            Clone.save(FILE, Clone.original(FILE).replace("\n", "\r\n"));
            var nothing = packed();
            assertEquals(1, nothing.exit(), nothing::toString);
            assertFalse(Files.exists(folder.resolve("ada.zip")), "there is nothing to hand in, and it has written a file");
            Clone.save(FILE, Clone.original(FILE).replaceFirst("// TODO 1.*", "int mine;"));
            packed().okay();
            assertEquals(List.of("exercises/UtsRename.java"), List.copyOf(entries().keySet()));
        }

        @Test
        @DisplayName("warns of records that are not this student's, and leaves out what the grader would not read")
        void warns() throws IOException {
            put("records/uts.json", "{\"student\": \"bob\"}");
            put("records/pid.json", "{\"student\": null}");
            put("records/ipc.json", "not JSON");
            put("records/notes.md", "x");
            put("predictions/uts.txt", "x".repeat(300_000));
            var said = packed().okay().stderr();
            for (var text : List.of("uts.json was made with --student bob, and you are ada", "pid.json was made without --student", "ipc.json is not JSON", "notes.md is not taken", "uts.txt is not taken: it is longer than"))
                assertTrue(said.contains(text), () -> text + " is not in: " + said);
            assertEquals(List.of("records/ipc.json", "records/pid.json", "records/uts.json"), List.copyOf(entries().keySet()));
        }

        @Test
        @DisplayName("writes over nothing without --force, and the same again with it")
        void force() throws IOException {
            Clone.save(FILE, solution());
            packed().okay();
            var first = Files.readAllBytes(folder.resolve("ada.zip"));
            Clone.save(FILE, solution() + "// more\n");
            var refused = packed();
            assertEquals(2, refused.exit(), refused::toString);
            assertTrue(refused.stderr().contains("ada.zip is there already"), refused::toString);
            org.junit.jupiter.api.Assertions.assertArrayEquals(first, Files.readAllBytes(folder.resolve("ada.zip")));
            packed("--force").okay();
            assertEquals(solution() + "// more\n", entries().get("exercises/UtsRename.java"));
            Clone.save(FILE, solution());
            packed("--force").okay();
            org.junit.jupiter.api.Assertions.assertArrayEquals(first, Files.readAllBytes(folder.resolve("ada.zip")));
        }

        @Test
        @DisplayName("says what is wrong with its arguments, with exit code 2")
        void usage() {
            Clone.save(FILE, solution());
            for (var wrong : List.of(List.of(), List.of("../ada"), List.of("a b"), List.of(""), List.of("ada", "--out", folder.resolve("work.zip").toString()), List.of("ada", "--out", "/nonexistent/ada.zip"), List.of("ada", "bob"))) {
                var ran = handIn(wrong.toArray(String[]::new));
                assertEquals(2, ran.exit(), ran::toString);
                assertTrue(ran.stderr().lines().count() > 1, ran::toString);
            }
        }
    }
}
