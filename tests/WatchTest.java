import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.parallel.ResourceLock;
import outside.As;
import outside.Clone;
import outside.OnTerminal;
import outside.Proc;
import outside.Ran;
import outside.Solutions;

/** What a student does with {@code ./build.sh watch}, on a pseudo-terminal and in a pipe. */
@Timeout(900)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@ResourceLock("the clone in which a student works")
@DisplayName("Watch")
class WatchTest {
    private static final String FILE = "labs/exercises/UtsRename.java", LENGTH = "labs/exercises/UtsLength.java";
    private static final String ESCAPE = "\033", CTRL_C = "\003", CTRL_Z = "\032", DOWN = ESCAPE + "[B", UP = ESCAPE + "[A";

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
        private OnTerminal terminal;

        Checks(As as) {
            this.as = as;
        }

        @BeforeAll
        void possible() {
            assumeTrue(as.obstacle() == null, as.obstacle());
            Clone.run(as, "", Map.of(), "watch", "--help").okay(); // compiles
        }

        @BeforeEach
        void begin() {
            Clone.begin();
        }

        @AfterEach
        void end() {
            if (terminal != null) terminal.close();
        }

        private OnTerminal watch(Map<String, String> environment, String... words) {
            assumeTrue(Ran.has("script"), "script(1) is not installed: no pseudo-terminal to try it on");
            if (terminal != null) terminal.close();
            var line = new ArrayList<>(List.of(Clone.path().resolve("build.sh").toString(), "watch"));
            line.addAll(List.of(words));
            terminal = OnTerminal.start(as, environment, 24, 80, line.toArray(String[]::new));
            return terminal;
        }

        // ---- one session, key by key ----

