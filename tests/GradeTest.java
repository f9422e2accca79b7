import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import outside.As;
import outside.Grader;
import outside.Home;
import outside.Ran;
import outside.Schema;
import outside.Solutions;

/** Grading a class: what is read, what is written, and what a bad submission does to the others, which is nothing. */
@Timeout(900)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@DisplayName("The grader")
class GradeTest {
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
        /** Two exercises that stay as they are, whatever the labs get. */
        private static final List<String> ONLY = List.of("--only", "UtsRename", "--only", "UtsLength");
        private final As as;
        private Path folder;
        private Path all;
        private Ran first;

        Checks(As as) {
            this.as = as;
        }

        /** A class with everything in it that a class may have. */
        @BeforeAll
        void grade() throws IOException {
            assumeTrue(as.obstacle() == null, as.obstacle());
            folder = Grader.folder(as);
            all = folder.resolve("class");
            var good = solution("UtsRename");
            put("good/exercises/UtsRename.java", good);
            put("good/exercises/UtsLength.java", solution("UtsLength"));
            put("flat/UtsRename.java", good + "\n// mine\n");
            put("starter/exercises/UtsRename.java", Files.readString(Home.path().resolve("labs/exercises/UtsRename.java")));
            put("wrongcase/exercises/utsrename.java", good);
            Files.createDirectories(all.resolve("empty"));
            put("big/exercises/UtsRename.java", good + " ".repeat(300_000));
            Files.createDirectories(all.resolve("link/exercises"));
            Files.createSymbolicLink(all.resolve("link/exercises/UtsRename.java"), Path.of("/etc/passwd"));
            Files.createSymbolicLink(all.resolve("linked"), all.resolve("good"));
            Ran.command("mkfifo", "-m", "666", Files.createDirectories(all.resolve("fifo/exercises")).resolve("UtsRename.java").toString()).okay();
            zip("zip.zip", Map.of("zip/exercises/UtsRename.java", good));
            zip("slip.zip", Map.of("exercises/UtsRename.java", good, "../../slipped", "x"));
            zip("absolute.zip", Map.of("/tmp/slipped", "x"));
            zip("bomb.zip", Map.of("exercises/UtsRename.java", good, "bomb.txt", "0".repeat(30 << 20)));
            put("broken.zip", "this is no archive");
            tar("tar.tar.gz", "exercises/UtsRename.java", good, List.of());
            tar("tarlink.tar.gz", "exercises/UtsRename.java", good, List.of("ln -s /etc/passwd exercises/UtsLength.java"));
            tar("tardots.tar.gz", "x/../y", good, null);
            put("inside/exercises/UtsRename.java", good);
            put("inside/result.json", "{\"points\": 100}");
            Ran.command("chown", "-R", "" + as.uid(), folder.toString());
            first = grade("out");
        }

        private Ran grade(String out, String... more) {
            return Grader.run(as, 300, arguments(out, more));
        }

        private String[] arguments(String out, String... more) {
            var words = new ArrayList<>(List.of(all.toString(), "--out", folder.resolve(out).toString()));
            words.addAll(ONLY);
            words.addAll(List.of(more));
            return words.toArray(String[]::new);
        }

        private static String solution(String name) throws IOException {
            return Files.readString(Home.path().resolve("tests/solutions/" + name + ".java"));
        }

        private void put(String name, String text) throws IOException {
            var file = all.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }

        private void zip(String name, Map<String, String> entries) throws IOException {
            try (OutputStream out = Files.newOutputStream(all.resolve(name)); var zip = new ZipOutputStream(out)) {
                for (var entry : new TreeMap<>(entries).entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                }
            }
        }

        /** @param more shell commands in the folder before it is packed; null: the entry's name is written as it is, as GNU tar does with -P */
        private void tar(String name, String entry, String text, List<String> more) throws IOException {
            var from = Files.createDirectories(folder.resolve("from-" + name));
            var file = from.resolve(more == null ? "plain" : entry);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            var commands = new ArrayList<>(List.of("cd " + from));
            if (more != null) commands.addAll(more);
            commands.add(more != null ? "tar czf " + all.resolve(name) + " *" : "tar czPf " + all.resolve(name) + " --transform 's|plain|" + entry + "|' plain");
            Ran.command("sh", "-c", String.join(" && ", commands)).okay();
        }

        private JsonNode student(String id) throws IOException {
            return new ObjectMapper().readTree(Files.readString(folder.resolve("out/students/" + id + "/result.json")));
        }

        private JsonNode item(String id, String name) throws IOException {
            for (var item : student(id).path("items")) if (item.path("name").asText().equals(name)) return item;
            throw new AssertionError(id + " has no item " + name);
        }

        private void assertItem(String id, String verdict, String words) throws IOException {
            var item = item(id, "UtsRename");
            assertEquals(verdict, item.path("verdict").asText(), item::toString);
            assertTrue((item.path("reason").asText() + " " + student(id).path("notes")).contains(words), () -> words + " is not said: " + item);
        }

