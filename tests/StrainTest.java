import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
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
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Scratch;
import outside.Solutions;

/** The grader on a bad day: a machine that is busy, an answer that is looked at while it runs, and a grader that is killed half-way. */
@Timeout(900)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@DisplayName("The grader under strain")
class StrainTest {
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
        private static final List<String> ONLY = List.of("--only", "UtsRename");
        private static final int STUDENTS = 12;
        private final As as;
        private Path folder, all;

        Checks(As as) {
            this.as = as;
        }

        /** Twelve different answers: every third one is right, every third one wrong, and every third one ends too early. */
        @BeforeAll
        void submissions() throws IOException {
            assumeTrue(as.obstacle() == null, as.obstacle());
            folder = Grader.folder(as);
            all = folder.resolve("class");
            for (int i = 0; i < STUDENTS; i++) {
                var from = List.of("tests/solutions", "tests/cheats/B2-fixed", "tests/cheats/A2-halt").get(i % 3);
                var exercises = Files.createDirectories(all.resolve(String.format("student%02d/exercises", i)));
                Files.writeString(exercises.resolve("UtsRename.java"), Files.readString(Home.path().resolve(from + "/UtsRename.java")) + "\n// mine: " + i + "\n");
            }
            Ran.command("chown", "-R", "" + as.uid(), folder.toString());
        }

        private static String expected(int i) {
            return List.of("PASS", "FAIL", "STUDENT_ERROR").get(i % 3);
        }

        private String[] arguments(String out, String... more) {
            var words = new ArrayList<>(List.of(all.toString(), "--out", folder.resolve(out).toString()));
            words.addAll(ONLY);
            words.addAll(List.of(more));
            return words.toArray(String[]::new);
        }

        private Map<String, String> verdicts(String out) throws IOException {
            var verdicts = new TreeMap<String, String>();
            for (var student : Ran.names(folder.resolve(out + "/students")).toList()) {
                var result = folder.resolve(out + "/students/" + student + "/result.json");
                if (Files.exists(result)) verdicts.put(student, new ObjectMapper().readTree(Files.readString(result)).path("items").get(0).path("verdict").asText());
            }
            return verdicts;
        }

        private static Map<String, String> expected() {
            var all = new TreeMap<String, String>();
            for (int i = 0; i < STUDENTS; i++) all.put(String.format("student%02d", i), expected(i));
            return all;
        }