        @TestFactory
        @DisplayName("on a terminal")
        Stream<DynamicTest> session() {
            return Stream.of(
                    step("shows the task of an exercise that is not begun, and how it stands", () -> watch(Map.of(), "UtsRename").await("A thread of this program shall have a hostname of its own.",
                            "3 points  A thread stands in a UTS namespace", FILE, "FAIL, 0 of 5 points")),
                    step("Enter shows the first claim that does not hold, and why", () -> press("\r", "✘ A thread stands in a UTS namespace of its own", "[uts.child-renames-itself]",
                            "None of your processes and threads stands in another uts namespace")),
                    step("h gives a hint, and a little more each time", () -> {
                        assertFalse(press("h", "Hint 1 of 4").contains("Hint 2 of 4"));
                        assertFalse(press("h", "Hint 1 of 4", "Hint 2 of 4").contains("Hint 3 of 4"));
                        assertFalse(press("h", "Hint 3 of 4").contains("That was the last hint."));
                        press("h", "Hint 4 of 4", "That was the last hint.");
                    }),
                    step("with the hints stands what the kernel showed", () -> assertTrue(Pattern.compile("All \\d+ threads of your program stand in uts:\\[\\d+], as before\\.").matcher(terminal.screen()).find(), terminal::screen)),
                    step("e explains nothing yet", () -> press("e", "The explanation comes when all claims hold.")),
                    step("a saved file is judged, and the result is another one", () -> save(half(), "FAIL, 3 of 5 points", "✔ A thread stands", "✘ A second thread stands", "Only one thread stands in uts:[")),
                    step("the hint follows what the kernel shows", () -> {
                        save(solution().replace("inside.run(() -> sethostname(name, name.length()));", ""), "and not hostname-");
                        assertTrue(Pattern.compile("Thread \\d+ stands in uts:\\[\\d+], and the hostname there is still box\\.").matcher(press("h", "What the kernel showed").replaceAll("\\s+", " ")).find(), terminal::screen);
                    }),
                    step("what the compiler says is short, with the line of the student's file", () -> {
                        int line = 1 + solution().substring(0, solution().indexOf("inside.unshare")).split("\n", -1).length - 1;
                        save(solution().replace("inside.unshare", "outside.unshare"), "UtsRename.java does not compile", "line " + line + ": cannot find symbol", "outside.unshare(CLONE_NEWUTS);");
                    }),
                    step("a right answer passes, and there is what to read next", () -> save(solution(), "PASS, 5 of 5 points", "What you can read next", "docs/chapters/uts.adoc, uts_namespaces(7)", "1/")),
                    step("it goes on to nothing by itself", () -> {
                        Thread.sleep(1500);
                        assertTrue(terminal.screen().startsWith("UtsRename "), terminal::screen);
                    }),
                    step("e explains now", () -> press("e", "unshare(2) moved one thread, not the program")),
                    step("o shows what the program printed, r runs it again, with other names", () -> {
                        var first = name(press("o", "hostname is to be hostname-"));
                        press("r", "Judging");
                        terminal.awaitWithout("Judging");
                        assertNotEquals(first, name(press("o", "hostname is to be hostname-")));
                    }),
                    step("t shows the task again, ? all keys", () -> {
                        press("t", "Nobody else shall have it");
                        press("?", "put the starter back; your version is kept");
                    }),
                    step("l lists the exercises, / searches in them", () -> {
                        press("l", "✔ UtsRename", "5/5  done, current");
                        assertTrue(terminal.screen().contains("UtsLength"), terminal::screen);
                        press("/", "Search: _");
                        press("uts.seed", "> ", "Search: uts.seed_", "UtsLength");
                        terminal.awaitWithout("✔ UtsRename");
                        press("zzz", "No exercise has this in its name, lab, title or claims.");
                        press(ESCAPE, "✔ UtsRename");
                    }),
                    step("the arrows select one there, Enter goes to it", () -> {
                        int before = selected(press("", "> ✔ UtsRename"));
                        terminal.type(before == 3 ? DOWN : UP);
                        terminal.awaitWithout("> ✔ UtsRename");
                        assertEquals(1, Math.abs(before - selected(terminal.screen())), terminal::screen);
                        press("/UtsLength\r", "UtsLength  ", LENGTH, "This is the seed's program");
                    }),
                    step("it shows expected and saw", () -> {
                        press("\r", "expected  changed namespace x", "saw       changed name");
                    }),
                    step("n goes to the next one that is not done", () -> {
                        press("/", "The key / does nothing here");
                        press("l/UtsRename\r", FILE, "PASS, 5 of 5 points");
                        terminal.type("n");
                        terminal.awaitWithout(FILE);
                        assertFalse(terminal.screen().contains("PASS"), terminal::screen);
                    }),
                    step("c checks all that are begun", () -> {
                        press("l/UtsLength\r", LENGTH, "FAIL, 0 of 3 points");
                        Clone.save(LENGTH, Clone.original("tests/solutions/UtsLength.java").replace("(long) name.length()", "3L"));
                        terminal.await("saw       cha\n");
                        press("c", "All are checked: 1 of ");
                        press("/UtsLength", "0/3  not yet");
                        press(ESCAPE, "✔ UtsRename");
                        press(ESCAPE);
                    }),
                    step("x asks first", () -> {
                        press("l/UtsRename\r", FILE, "PASS, 5 of 5 points");
                        press("x", "Put the starter of UtsRename back?", "y  put the starter back");
                        press("n", "Nothing is reset.");
                        assertEquals(solution(), Clone.read(FILE));
                    }),
                    step("and puts the starter back, and keeps the student's version", () -> {
                        press("x", "Put the starter of UtsRename back?");
                        press("y", ".workbook/backups/UtsRename-1.java");
                        press("\r", "FAIL, 0 of 5 points");
                        assertEquals(Clone.original(FILE), Clone.read(FILE));
                        assertEquals(solution(), Clone.read(".workbook/backups/UtsRename-1.java"));
                        press("x", "is the starter: there is nothing to reset");
                    }),
                    step("another size of the window is filled anew", () -> {
                        for (var size : List.of(new int[] {30, 110}, new int[] {10, 50}, new int[] {4, 20}, new int[] {24, 80})) {
                            terminal.resize(size[0], size[1]);
                            terminal.type("t");
                            terminal.await("filled in " + size[0] + " lines and " + size[1] + " columns", screen -> {
                                var lines = screen.split("\n", -1);
                                return lines.length == size[0] && lines[0].startsWith("UtsRename ") && (size[0] <= 4 || lines[size[0] - 1].endsWith("q quit"))
                                        && (size[1] < 80 || lines[0].length() > size[1] - 3);
                            });
                        }
                    }),
                    step("q ends it: the terminal is as before, and nothing stays behind", () -> {
                        var left = Left.of(terminal);
                        terminal.type("q");
                        assertEquals(0, terminal.exit());
                        assertRestored("after");
                        assertTrue(terminal.screen().contains("0 of "), terminal::screen);
                        left.assertGone();
                    }));
        }

