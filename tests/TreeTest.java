import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.LastErrorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import outside.As;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the namespaces that the Tree lab makes, and compares its drawings with lsns(8) and with the kernel's own answers. */
@DisplayName("Tree")
class TreeTest {
    private static final int EPERM = 1, EINVAL = 22, ENOTTY = 25;

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

    abstract static class Checks extends LabChecks {
        private Map<String, Drawn> drawing;

        Checks(As as) {
            super("Tree", as);
        }

        /** A line of a drawing: what it hangs on, and what it says. */
        private record Drawn(String owner, String words) {}

        private Trace trace() {
            return trace("clone", "unshare", "setns", "ioctl", "execve", "listns");
        }

        private Proc outer() {
            return held().process("outer");
        }

        private Path ns(Proc proc, String type) {
            return proc.folder().resolve("ns").resolve(type);
        }

        private Path heldFile() {
            return held().process("jvm").folder().resolve("fd").resolve(held().value("held"));
        }

        private static int errno(Executable call) {
            return assertThrows(LastErrorException.class, call).getErrorCode();
        }

        /** The processes in a namespace, by the tests' own look at /proc. */
        private static Set<Long> members(String type, String link) {
            return Processes.all().stream().filter(proc -> link.equals(proc.links().get(type))).map(Proc::pid).collect(Collectors.toCollection(TreeSet::new));
        }

        /** What the tool draws of the process outside the inner namespaces, from another process than the lab's: links and their owners. */
        private Map<String, Drawn> drawing() {
            if (drawing == null) drawing = parse(lab().options("--pid", "" + outer().pid()).run().text());
            return drawing;
        }

        private static Map<String, Drawn> parse(String text) {
            var drawn = new HashMap<String, Drawn>();
            var path = new ArrayDeque<String>(); // from the line upwards
            for (var line : text.lines().toList()) {
                var match = Pattern.compile("((?:[| ]   )*(?:[|`]-- )?)(\\w+:\\[\\d+])  (.+)").matcher(line);
                assertTrue(match.matches(), line);
                while (path.size() > match.group(1).length() / 4) path.pop();
                drawn.put(match.group(2), new Drawn(path.peek(), match.group(3)));
                path.push(match.group(2));
            }
            return drawn;
        }

        /** The answers to one ioctl, in their order. The search for the tree goes on in another thread, and lsns(8) asks too. */
        private List<String> answers(String name, long who) {
            return trace().by(who).stream().filter(call -> call.name().equals("ioctl") && call.arguments().matches("\\d+, " + name + "(, .*)?"))
                    .map(call -> call.succeeded() ? "0" : call.errno()).toList();
        }

        /** The thread that stays outside and makes the children. */
        private long host() {
            return trace().first("clone", "CLONE_NEWPID").pid();
        }

