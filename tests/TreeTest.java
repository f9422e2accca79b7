import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import outside.As;
import outside.Drawing;
import outside.LabChecks;
import outside.Lsns;
import outside.Nsfs;
import outside.Proc;
import outside.Processes;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the namespaces that the Tree lab makes, and compares its drawing with lsns(8) and with the kernel's own answers. */
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
        private Drawing drawing;

        Checks(As as) {
            super("Tree", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "ioctl", "execve");
        }

        /** The process in the first of the new user namespaces; {@link #inside} is in the one below. */
        private Proc outer() {
            return held().process("outer");
        }

        private Path heldFile() {
            return held().process("jvm").folder().resolve("fd").resolve(held().value("held"));
        }

        private static int errno(Executable call) {
            return assertThrows(LastErrorException.class, call).getErrorCode();
        }

        /** What the tool draws of the process outside the inner namespaces, from another process than the lab's. */
        private Drawing drawing() {
            if (drawing == null) drawing = Drawing.of(as(), outer());
            return drawing;
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
            return trace().of("ioctl").stream().filter(call -> call.arguments().contains("NS_GET_")).map(Call::pid)
                    .filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("setns")))
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
                for (var type : List.of("user", "pid", "uts", "ipc")) assertEquals(Drawing.members(proc.link(type)), drawing().processes(proc.link(type)), proc.link(type));
            }
            assertEquals(Set.of(inside().pid()), Drawing.members(inside().link("pid")));
            assertEquals(Set.of(outer().pid()), Drawing.members(outer().link("uts")));
        }

        @Test
        @Verifies("tree.owner")
        @DisplayName("is drawn with the owners that the kernel names")
        void owners() {
            for (var proc : List.of(inside(), outer())) {
                var owners = drawing().owners(proc);
                assertTrue(owners.size() >= 4, owners::toString);
                owners.forEach((link, owner) -> assertEquals(owner, drawing().line(link).owner(), link));
            }
            for (var proc : List.of(inside(), outer())) assertEquals(proc.link("user"), Nsfs.ownerOf(Drawing.file(proc, "uts")));
            assertEquals(outer().link("user"), Nsfs.ownerOf(Drawing.file(inside(), "ipc")), "its maker was there");
            assertEquals(outer().link("user"), Nsfs.ownerOf(Drawing.file(inside(), "user")), "its maker was there");
            assertTrue(trace().succeeded("ioctl", "NS_GET_USERNS"), trace()::toString);
        }

        @Test
        @Verifies("tree.parents")
        @DisplayName("is in a user and a PID namespace whose parents the kernel and the drawing name")
        void parents() {
            for (var type : List.of("user", "pid")) {
                assertEquals(outer().link(type), Nsfs.parentOf(Drawing.file(inside(), type)));
                assertEquals(outside().link(type), Nsfs.parentOf(Drawing.file(outer(), type)));
            }
            assertTrue(drawing().line(inside().link("pid")).words().startsWith("below " + outer().link("pid")), drawing()::toString);
            assertTrue(drawing().line(outer().link("pid")).words().startsWith("below " + outside().link("pid")), drawing()::toString);
            assertEquals(outer().link("user"), drawing().line(inside().link("user")).owner());
            assertTrue(trace().succeeded("ioctl", "NS_GET_PARENT"), trace()::toString);
        }

        @Test
        @Verifies("tree.flat")
        @DisplayName("has no parent for the other types: EINVAL")
        void flat() {
            var flat = Proc.TYPES.stream().filter(type -> !Set.of("user", "pid").contains(type)).toList();
            for (var type : flat) assertEquals(EINVAL, errno(() -> Nsfs.parentOf(Drawing.file(inside(), type))), type);
            assertEquals(flat.stream().map(type -> "EINVAL").toList(), answers("NS_GET_PARENT", host()).subList(0, flat.size()));
            assertTrue(flat.size() >= 5, flat::toString);
        }

        @Test
        @Verifies("tree.nothing-above")
        @DisplayName("was told nothing above the own user namespace, nor are the tests: EPERM")
        void above() {
            assertEquals(EPERM, errno(() -> Nsfs.parentOf(Drawing.file(Proc.self(), "user"))));
            assertEquals(EPERM, errno(() -> Nsfs.ownerOf(Drawing.file(Proc.self(), "user"))));
            assertEquals("EPERM", answers("NS_GET_PARENT", host()).stream().filter(answer -> !answer.equals("EINVAL")).findFirst().orElseThrow());
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
            for (var proc : List.of(inside(), outer())) assertEquals(as().uid(), Nsfs.ownerUidOf(Drawing.file(proc, "user")));
            assertEquals(EINVAL, errno(() -> Nsfs.ownerUidOf(Drawing.file(inside(), "uts"))));
            assertTrue(drawing().line(inside().link("user")).words().startsWith("of uid " + as().uid() + ";"), drawing()::toString);
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
            assertEquals(user, drawing().line(uts).owner());
            assertEquals(outer().link("user"), drawing().line(user).owner());
            assertEquals("no process; held by fd " + held().value("held") + " of java(" + held().value("jvm") + ")", drawing().line(uts).words());
            assertEquals("of uid " + as().uid() + "; no process", drawing().line(user).words());
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
        void agrees() {
            for (var proc : List.of(inside(), outer())) for (var type : List.of("user", "pid", "uts", "ipc")) {
                var link = proc.link(type);
                var members = Drawing.members(link);
                var first = Proc.of(members.iterator().next());
                assertEquals(List.of(String.join(" ", Lsns.inode(link), type, "" + members.size(), "" + first.pid(), "" + as().uid(), String.join(" ", first.commandLine()))),
                        Lsns.lines("NS,TYPE,NPROCS,PID,UID,COMMAND", "--type", type, "--task", "" + proc.pid()));
                assertEquals(members, drawing().processes(link));
                assertEquals(List.of(Lsns.inode(drawing().line(link).owner())), Lsns.lines("ONS", "--type", type, "--task", "" + proc.pid()), "owner of " + link);
            }
            for (var proc : List.of(inside(), outer()))
                assertTrue(drawing().line(proc.link("pid")).words().startsWith("below pid:[" + Lsns.lines("PNS", "--type", "pid", "--task", "" + proc.pid()).get(0) + "]"), drawing()::toString);
            var sleep = trace().of("execve").stream().filter(call -> call.arguments().matches(".*\"/bin/sleep\", \"\\d{7}\".*")).findFirst().orElseThrow();
            assertTrue(trace().succeeded("execve", "\"--output\", \"NS,", "\"--task\", \"" + sleep.pid() + "\""), "the lab ran no lsns for " + sleep);
        }

        @Test
        @Verifies("tree.lsns-leaves-out")
        @DisplayName("is listed by lsns(8), but not what an open file holds")
        void leavesOut() throws IOException {
            var listed = Lsns.lines("NS");
            assertTrue(listed.contains(Lsns.inode(inside().link("uts"))), listed::toString);
            for (var link : List.of(Files.readSymbolicLink(heldFile()).toString(), Nsfs.ownerOf(heldFile()))) assertFalse(listed.contains(Lsns.inode(link)), link);
            assertTrue(trace().succeeded("execve", "\"--output\", \"NS\"]"), "the lab ran no such lsns");
        }
    }
}