        private interface Step {
            void run() throws Exception;
        }

        private DynamicTest step(String sentence, Step step) {
            return dynamicTest(sentence, step::run);
        }

        private String press(String keys, String... expected) {
            terminal.type(keys);
            return terminal.await(expected);
        }

        private void save(String text, String... expected) {
            Clone.save(FILE, text);
            terminal.await(expected);
            terminal.awaitWithout("Judging");
            terminal.await(expected);
        }

        private static String name(String screen) {
            var name = Pattern.compile("hostname-[0-9a-f]{8}").matcher(screen);
            assertTrue(name.find(), screen);
            return name.group();
        }

        /** The line with the mark of the list; -1 without. */
        private static int selected(String screen) {
            var lines = screen.split("\n", -1);
            for (int i = 0; i < lines.length; i++) if (lines[i].startsWith("> ")) return i;
            return -1;
        }

        private static String solution() {
            return Clone.original("tests/solutions/UtsRename.java");
        }

        /** The member starts elsewhere. */
        private static String half() {
            return solution().replace("inside.another(\"member\")", "new Caller(\"member\")");
        }

        private void assertRestored(String when) {
            var sizes = "rows \\d+; columns \\d+;";
            assertEquals(terminal.state("before").replaceAll(sizes, ""), terminal.state(when).replaceAll(sizes, ""));
            assertFalse(terminal.takenOver(), "the second screen is still shown");
            assertTrue(terminal.cursor(), "the cursor is still hidden");
        }

        // ---- how it ends ----

        private static String endless() {
            return solution().replace("inside.unshare(CLONE_NEWUTS);", "while (exercise != null) { Thread.onSpinWait(); }");
        }

        @Test
        @DisplayName("ends at Ctrl-C while an answer runs: the terminal is as before, and nothing stays behind")
        void interrupted() throws Exception {
            Clone.save(FILE, endless());
            watch(Map.of(), "UtsRename");
            awaitAnswer();
            var left = Left.of(terminal);
            terminal.type(CTRL_C);
            assertEquals(130, terminal.exit());
            assertRestored("after");
            left.assertGone();
        }

        @Test
        @DisplayName("ends at SIGTERM while an answer runs: the terminal is as before, and nothing stays behind")
        void terminated() throws Exception {
            Clone.save(FILE, endless());
            watch(Map.of(), "UtsRename");
            awaitAnswer();
            var left = Left.of(terminal);
            left.kill("-TERM");
            assertEquals(143, terminal.exit());
            assertRestored("after");
            left.assertGone();
        }

        @Test
        @DisplayName("takes q while an answer runs")
        void quit() throws Exception {
            Clone.save(FILE, endless());
            watch(Map.of(), "UtsRename");
            awaitAnswer();
            var left = Left.of(terminal);
            terminal.type("q");
            assertEquals(0, terminal.exit());
            left.assertGone();
        }

        @Test
        @DisplayName("leaves no process, cgroup or directory behind when it is killed")
        void killed() throws Exception {
            Clone.save(FILE, endless());
            watch(Map.of(), "UtsRename");
            awaitAnswer();
            var left = Left.of(terminal);
            left.kill("-KILL");
            left.assertGone();
        }

        @Test
        @DisplayName("stops at Ctrl-Z with the terminal in order, and goes on")
        void stopped() throws Exception {
            watch(Map.of(), "UtsRename").await("FAIL, 0 of 5 points");
            terminal.type(CTRL_Z);
            terminal.awaitStopped();
            assertRestored("stopped");
            terminal.type("\n"); // the shell says fg
            terminal.await("UtsRename");
            press("l", "UtsRename", "Enter go there");
            assertTrue(terminal.takenOver());
            press("q");
            assertEquals(0, terminal.exit());
            assertRestored("after");
        }

        @Test
        @DisplayName("starts over when the file is saved while an answer runs")
        void over() {
            Clone.save(FILE, endless());
            watch(Map.of(), "UtsRename");
            var spinning = awaitAnswer();
            Clone.save(FILE, solution());
            assertEnds(spinning, 6_000); // 8 s of CPU time are all that it may use
            terminal.await("PASS, 5 of 5 points");
        }