        /** The process that joined the inner user namespace, to ask there. */
        private long joined() {
            return trace().of("ioctl").stream().filter(call -> call.arguments().contains("NS_GET_")).map(Call::pid).filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("setns")))
                    .findFirst().orElseThrow(() -> new AssertionError("nobody joined and asked" + trace()));
        }

        @Test
        @DisplayName("stands apart in user, PID, UTS and IPC namespaces and in no others")
        void apart() {
            assertApartExactlyIn("user", "pid", "uts", "ipc");
            assertEquals(Set.of("user", "pid", "uts"), inside().apartFrom(outer()));
        }

        @Test
        @Verifies("tree.finds-members")
        @DisplayName("is found with all who share a namespace with it")
        void members() {
            for (var proc : List.of(inside(), outer())) {
                assertEquals("sleep", proc.text("comm").strip());
                for (var type : List.of("user", "pid", "uts", "ipc")) {
                    var link = proc.link(type);
                    var listed = Pattern.compile("\\((\\d+)\\)").matcher(drawing().get(link).words().replaceFirst("; held by.*", "")).results().map(each -> Long.parseLong(each.group(1)))
                            .collect(Collectors.toCollection(TreeSet::new));
                    assertEquals(members(type, link), listed, () -> link + " " + drawing().get(link));
                }
            }
            assertEquals(Set.of(inside().pid()), members("pid", inside().link("pid")));
            assertEquals(Set.of(outer().pid()), members("uts", outer().link("uts")));
        }

        @Test
        @Verifies("tree.owner")
        @DisplayName("is drawn with the owners that the kernel names")
        void owners() {
            for (var proc : List.of(inside(), outer(), outside())) for (var type : Proc.TYPES) {
                if (proc.link(type).equals(Proc.self().link("user"))) continue; // nobody is told who owns that
                var drawn = drawing().get(proc.link(type));
                if (drawn == null) { // a namespace of the machine's that has nothing to do with the process
                    assertNotEquals(proc.link(type), outer().link(type));
                    continue;
                }
                assertEquals(Nsfs.ownerOf(ns(proc, type)), drawn.owner(), proc.link(type));
            }
            assertEquals(inside().link("user"), Nsfs.ownerOf(ns(inside(), "uts")));
            assertEquals(outer().link("user"), Nsfs.ownerOf(ns(outer(), "uts")));
            assertEquals(outer().link("user"), Nsfs.ownerOf(ns(inside(), "ipc")));
            assertTrue(trace().succeeded("ioctl", "NS_GET_USERNS"), trace()::toString);
        }

        @Test
        @Verifies("tree.parents")
        @DisplayName("is in a user and a PID namespace whose parents the kernel and the drawing name")
        void parents() {
            for (var type : List.of("user", "pid")) {
                assertEquals(outer().link(type), Nsfs.parentOf(ns(inside(), type)));
                assertEquals(outside().link(type), Nsfs.parentOf(ns(outer(), type)));
            }
            assertTrue(drawing().get(inside().link("pid")).words().startsWith("below " + outer().link("pid")), drawing()::toString);
            assertEquals(outer().link("user"), drawing().get(inside().link("user")).owner());
            assertTrue(trace().succeeded("ioctl", "NS_GET_PARENT"), trace()::toString);
        }

        @Test
        @Verifies("tree.flat")
        @DisplayName("has no parent for the other types: EINVAL")
        void flat() {
            for (var type : List.of("uts", "ipc", "net", "cgroup", "mnt")) assertEquals(EINVAL, errno(() -> Nsfs.parentOf(ns(inside(), type))), type);
            assertEquals(List.of("EINVAL", "EINVAL", "EINVAL", "EINVAL", "EINVAL"), answers("NS_GET_PARENT", host()).subList(0, 5));
        }

        @Test
        @Verifies("tree.nothing-above")
        @DisplayName("was told nothing above the own user namespace, nor are the tests: EPERM")
        void above() {
            assertEquals(EPERM, errno(() -> Nsfs.parentOf(ns(Proc.self(), "user"))));
            assertEquals(EPERM, errno(() -> Nsfs.ownerOf(ns(Proc.self(), "user"))));
            assertEquals("EPERM", answers("NS_GET_PARENT", host()).get(5));
            assertEquals("EPERM", answers("NS_GET_USERNS", host()).get(0));
        }

        @Test
        @Verifies("tree.scope")
        @DisplayName("was told, inside, the owner of its own UTS namespace and no other")
        void scope() {
            assertEquals(List.of("0", "EPERM"), answers("NS_GET_USERNS", joined()));
            assertEquals(List.of("EPERM"), answers("NS_GET_PARENT", joined()));
        }

        @Test
        @Verifies("tree.owner-uid")
        @DisplayName("was told who made its user namespace, and EINVAL for a UTS namespace")
        void ownerUid() {
            for (var proc : List.of(inside(), outer())) assertEquals(as().uid(), Nsfs.ownerUidOf(ns(proc, "user")));
            assertEquals(EINVAL, errno(() -> Nsfs.ownerUidOf(ns(inside(), "uts"))));
            assertTrue(drawing().get(inside().link("user")).words().startsWith("of uid " + as().uid() + ";"), drawing()::toString);
            assertEquals(List.of("0", "EINVAL"), answers("NS_GET_OWNER_UID", host()).subList(0, 2));
        }

        @Test
        @Verifies("tree.only-namespaces")
        @DisplayName("was told ENOTTY for a file that is no namespace")
        void notty() {
            assertEquals(ENOTTY, errno(() -> Nsfs.typeOf(Path.of("/proc/version"))));
            for (var name : List.of("NS_GET_USERNS", "NS_GET_PARENT", "NS_GET_OWNER_UID")) {
                var answers = answers(name, host());
                assertEquals("ENOTTY", answers.get(answers.size() - 1), name);
            }
        }

        @Test
        @Verifies("tree.without-a-process")
        @DisplayName("draws a namespace that only an open file holds, and its owner, which only that one holds")
        void empty() throws IOException {
            var uts = Files.readSymbolicLink(heldFile()).toString();
            var user = Nsfs.ownerOf(heldFile());
            for (var proc : Processes.all()) for (var links : threads(proc)) {
                assertNotEquals(uts, links.get("uts"), proc::toString);
                assertNotEquals(user, links.get("user"), proc::toString);
            }
            assertEquals(user, drawing().get(uts).owner());
            assertEquals(outer().link("user"), drawing().get(user).owner());
            assertTrue(drawing().get(uts).words().startsWith("no process; held by fd " + held().value("held") + " of "), drawing()::toString);
            assertTrue(drawing().get(user).words().endsWith("; no process"), drawing()::toString);
        }

        /** The links of each thread, as long as it is there. */
        private static List<Map<String, String>> threads(Proc proc) {
            try {
                return proc.threads().stream().map(Proc::links).toList();
            } catch (java.io.UncheckedIOException ended) {
                return List.of();
            }
        }

        @Test
        @Verifies("tree.lsns-agrees")
        @DisplayName("is counted and placed by lsns(8) as by the drawing")
        void lsns() {
            assumeTrue(Ran.has("lsns"), "lsns(8) is not installed");
            for (var proc : List.of(inside(), outer())) for (var type : List.of("user", "pid", "uts", "ipc")) {
                var link = proc.link(type);
                var line = Ran.command("lsns", "--noheadings", "--type", type, "--output", "NS,TYPE,NPROCS,PID,ONS,PNS", "--task", "" + proc.pid()).text().strip().split(" +");
                var members = members(type, link);
                assertEquals(List.of(link.replaceAll("\\D", ""), type, "" + members.size(), "" + members.iterator().next()), List.of(line).subList(0, 4));
                assertEquals(drawing().get(link).owner().replaceAll("\\D", ""), line[4], "owner of " + link);
                if (type.equals("pid")) assertTrue(drawing().get(link).words().startsWith("below pid:[" + line[5] + "]"), () -> line[5] + " " + drawing().get(link));
            }
            assertTrue(trace().of("execve").stream().anyMatch(call -> call.succeeded() && call.arguments().contains("\"lsns\"")), "the lab ran no lsns");
        }

        @Test
        @Verifies("tree.translates-pids")
        @DisplayName("was found by its number 1 inside, as it is 3 one above")
        void pids() {
            var pids = inside().nsPids();
            assertEquals(List.of(inside().pid(), 3L, 1L), pids.subList(pids.size() - 3, pids.size()));
            var sleep = trace().of("execve").stream().filter(call -> call.arguments().matches(".*\"/bin/sleep\", \"\\d{7}\".*")).findFirst().orElseThrow();
            assertEquals("" + sleep.pid(), number(6, "0x1|1").result());
            var there = trace().of("ioctl").stream().filter(call -> call.succeeded() && is(call, 8)).map(Call::result).toList();
            assertEquals(List.of("1", "3"), there);
        }

        private Call number(int request, String argument) {
            return trace().of("ioctl").stream().filter(call -> is(call, request) && call.succeeded() && call.arguments().matches(".*, (" + argument + ")"))
                    .findFirst().orElseThrow(() -> new AssertionError("no request " + request + trace()));
        }

        /** Whether it is that request of linux/nsfs.h; strace(1) knows the names of the older ones. */
        private static boolean is(Call call, int request) {
            var names = Map.of(5, "NS_GET_MNTNS_ID", 6, "NS_GET_PID_FROM_PIDNS", 8, "NS_GET_PID_IN_PIDNS", 13, "NS_GET_ID");
            return call.arguments().matches("\\d+, (" + names.get(request) + "|_IOC\\(_IOC_READ, 0xb7, " + (request == 13 ? "0xd" : "0x" + request) + ", 0x\\d\\)).*");
        }

        @Test
        @Verifies("tree.ids-are-not-reused")
        @DisplayName("made mount namespaces until an inode came again, and asked for the id of each; the tests find no id twice")
        void ids() throws Exception {
            var asked = trace().of("ioctl").stream().filter(call -> is(call, 5)).toList();
            var made = trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("flags=CLONE_NEWNS|CLONE_NEWUSER|SIGCHLD")).count();
            assertTrue(made >= 2 && made == asked.stream().filter(Call::succeeded).count(), () -> made + " namespaces, " + asked);
            var links = new HashSet<String>();
            var ids = new HashSet<Long>();
            var again = false;
            for (int i = 0; i < 200 && !again; i++) {
                var process = new ProcessBuilder("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "echo; read x").start();
                try {
                    assertEquals('\n', process.getInputStream().read());
                    var mnt = Proc.of(process.pid()).folder().resolve("ns/mnt");
                    again = !links.add(Files.readSymbolicLink(mnt).toString());
                    assertTrue(ids.add(Nsfs.mountIdOf(mnt)), "an id came again");
                } finally {
                    process.getOutputStream().close();
                    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
                }
            }
            assertTrue(again, "no inode came again: nothing is shown");
        }

        @Test
        @Verifies("tree.ids-of-every-type")
        @DisplayName("has an id in each of its namespaces, the same as whoever shares one with it")
        void everyType() {
            var ids = new HashSet<Long>();
            for (var type : Proc.TYPES) {
                assertTrue(ids.add(Nsfs.idOf(ns(inside(), type))), type);
                for (var other : List.of(held().process("maker"), outer(), outside()))
                    assertEquals(other.link(type).equals(inside().link(type)), Nsfs.idOf(ns(other, type)) == Nsfs.idOf(ns(inside(), type)), type + " of " + other);
            }
            assertTrue(2 * Proc.TYPES.size() <= trace().of("ioctl").stream().filter(call -> is(call, 13) && call.succeeded()).count(), trace()::toString);
        }

        @Test
        @Verifies("tree.listns")
        @DisplayName("was answered by listns(2)")
        void listns() {
            assertTrue(trace().of("listns").stream().anyMatch(Call::succeeded), trace()::toString);
        }

        @Test
        @DisplayName("is drawn as an image that is XML, names every namespace of the text, and follows the page's colours")
        void svg() throws Exception {
            var file = as().newFolder().resolve("tree.svg");
            var ran = lab().options("--pid", "" + inside().pid(), "--svg", file.toString()).run().okay();
            var image = Files.readString(file);
            var root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(image.getBytes(StandardCharsets.UTF_8))).getDocumentElement();
            assertEquals("svg", root.getTagName());
            assertEquals("Namespaces of sleep(" + inside().pid() + ")", root.getElementsByTagName("title").item(0).getTextContent());
            assertTrue(root.getElementsByTagName("desc").getLength() == 1 && image.contains("prefers-color-scheme") && image.contains("currentColor"), image);
            var texts = root.getElementsByTagName("text");
            var drawn = new TreeSet<String>();
            for (int i = 0; i < texts.getLength(); i++) if (texts.item(i).getTextContent().matches("\\w+:\\[\\d+]")) drawn.add(texts.item(i).getTextContent());
            assertEquals(new TreeSet<>(parse(ran.text()).keySet()), drawn);
            for (var type : Proc.TYPES) assertTrue(drawn.contains(inside().link(type)), type);
            assertFalse(drawn.contains(outer().link("uts")), "the namespace has nothing to do with the process");
            long curves = drawn.stream().filter(link -> link.startsWith("pid:")).count() - 1;
            assertEquals(drawn.size() - 1 + curves, root.getElementsByTagName("path").getLength(), "lines to all but the first, and curves between PID namespaces");
        }

        @Test
        @DisplayName("refuses what cannot be drawn in words: 2 for a mistake, 77 for a process that may not be looked at")
        void refused() {
            assertRefused(2, "999999999", "--pid", "999999999");
            assertRefused(2, "frob", "--pid", "frob");
            assertRefused(2, "--pid", "--pid");
            assertRefused(2, "/nonexistent", "--pid", "" + inside().pid(), "--svg", "/nonexistent/tree.svg");
            assertRefused(2, "/nonexistent", "--svg", "/nonexistent/tree.svg");
            assertRefused(2, "/proc", "--svg", "/proc");
            assertRefused(2, "--json", "--pid", "" + inside().pid(), "--json");
            if (as() == As.ORDINARY_USER) assertRefused(77, "remedy: ", "--pid", As.TESTS_ARE_ROOT ? "" + ProcessHandle.current().pid() : "1");
        }

        private void assertRefused(int exit, String named, String... options) {
            var ran = lab().options(options).run();
            assertEquals(exit, ran.exit(), ran::toString);
            assertEquals("", ran.stdout());
            assertTrue(ran.stderr().contains(named) && !ran.stderr().contains("\tat "), ran::toString);
        }
    }
}