        @Test
        @DisplayName("grades all of them, and says so")
        void exit() {
            assertEquals(0, first.exit(), first::toString);
            assertTrue(first.stdout().contains(" 0 without a score"), first::toString);
        }

        @Test
        @DisplayName("writes results as their schema says, and a page for each student and for the class")
        void forms() throws IOException {
            var out = folder.resolve("out");
            assertEquals(List.of(), Schema.resultFaults(new ObjectMapper().readTree(Files.readString(out.resolve("run.json")))));
            try (var students = Files.list(out.resolve("students"))) {
                for (var student : students.map(each -> each.getFileName().toString()).toList()) {
                    assertEquals(List.of(), Schema.resultFaults(student(student)), student);
                    assertTrue(Files.readString(out.resolve("students/" + student + "/index.html")).contains(student(student).path("points").asInt() + "</strong> of"), student);
                    assertTrue(Files.readString(out.resolve("report.html")).contains("students/" + student + "/index.html"), student);
                }
            }
            for (var form : List.of("grades.csv", "junit.xml", "students/good/gradescope.json", "students/good/classroom.json", "students/good/exercism.json")) assertTrue(Files.size(out.resolve(form)) > 0, form);
        }

        @Test
        @DisplayName("gives points for what is right, in a folder, flat, in a .zip and in a .tar.gz")
        void right() throws IOException {
            assertEquals(8, student("good").path("points").asInt(), student("good")::toString);
            for (var id : List.of("flat", "zip", "tar", "inside")) assertEquals(5, student(id).path("points").asInt(), () -> id);
        }

        @Test
        @DisplayName("gives nothing for a starter, an empty folder and a wrong name, and names the file that it expects")
        void nothing() throws IOException {
            assertItem("starter", "FAIL", "");
            assertItem("empty", "FAIL", "exercises/UtsRename.java is not in the submission");
            assertItem("wrongcase", "FAIL", "the name must be exactly UtsRename.java");
            for (var id : List.of("starter", "empty", "wrongcase")) assertEquals(0, student(id).path("points").asInt(), () -> id);
        }

        @Test
        @DisplayName("follows no link, waits for no pipe, reads nothing endless")
        void links() throws IOException {
            assertItem("link", "TAMPER", "symbolic link");
            assertItem("linked", "FAIL", "symbolic link");
            assertItem("fifo", "FAIL", "is not in the submission");
            assertItem("big", "FAIL", "longer than 256 KiB");
            for (var id : List.of("link", "linked", "fifo", "big")) assertEquals(0, student(id).path("points").asInt(), () -> id);
            assertFalse(student("link").toString().contains("root:x:"), "a link led the grader to /etc/passwd");
        }

        @Test
        @DisplayName("unpacks no archive with a bad entry, and names the entry")
        void archives() throws IOException {
            assertItem("slip", "FAIL", "../../slipped leads out of it");
            assertItem("absolute", "FAIL", "/tmp/slipped has an absolute path");
            assertItem("bomb", "FAIL", "bomb.txt it unpacks to more than");
            assertItem("broken", "FAIL", "cannot be read as an archive");
            assertItem("tarlink", "FAIL", "exercises/UtsLength.java is a link to /etc/passwd");
            assertItem("tardots", "FAIL", "x/../y leads out of it");
            assertFalse(Files.exists(Path.of("/tmp/slipped")) || Files.exists(folder.resolve("slipped")) || Files.exists(folder.getParent().resolve("slipped")));
        }

        @Test
        @DisplayName("marks copies for the teacher, and takes no points for them")
        void copies() throws IOException {
            assertTrue(student("zip").path("notes").toString().contains("that of flat, good, inside, tar"), student("zip")::toString);
            assertTrue(student("good").path("notes").toString().contains("workbook's own solution"));
            assertFalse(student("starter").path("notes").toString().contains("same"));
        }

        @Test
        @DisplayName("writes the same bytes again, but for times")
        void again() throws IOException {
            assertEquals(0, grade("again").exit());
            assertEquals(Grader.results(folder.resolve("out")), Grader.results(folder.resolve("again")));
        }

        @Test
        @DisplayName("grades in shards that can be merged in any order, and names one that is missing")
        void shards() throws IOException {
            for (int i = 1; i <= 3; i++) assertEquals(0, grade("shard" + i, "--shard", i + "/3").exit());
            var incomplete = merge("incomplete", "shard3", "shard1");
            assertEquals(1, incomplete.exit());
            assertTrue(incomplete.stderr().contains("Shard 2/3 is missing"), incomplete::toString);
            assertEquals(0, merge("merged", "shard3", "shard1", "shard2").exit());
            assertEquals(Grader.results(folder.resolve("out")), Grader.results(folder.resolve("merged")));
        }