        /** Waits for a process to end, and looks that it has not used more CPU time than that. */
        private static void assertEnds(Proc process, long cpuMillis) {
            long used = 0;
            for (int i = 0; process.alive(); i++) {
                used = Math.max(used, process.cpuMillis());
                assertTrue(i < 600 && used < cpuMillis, "it was not stopped, but ran on for " + used + " ms of CPU time: " + process + " " + words(process));
                pause(50);
            }
        }

        /** Waits until the answer runs in its box; gives its process. */
        private Proc awaitAnswer() {
            terminal.await("Judging");
            for (int i = 0; i < 600; i++) {
                for (var process : terminal.processes()) if (boxed(process) && answers(words(process))) return process;
                pause(100);
            }
            throw new AssertionError("the answer does not run");
        }

        /** The JVM of the answer; neither the shell above it, nor a child of the session's JVM that has its command line until it calls execve. */
        private static boolean answers(List<String> words) {
            return words.contains("UtsRename") && words.get(0).endsWith("/java") && !words.contains("watch");
        }

        /** Whether a process is in a box, so in another PID namespace than this test. */
        private static boolean boxed(Proc process) {
            try {
                return process.nsPids().size() > Proc.self().nsPids().size();
            } catch (RuntimeException gone) {
                return false;
            }
        }

        private static List<String> words(Proc process) {
            try {
                return process.commandLine();
            } catch (RuntimeException gone) {
                return List.of();
            }
        }