        @Test
        @DisplayName("gives the same verdicts three times, with every processor busy with something else")
        void busy() throws Exception {
            var busy = new ArrayList<Process>();
            try {
                for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) busy.add(new ProcessBuilder("timeout", "600", "sh", "-c", "while :; do :; done").start());
                for (int i = 0; i < 3; i++) {
                    var ran = Grader.run(as, 600, arguments("busy" + i));
                    assertEquals(0, ran.exit(), ran::toString);
                    assertEquals(expected(), verdicts("busy" + i));
                }
            } finally {
                busy.forEach(each -> each.descendants().forEach(ProcessHandle::destroyForcibly));
                busy.forEach(Process::destroyForcibly);
            }
        }

        @Test
        @DisplayName("keeps what is graded when it is killed with SIGKILL, leaves no process behind, and --resume goes on")
        void killed() throws Exception {
            var process = Grader.start(as, folder.resolve("killed.log"), arguments("killed", "--jobs", "1"));
            var students = folder.resolve("killed/students");
            for (long end = System.nanoTime() + Scratch.patience(120) * 1_000_000_000L; System.nanoTime() < end; Thread.sleep(10))
                if (Files.isDirectory(students) && Ran.names(students).count() >= 3) break;
            var below = Processes.below(process.pid());
            Ran.command("kill", "-KILL", "" + process.pid()).okay();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the grader did not end");
            var some = verdicts("killed");
            assertTrue(some.size() >= 2 && some.size() < STUDENTS, () -> "it was not killed half-way: " + some);
            for (var each : some.entrySet()) assertEquals(expected().get(each.getKey()), each.getValue(), each::toString);
            for (long end = System.nanoTime() + 10_000_000_000L; below.stream().anyMatch(Proc::alive) && System.nanoTime() < end; Thread.sleep(50)) {}
            assertEquals(List.of(), below.stream().filter(Proc::alive).map(each -> each.pid() + " " + command(each)).toList(), "processes are left behind");

            var ran = Grader.run(as, 300, arguments("killed", "--resume"));
            assertEquals(0, ran.exit(), ran::toString);
            assertTrue(ran.stderr().contains(some.size() + " of " + STUDENTS + " students are graded already"), ran::toString);
            assertEquals(expected(), verdicts("killed"));
            try (var files = Files.walk(folder.resolve("killed"))) {
                assertEquals(List.of(), files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".tmp")).toList(), "half a file is left behind");
            }
        }

        private static String command(Proc process) {
            try {
                return String.join(" ", process.commandLine());
            } catch (UncheckedIOException ended) {
                return "";
            }
        }

        @Test
        @DisplayName("runs an answer without a privilege, in namespaces of its own, under a filter, and with an address space without a limit")
        void box() throws Exception {
            var process = Grader.start(as, folder.resolve("log"), "try", as.workbook().resolve("tests/cheats/E3-sleep/UtsRename.java").toString());
            try {
                Proc answer = null;
                for (long end = System.nanoTime() + Scratch.patience(120) * 1_000_000_000L; answer == null && System.nanoTime() < end; Thread.sleep(10))
                    answer = Processes.below(process.pid()).stream().filter(each -> command(each).contains("/bin/java") && command(each).endsWith(" UtsRename")).findFirst().orElse(null);
                assertTrue(answer != null, () -> "no answer was seen running: " + Ran.command("cat", folder.resolve("log").toString()));
                var grader = Proc.of(process.pid());
                for (var type : List.of("user", "pid", "mnt", "net", "ipc", "uts", "cgroup", "time"))
                    assertFalse(answer.identity(type).equals(grader.identity(type)), "the answer stands in the grader's " + type + " namespace");
                var status = answer.status();
                assertEquals("1", status.get("NoNewPrivs"));
                assertEquals("2", status.get("Seccomp"));
                for (var uid : answer.uids()) assertFalse(uid == 0, () -> "the answer is the machine's root: " + status.get("Uid"));
                var limit = answer.lines("limits").stream().filter(line -> line.startsWith("Max address space")).findFirst().orElseThrow();
                assertTrue(limit.matches("Max address space +unlimited +unlimited +bytes *"), limit);
                // Whoever is privileged in its own user namespace is so in no other: neither the machine's devices nor its files.
                assertEquals(List.of(), answer.mounts().stream().filter(mount -> mount.point().equals("/") && !List.of(mount.options().split(",")).contains("ro")).toList(), "its root can be written");
            } finally {
                Processes.below(process.pid()).forEach(each -> Ran.command("kill", "-KILL", "" + each.pid()));
                process.destroyForcibly();
            }
        }

        @Test
        @DisplayName("tells nothing of the machine in what it tells a student")
        void secrets() throws Exception {
            var some = folder.resolve("secrets");
            for (var cheat : List.of("E11-compile", "A3-abort", "B2-fixed", "A9-results", "E13-class"))
                Ran.command("install", "-D", Home.path().resolve("tests/cheats/" + cheat + "/UtsRename.java").toString(), some.resolve(cheat + "/exercises/UtsRename.java").toString()).okay();
            Files.createSymbolicLink(Files.createDirectories(some.resolve("link/exercises")).resolve("UtsRename.java"), folder.resolve("secrets"));
            Ran.command("chown", "-hR", "" + as.uid(), some.toString());
            assertEquals(0, Grader.run(as, 300, some.toString(), "--out", folder.resolve("secrets-out").toString(), "--only", "UtsRename").exit());
            for (var student : Ran.names(folder.resolve("secrets-out/students")).filter(name -> !name.equals("link")).toList()) { // that one says itself where it points
                var text = Files.readString(folder.resolve("secrets-out/students/" + student + "/result.json"));
                assertTrue(text.contains("\"verdict\""), text);
                for (var secret : List.of(as.workbook().toString(), folder.toString(), "nslabs-grade-", "/proc/", "grader.judge")) assertFalse(text.contains(secret), () -> student + " is told of " + secret + ": " + text);
            }
        }

        @Test
        @DisplayName("gives an answer values that nobody can compute beforehand who does not know the teacher's key")
        void key() throws Exception {
            var saw = new ArrayList<String>();
            for (var key : List.of("", "one", "one", "two")) {
                var out = folder.resolve("key" + saw.size());
                var ran = Grader.under(as, List.of("env", "NSLABS_GRADE_KEY=" + key), 300, all.resolve("student00").toString(), "--out", out.toString(), "--only", "UtsRename");
                assertEquals(0, ran.exit(), ran::toString);
                var text = Files.readString(out.resolve("students/student00/result.json"));
                saw.add(text.replaceFirst("(?s).*hostname is to be (hostname-[0-9a-f]{8}).*", "$1"));
            }
            assertTrue(saw.get(0).matches("hostname-[0-9a-f]{8}"), saw::toString);
            assertEquals(saw.get(1), saw.get(2), "the same key gives the same values");
            assertEquals(3, saw.stream().distinct().count(), () -> "another key, or none, gives other values: " + saw);
        }

        @Test
        @DisplayName("sends no control character of an answer's to a terminal")
        void terminal() {
            for (var cheat : List.of("E9-hostname", "E9-markup")) {
                var ran = Grader.run(as, 120, "try", "--output", as.workbook().resolve("tests/cheats/" + cheat + "/UtsRename.java").toString());
                assertTrue(ran.stdout().contains("<script>"), ran::toString); // text is nothing to a terminal, and a page has to escape it
                assertFalse(ran.stdout().codePoints().anyMatch(c -> c < 32 && c != '\n' || c >= 127 && c < 160), () -> cheat + ": " + ran.stdout().replaceAll("\\p{Cntrl}", "?"));
                assertFalse(ran.stdout().lines().anyMatch(line -> line.startsWith("✔")), ran::toString);
            }
        }

        @Test
        @DisplayName("unpacks no more than so much, whatever it is that an archive is full of")
        void archives() throws Exception {
            var some = Files.createDirectories(folder.resolve("archives"));
            Ran.command("install", "-D", Home.path().resolve("tests/solutions/UtsRename.java").toString(), some.resolve("good/exercises/UtsRename.java").toString()).okay();
            try (var out = new GZIPOutputStream(Files.newOutputStream(some.resolve("name.tar.gz")))) { // an entry's name that is longer than any file may be
                var header = ByteBuffer.allocate(512);
                header.put(0, "././@LongLink".getBytes()).put(124, String.format("%011o", 60 << 20).getBytes()).put(148, "        ".getBytes()).put(156, (byte) 'L').put(257, "ustar  ".getBytes());
                int sum = 0;
                for (var each : header.array()) sum += each & 0xff;
                header.put(148, String.format("%06o", sum).getBytes()).put(154, (byte) 0);
                out.write(header.array());
                for (int i = 0; i < 60; i++) out.write(new byte[1 << 20]);
            }
            try (var file = new RandomAccessFile(some.resolve("long.zip").toFile(), "rw")) {
                file.setLength(30 << 20);
            }
            Ran.command("chown", "-R", "" + as.uid(), some.toString());
            var ran = Grader.run(as, 300, some.toString(), "--out", folder.resolve("archives-out").toString(), "--only", "UtsRename");
            assertEquals(0, ran.exit(), ran::toString);
            assertEquals(Map.of("good", "PASS", "name", "FAIL", "long", "FAIL"), verdicts("archives-out"));
            for (var reason : Map.of("name", "it unpacks to more than 40 MiB", "long", "it is longer than 20 MiB").entrySet())
                assertTrue(Files.readString(folder.resolve("archives-out/students/" + reason.getKey() + "/result.json")).contains(reason.getValue()), reason::toString);
        }

        private static java.util.stream.Stream<String> cgroups() {
            var found = Ran.command("find", "/sys/fs/cgroup", "-type", "d", "-name", "nslabs-*").stdout(); // they come and go meanwhile
            return found.lines();
        }

        @Test
        @DisplayName("does what it did before, where an earlier one left cgroups and files behind, and takes them away")
        void leftOver() throws Exception {
            var process = Grader.start(as, folder.resolve("first.log"), arguments("first", "--jobs", "1"));
            for (long end = System.nanoTime() + Scratch.patience(120) * 1_000_000_000L; System.nanoTime() < end; Thread.sleep(10))
                if (Files.isDirectory(folder.resolve("first/students"))) break;
            Processes.below(process.pid()).forEach(each -> Ran.command("kill", "-KILL", "" + each.pid())); // and nobody tidies up
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the grader did not end");
            var ran = Grader.run(as, 300, arguments("second"));
            assertEquals(0, ran.exit(), ran::toString);
            assertEquals(expected(), verdicts("second"));
            var mark = "-" + process.pid() + "-"; // its cgroups and its directory have its PID in their names
            assertEquals(List.of(), Ran.names(Path.of("/tmp")).filter(name -> name.startsWith("nslabs-") && name.contains(mark)).toList(), "files are left behind");
            assertEquals(List.of(), cgroups().filter(name -> name.contains("/nslabs-") && name.contains(mark)).toList(), "cgroups are left behind");
        }
    }
}