        private Ran merge(String out, String... parts) {
            var words = new ArrayList<>(List.of("merge", "--out", folder.resolve(out).toString()));
            for (var part : parts) words.add(folder.resolve(part).toString());
            return Grader.run(as, 60, words.toArray(String[]::new));
        }

        @Test
        @DisplayName("keeps with --resume what is graded, and grades what has changed")
        void resume() throws IOException {
            assertEquals(0, grade("resumed").exit());
            put("flat/UtsRename.java", "class UtsRename {}");
            try {
                var ran = grade("resumed", "--resume");
                assertTrue(ran.stderr().contains("students are graded already"), ran::toString);
                var flat = new ObjectMapper().readTree(Files.readString(folder.resolve("resumed/students/flat/result.json")));
                assertEquals(0, flat.path("points").asInt(), flat::toString);
            } finally {
                put("flat/UtsRename.java", solution("UtsRename") + "\n// mine\n");
            }
        }

        @Test
        @DisplayName("gives no score where the machine forbids namespaces, keeps an older one, and names the knob")
        void infra() throws IOException {
            var kept = grade("kept");
            assertEquals(0, kept.exit(), kept::toString);
            var line = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_uts_namespaces; exec \"$@\"", "sh"));
            var ran = Grader.under(as, line, 300, arguments("none"));
            assertEquals(1, ran.exit(), ran::toString);
            var good = new ObjectMapper().readTree(Files.readString(folder.resolve("none/students/good/result.json")));
            assertTrue(good.path("points").isNull(), good::toString);
            assertTrue(good.toString().contains("user.max_uts_namespaces is 0"), good::toString);
            assertFalse(Files.readString(folder.resolve("none/grades.csv")).contains("good,,0"), "no score is not 0");
            Grader.under(as, line, 300, arguments("kept"));
            good = new ObjectMapper().readTree(Files.readString(folder.resolve("kept/students/good/result.json")));
            assertEquals(8, good.path("points").asInt(), good::toString);
        }

        @Test
        @DisplayName("leaves out what needs a cgroup where it can make none, and says so; named, it has no score")
        void withoutCgroups() throws IOException {
            var line = List.of("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /sys/fs/cgroup && exec \"$@\"", "sh");
            put("../limits/good/exercises/UtsLength.java", solution("UtsLength"));
            put("../limits/good/exercises/LimitsPids.java", solution("LimitsPids"));
            Ran.command("chown", "-R", "" + as.uid(), folder.resolve("limits").toString());
            var left = Grader.under(as, line, 300, folder.resolve("limits").toString(), "--out", folder.resolve("left").toString(), "--only", "UtsLength", "--only", "Limits");
            assertEquals(0, left.exit(), left::toString);
            assertTrue(left.stderr().contains("LimitsPids is left out: it needs a cgroup"), left::toString);
            assertTrue(new ObjectMapper().readTree(Files.readString(folder.resolve("left/run.json"))).path("missing").toString().contains("LimitsPids is left out"), left::toString);
            var result = new ObjectMapper().readTree(Files.readString(folder.resolve("left/students/good/result.json")));
            assertEquals(3, result.path("points").asInt(-1), result::toString);
            assertFalse(result.path("items").toString().contains("LimitsPids"), result::toString);

            var named = Grader.under(as, line, 300, folder.resolve("limits").toString(), "--out", folder.resolve("named").toString(), "--only", "UtsLength", "--only", "LimitsPids");
            assertEquals(1, named.exit(), named::toString);
            result = new ObjectMapper().readTree(Files.readString(folder.resolve("named/students/good/result.json")));
            assertTrue(result.path("points").isNull(), result::toString);
            assertTrue(result.path("items").toString().contains("Delegate=yes"), result::toString);
        }

        @Test
        @DisplayName("merges no shards in which students were graded for different things")
        void differentItems() {
            assertEquals(0, Grader.run(as, 300, all.toString(), "--out", folder.resolve("one").toString(), "--shard", "1/2", "--only", "UtsLength").exit());
            assertEquals(0, Grader.run(as, 300, all.toString(), "--out", folder.resolve("other").toString(), "--shard", "2/2", "--only", "UtsLength", "--only", "UtsRename").exit());
            var merged = merge("mixed", "one", "other");
            assertEquals(2, merged.exit(), merged::toString);
            assertTrue(merged.stderr().contains("not everybody was graded for the same"), merged::toString);
        }

        @Test
        @DisplayName("says what is wrong with its arguments, with exit code 2")
        void usage() {
            for (var wrong : List.of(List.of("/nonexistent"), List.of(all.toString(), "--shard", "3/2"), List.of(all.toString(), "--only", "Nothing"), List.of(), List.of(all.toString(), "--jobs", "0"))) {
                var ran = Grader.run(as, 60, wrong.toArray(String[]::new));
                assertEquals(2, ran.exit(), ran::toString);
                assertFalse(ran.stderr().contains("\tat "), ran::toString);
            }
        }
    }
}