        private static void pause(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** What belongs to a session, found while it runs: its processes, and the paths that the shells beside it are to remove. */
        private record Left(List<Proc> processes, List<Long> starts, List<Path> paths) {
            static Left of(OnTerminal terminal) {
                var processes = terminal.processes().stream().filter(Proc::alive).toList();
                var paths = processes.stream().flatMap(process -> words(process).stream()).filter(word -> word.matches("/\\S*/nslabs-\\S+") && Files.isDirectory(Path.of(word))).map(Path::of).distinct().toList();
                assertTrue(paths.stream().anyMatch(path -> path.toString().contains("nslabs-grade-")), () -> "no directory of the session is found: " + processes);
                assertTrue(processes.stream().anyMatch(Checks::boxed), () -> "no process in a box is found: " + processes);
                return new Left(processes, processes.stream().map(Left::start).toList(), paths);
            }

            private static long start(Proc process) {
                try {
                    return process.startTime();
                } catch (RuntimeException gone) {
                    return -1;
                }
            }

            Proc java() {
                return processes.stream().filter(process -> String.join(" ", words(process)).contains(" Grade watch") && !boxed(process)).findFirst().orElseThrow();
            }

            void kill(String signal) {
                Ran.command("kill", signal, "" + java().pid()).okay();
            }

            void assertGone() throws InterruptedException {
                List<String> left = List.of();
                for (int i = 0; i < 100; i++) {
                    left = left();
                    if (left.isEmpty()) return;
                    Thread.sleep(100);
                }
                assertEquals(List.of(), left);
            }

            private List<String> left() {
                var left = new ArrayList<String>();
                for (int i = 0; i < processes.size(); i++) {
                    if (processes.get(i).alive() && start(processes.get(i)) == starts.get(i)) left.add(processes.get(i) + " " + words(processes.get(i)));
                }
                paths.stream().filter(Files::exists).forEach(path -> left.add(path.toString()));
                return left;
            }
        }

        // ---- without a terminal ----

        private Ran pipe(String input, String... words) {
            var line = new ArrayList<>(List.of("watch"));
            line.addAll(List.of(words));
            var ran = Clone.run(as, input, Map.of(), line.toArray(String[]::new));
            assertFalse(ran.stdout().contains(ESCAPE) || ran.stdout().contains("\0") || ran.stderr().contains("\tat "), ran::toString);
            return ran;
        }

        @Test
        @DisplayName("in a pipe prints the result, and obeys commands as lines, each when all before it is done")
        void commands() {
            Clone.run(as, "", Map.of(), "hand-in", "nobody"); // has nothing to pack, but notes the starters
            Clone.save(FILE, half());
            var ran = pipe("h\nh\nt\nfrobnicate\nl uts.seed\nUtsLength\n?\nx\nUtsRename\nx\nno\nx\nyes\n", "UtsRename").okay();
            var expected = List.of("UtsRename: " + FILE, "✘ FAIL, 3 of 5 points", "Only one thread stands in", "Hint 1 of 4", "Hint 1 of 4", "Hint 2 of 4", "Nobody else shall have it",
                    "There is no command frobnicate", "UtsLength                Uts", "UtsLength: " + LENGTH, "FAIL, 0 of 3 points", "put the starter back", "is the starter: there is nothing to reset",
                    "UtsRename: " + FILE, "FAIL, 3 of 5 points", "Put the starter of UtsRename back?", "Nothing is reset.", "Put the starter of UtsRename back?", "UtsRename is the starter again.",
                    "FAIL, 0 of 5 points", "0 of ");
            int at = 0;
            for (var text : expected) {
                int found = ran.stdout().indexOf(text, at);
                assertTrue(found >= 0, () -> text + " does not come then: " + ran.stdout());
                at = found + text.length();
            }
        }

        @Test
        @DisplayName("prints lines only where TERM is dumb, one result for each time that the file is saved")
        void dumb() {
            watch(Map.of("TERM", "dumb"), "UtsRename").await("FAIL, 0 of 5 points");
            Clone.save(FILE, half());
            terminal.await("FAIL, 3 of 5 points");
            Clone.save(FILE, solution());
            terminal.await("PASS, 5 of 5 points");
            press("e\n", "unshare(2) moved one thread");
            press("q\n", "1 of ");
            assertEquals(0, terminal.exit());
            assertFalse(terminal.printed().contains(ESCAPE), terminal::printed);
            assertEquals(3, terminal.printed().split(" of 5 points\r?\n", -1).length - 1, terminal::printed);
        }

        @Test
        @DisplayName("has no colours with NO_COLOR")
        void colours() {
            var colour = Pattern.compile("\033\\[[0-9;]*3[0-7]m|\033\\[[0-9;]*[12]m");
            watch(Map.of("NO_COLOR", "1"), "UtsRename").await("FAIL, 0 of 5 points");
            press("\r", "✘ A thread");
            assertFalse(colour.matcher(terminal.printed()).find(), terminal::printed);
            watch(Map.of(), "UtsRename").await("FAIL, 0 of 5 points");
            press("\r", "✘ A thread");
            assertTrue(colour.matcher(terminal.printed()).find(), "no colour at all: so their absence shows nothing");
        }

        @Test
        @DisplayName("--once prints every claim, and its exit code says whether all hold")
        void once() {
            var starter = pipe("", "--once", "UtsRename");
            assertEquals(1, starter.exit(), starter::toString);
            assertTrue(starter.stdout().contains("[uts.child-renames-itself]") && starter.stdout().contains("[uts.members-share-the-name]"), starter::toString);
            Clone.save(FILE, solution());
            assertEquals(0, pipe("", "--once", FILE).exit());
            Clone.save(FILE, "class UtsRename {");
            var broken = pipe("", "--once", "utsrename");
            assertEquals(1, broken.exit(), broken::toString);
            assertTrue(broken.stdout().contains("line 1: reached end of file while parsing"), broken::toString);
        }

        @Test
        @DisplayName("says that this machine cannot judge, and why, where it forbids namespaces")
        void cannot() {
            Clone.save(FILE, solution());
            var ran = Clone.under(as, List.of("unshare", "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_uts_namespaces; exec \"$@\"", "sh"), "", Map.of(), "watch", "--once", "UtsRename");
            assertEquals(77, ran.exit(), ran::toString);
            assertTrue(ran.stdout().contains("this machine cannot judge it, and that is not your fault") && ran.stdout().contains("cause: user.max_uts_namespaces is 0") && ran.stdout().contains("\nremedy: "), ran::toString);
        }

        @Test
        @DisplayName("says what is wrong with its arguments, with exit code 2")
        void usage() {
            for (var wrong : List.of(List.of("Frobnicate"), List.of("--frobnicate"), List.of("UtsRename", "UtsLength"))) {
                var ran = pipe("", wrong.toArray(String[]::new));
                assertEquals(2, ran.exit(), ran::toString);
                assertTrue(ran.stderr().contains(wrong.get(wrong.size() - 1)), ran::toString);
            }
        }

        // ---- progress ----

        @Test
        @DisplayName("keeps the progress, and says which result is that of an older text")
        void progress() {
            Clone.save(FILE, solution());
            pipe("", "--once", "UtsRename").okay();
            assertTrue(row("UtsRename").endsWith("5/5  done"), row("UtsRename"));
            Clone.save(FILE, solution() + "\n// another text\n");
            assertTrue(row("UtsRename").endsWith("0/5  was done, has changed since"), row("UtsRename"));
            Clone.save(FILE, Clone.original(FILE));
            assertTrue(row("UtsRename").endsWith("not begun"), row("UtsRename"));
        }

        private String row(String name) {
            var table = pipe("l " + name + "\n", "UtsLength").okay();
            return table.stdout().lines().filter(line -> line.startsWith("    " + name) || line.startsWith("  ✔ " + name)).findFirst().orElse(table.toString());
        }

        @Test
        @DisplayName("begins with the first that is not done")
        void current() {
            var first = Pattern.compile("\n\\w+: (labs/exercises/\\w+\\.\\w+)\n");
            var before = first.matcher(pipe("").stdout());
            assertTrue(before.find());
            var file = before.group(1);
            Clone.save(file, Clone.original(file.replace("labs/exercises", "tests/solutions")));
            var judged = pipe("", "--once");
            assumeTrue(judged.exit() != 77, judged::toString);
            assertTrue(judged.okay().stdout().contains(file), judged::toString);
            var after = first.matcher(pipe("").stdout());
            assertTrue(after.find());
            assertNotEquals(file, after.group(1));
        }

        @Test
        @DisplayName("takes no harm from a progress file that is not one")
        void broken() {
            for (var text : List.of("{", "{\"schema\": \"another/1\"}", "{\"schema\": \"namespace-labs/progress/1\", \"exercises\": {\"UtsRename\": 5, \"UtsLength\": {\"verdict\": \"GREAT\"}, \"../x\": {\"verdict\": \"PASS\"}}}")) {
                Clone.run(as, "", Map.of(), "hand-in", "nobody"); // makes the folder
                Clone.save(".workbook/progress.json", text);
                var ran = pipe("", "--once", "UtsRename");
                assertEquals(1, ran.exit(), ran::toString);
                assertTrue(Clone.read(".workbook/progress.json").contains("\"UtsRename\""), ran::toString);
                if (!text.contains("progress/1")) assertTrue(ran.stderr().contains("progress.json.old"), ran::toString);
            }
        }

        @Test
        @DisplayName("asks for what the workbook asks, whatever a student writes into the header")
        void header() {
            Clone.save(FILE, solution().replaceFirst("(?s)/\\*.*?\\*/", ""));
            pipe("", "--once", "UtsRename").okay();
            Clone.save(FILE, solution().replaceFirst(".*uts.members-share-the-name.*\n", "").replace("inside.another(\"member\")", "new Caller(\"member\")"));
            var ran = pipe("", "--once", "UtsRename");
            assertEquals(1, ran.exit(), ran::toString);
            assertTrue(ran.stdout().contains("[uts.members-share-the-name]"), ran::toString);
        }

        @Test
        @DisplayName("finds a starter by git when it has no copy, also after commits")
        void git() throws Exception {
            assumeTrue(Ran.has("git"), "git is not installed");
            Clone.save(FILE, Clone.original(FILE));
            var script = "git() { command git -c user.name=a -c user.email=a@b -c safe.directory='*' -c init.defaultBranch=x \"$@\"; }; export HOME=$0; cd $0"
                    + " && git init -q . && git add labs/exercises && git commit -qm 1 && cp tests/solutions/UtsRename.java labs/exercises/ && git commit -qam 2";
            Ran.run(new ProcessBuilder(as.command(List.of("sh", "-c", script, Clone.path().toString()))), "", 60).okay();
            try {
                assertEquals(solution(), Clone.read(FILE));
                pipe("x\ny\n", "UtsRename").okay();
                assertEquals(Clone.original(FILE), Clone.read(FILE));
            } finally {
                Ran.command("rm", "-rf", Clone.path().resolve(".git").toString());
            }
        }
    }
}
