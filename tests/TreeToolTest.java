import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.w3c.dom.Element;
import outside.As;
import outside.Drawing;
import outside.Lab;
import outside.Nsfs;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Waiting;

/** The Tree lab as a tool: what it draws of processes that other labs or the tests have started, as text and as an image, and what it refuses. */
@Timeout(300)
@DisplayName("Tree as a tool")
class TreeToolTest {
    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }

        @Test
        @DisplayName("draws a namespace in which only a thread of a process is, and says so")
        void threads() {
            try (var lab = Lab.named("Uts").as(As.ROOT).hold()) {
                var java = Proc.of(lab.lab().pid());
                var names = Drawing.of(As.ROOT, java).line(lab.inside().link("uts"));
                assertTrue(names.words().equals("no process; held by a thread of java(" + java.pid() + ")") || names.words().contains("(" + lab.pid() + ")"), names::toString);
            }
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends Checks {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }

        @Test
        @DisplayName("refuses another user's process with 77, the cause and the remedy")
        void anothers() {
            var pid = As.TESTS_ARE_ROOT ? "" + ProcessHandle.current().pid() : "1";
            var ran = assertRefused(77, "", "--pid", pid);
            assertTrue(ran.stderr().matches("(?s)ERROR open\\(/proc/" + pid + "/ns/uts\\): EACCES \\(13\\) .*\\ncause: .* uid 0's.* uid " + as.uid() + ".*\\nremedy: .*sudo.*\\n"), ran::toString);
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Checks {
        final As as;

        Checks(As as) {
            this.as = as;
        }

        @BeforeAll
        void possible() {
            assumeTrue(as.obstacle() == null, as::obstacle);
        }

        @TestFactory
        @DisplayName("draws the namespaces of a lab that stands open, each below its owner:")
        Stream<DynamicTest> labs() {
            return Stream.of("Uts", "Pid", "User", "Network").map(name -> dynamicTest(name, () -> {
                try (var lab = Lab.named(name).as(as).hold()) {
                    var drawing = Drawing.of(as, lab.inside());
                    for (var type : Proc.TYPES) assertTrue(drawing.line(lab.inside().link(type)).words().contains("(" + lab.inside().pid() + ")"), type);
                    drawing.owners(lab.inside()).forEach((link, owner) -> assertEquals(owner, drawing.line(link).owner(), link));
                    var apart = lab.inside().apartFrom(lab.outside());
                    assertFalse(apart.isEmpty());
                    for (var type : apart) {
                        var named = drawing.processes(lab.inside().link(type));
                        if (!drawing.line(lab.inside().link(type)).words().endsWith(" ...")) assertEquals(Drawing.members(lab.inside().link(type)), named, type);
                        else assertTrue(Drawing.members(lab.inside().link(type)).containsAll(named), type);
                    }
                }
            }));
        }

        @Test
        @DisplayName("draws nothing of a neighbour, not even below the namespaces in which both are, or one is with the tool")
        void neighbour() {
            try (var one = Waiting.by(as, "", "unshare", "--user", "--map-root-user", "--uts"); var plain = Waiting.by(as, "");
                    var other = Waiting.by(as, "", "unshare", "--user", "--map-root-user", "--uts")) {
                for (var proc : List.of(one, plain)) {
                    var links = Drawing.of(as, proc.proc()).links();
                    for (var type : Proc.TYPES) assertTrue(links.contains(proc.proc().link(type)), type);
                    for (var type : List.of("user", "uts")) assertFalse(links.contains(other.proc().link(type)), type);
                }
            }
        }

        @Test
        @DisplayName("draws a namespace that only a mount holds, and its owner")
        void mounted() {
            try (var waiting = Waiting.by(as, "mount -t tmpfs none /tmp && mkdir '/tmp/a b' && : > '/tmp/a b/name' && unshare --uts='/tmp/a b/name' true", "unshare", "--user", "--map-root-user",
                    "--mount", "--propagation", "private")) {
                var link = waiting.proc().mounts().stream().filter(mount -> mount.type().equals("nsfs")).map(mount -> mount.root()).findFirst().orElseThrow();
                var line = Drawing.of(as, waiting.proc()).line(link);
                assertEquals("no process; held by a mount on /tmp/a b/name", line.words());
                assertEquals(waiting.proc().link("user"), line.owner());
                assertEquals(Set.of(), Drawing.members(link));
            }
        }

        @Test
        @DisplayName("draws a PID namespace whose first process has ended, and whose it still is")
        void ended() {
            try (var waiting = Waiting.by(as, "sleep 0", "unshare", "--user", "--map-root-user", "--pid")) {
                var line = Drawing.of(as, waiting.proc()).line(waiting.proc().link("pid_for_children"));
                assertEquals("below " + waiting.proc().link("pid") + "; no process; held by the next children of sh(" + waiting.proc().pid() + ")", line.words());
                assertEquals(waiting.proc().link("user"), line.owner());
            }
        }

        @Test
        @DisplayName("keeps to 100 columns with a hundred processes and nested namespaces")
        void columns() {
            var deeper = "unshare --user --map-root-user --pid --fork sh -c '";
            try (var waiting = Waiting.by(as, "for i in " + String.join(" ", IntStream.range(0, 100).mapToObj(i -> "" + i).toList()) + "; do sleep 100 & done; "
                    + deeper + "exec sleep 100' & sleep 0", "unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc")) {
                var drawing = Drawing.of(as, waiting.proc());
                for (var line : drawing.ran().text().lines().toList()) assertTrue(line.length() <= 100, line);
                var members = Drawing.members(waiting.proc().link("pid"));
                assertTrue(members.size() > 100, members::toString);
                assertTrue(drawing.line(waiting.proc().link("pid")).words().contains("; " + members.size() + " processes: sh(" + waiting.proc().pid() + "), sleep("), drawing::toString);
                assertTrue(members.containsAll(drawing.processes(waiting.proc().link("pid"))));
            }
        }

        @Test
        @DisplayName("lets no name command a terminal, or be markup")
        void names() throws Exception {
            try (var waiting = Waiting.by(as, "printf '\\033[31m<&\"' > /proc/$$/comm", "unshare", "--user", "--map-root-user")) {
                var file = as.newFolder().resolve("tree.svg");
                var drawing = Drawing.of(as, waiting.proc(), "--svg", file.toString());
                assertTrue(drawing.line(waiting.proc().link("user")).words().contains("?[31m<&\"(" + waiting.proc().pid() + ")"), drawing::toString);
                assertEquals("Namespaces of ?[31m<&\"(" + waiting.proc().pid() + ")", image(file).getElementsByTagName("title").item(0).getTextContent());
            }
        }

        @Test
        @DisplayName("writes an image that is XML, names every namespace of the text, says it all in words, and follows the page's colours")
        void svg() throws Exception {
            try (var waiting = Waiting.by(as, "unshare --user --map-root-user --pid --fork --uts sleep 100 & sleep 0", "unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc")) {
                while (waiting.proc().children().stream().noneMatch(child -> !child.children().isEmpty())) Thread.onSpinWait();
                var file = as.newFolder().resolve("tree.svg");
                var drawing = Drawing.of(as, waiting.proc(), "--svg", file.toString());
                assertEquals(as.uid(), (long) (int) Files.getAttribute(file, "unix:uid"));
                var image = image(file);
                assertEquals("svg", image.getTagName());
                assertEquals("Namespaces of sh(" + waiting.proc().pid() + ")", image.getElementsByTagName("title").item(0).getTextContent());
                assertEquals(image.getElementsByTagName("title").item(0).getAttributes().getNamedItem("id").getTextContent(), image.getAttribute("aria-labelledby"));
                assertEquals(image.getElementsByTagName("desc").item(0).getAttributes().getNamedItem("id").getTextContent(), image.getAttribute("aria-describedby"));
                var told = image.getElementsByTagName("desc").item(0).getTextContent();
                var style = image.getElementsByTagName("style").item(0).getTextContent();
                assertTrue(style.contains("prefers-color-scheme: dark") && style.contains("currentColor"), style);
                for (var rule : style.lines().filter(line -> line.contains("{") && !line.startsWith("@")).toList()) assertTrue(rule.startsWith(".nstree"), "it would style the page around it: " + rule);
                var drawn = new TreeSet<String>();
                var texts = image.getElementsByTagName("text");
                for (int i = 0; i < texts.getLength(); i++) if (texts.item(i).getTextContent().matches("\\w+:\\[\\d+]")) drawn.add(texts.item(i).getTextContent());
                assertEquals(drawing.links(), drawn);
                for (var link : drawn) assertTrue(told.contains("\n" + link + (drawing.line(link).owner() == null ? "" : ", owned by " + drawing.line(link).owner()) + ": "), told);
                long pids = drawn.stream().filter(link -> link.startsWith("pid:")).count();
                assertEquals(3, pids);
                assertEquals(drawn.size() - 1 + pids - 1, image.getElementsByTagName("path").getLength(), "lines to all but the first, and between PID namespaces");
            }
        }

        private static Element image(Path file) throws Exception {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(Files.readAllBytes(file))).getDocumentElement();
        }

        @Test
        @DisplayName("refuses with 2 and in words what is no process, has ended or is a thread, and a file that it cannot make; it overwrites none")
        void refused() throws IOException {
            assertRefused(2, "999999999", "--pid", "999999999");
            assertRefused(2, "frob", "--pid", "frob");
            assertRefused(2, "--pid", "--pid");
            try (var waiting = Waiting.by(as, "sh -c 'until [ $(cat /proc/$PPID/comm) = cat ]; do :; done' & echo ready; exec cat"); var java = Lab.named("Uts").as(as).hold()) {
                var zombie = waiting.proc().children().get(0);
                while (zombie.state() != 'Z') Thread.onSpinWait();
                assertRefused(2, "has ended", "--pid", "" + zombie.pid());
                var process = Proc.of(java.lab().pid());
                var thread = "" + process.threads().stream().mapToLong(Proc::pid).sorted().skip(1).findFirst().orElseThrow(); // the others come and go
                assertRefused(2, thread + " is a thread of process " + process.pid(), "--pid", thread);
                var folder = as.newFolder();
                var there = Files.writeString(folder.resolve("there"), "kept");
                Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing"));
                for (var wanted : List.of(List.of("/nonexistent/tree.svg", "no directory /nonexistent"), List.of(there.toString(), "is there already"), List.of(folder.toString(), "is there already"),
                        List.of(folder + "/dangling", "is there already"), List.of("", "no name"))) {
                    assertRefused(2, wanted.get(1), "--pid", "" + waiting.proc().pid(), "--svg", wanted.get(0));
                    assertRefused(2, wanted.get(1), "--svg", wanted.get(0));
                }
                assertRefused(2, "--json", "--pid", "" + waiting.proc().pid(), "--json");
                assertEquals("kept", Files.readString(there));
                assertFalse(Files.exists(folder.resolve("nothing")));
            }
        }

        @Test
        @DisplayName("leaves no half of an image where the disk is full: 77")
        void full() {
            try (var waiting = Waiting.by(as, "")) {
                var file = as.newFolder().resolve("tree.svg");
                var ran = Lab.named("Tree").as(as).options("--pid", "" + waiting.proc().pid(), "--svg", file.toString()).under("sh", "-c", "ulimit -f 1; exec \"$@\"", "-").run();
                assertEquals(77, ran.exit(), ran::toString);
                assertTrue(ran.stderr().contains("ERROR --svg " + file + ": EFBIG (27)") && ran.stderr().contains("\nremedy: name another file"), ran::toString);
                assertFalse(Files.exists(file));
            }
        }

        Ran assertRefused(int exit, String named, String... options) {
            var ran = Lab.named("Tree").as(as).options(options).run();
            assertEquals(exit, ran.exit(), ran::toString);
            assertEquals("", ran.stdout());
            assertTrue(ran.stderr().contains(named) && !ran.stderr().contains("\tat "), ran::toString);
            return ran;
        }
    }
}
