import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Pinned lab from outside: the namespaces that nobody is in and nobody has open, and when the kernel had room for another. */
@DisplayName("Pinned")
class PinnedTest {
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
        private static final String NEW_UTS = "CLONE_NEWUTS", NEW_PID = "CLONE_NEWPID", NEW_IPC = "CLONE_NEWIPC", NEW_USER = "CLONE_NEWUSER";

        Checks(As as) {
            super("Pinned", as);
        }

        private Trace trace() {
            return trace("clone", "clone3", "fork", "vfork", "unshare", "setns", "uname", "kill", "close", "pidfd_open", "mount", "umount2");
        }

        /** The namespace calls of the traced run, for a failure's message. */
        private String told() {
            return String.join("\n", trace().calls().stream().filter(call -> List.of("clone", "unshare", "setns", "mount", "umount2").contains(call.name()))
                    .map(Call::toString).toList());
        }

        private Proc jvm() {
            return held().process("jvm");
        }

        /** A file that the held lab has open, by its number in the ready line. */
        private Path file(String name) {
            return jvm().folder().resolve("fd/" + held().value(name));
        }

        @Test
        @DisplayName("has a child that stands apart in its user and its UTS namespace and in no other")
        void apart() {
            assertApartExactlyIn("user", "uts");
            assertTrue(enter("uts").text("uname", "-n").startsWith("kept-"));
            assertEquals(List.of(inside().pid()), jvm().children().stream().map(Proc::pid).toList());
        }

        // ---- relatives

        /** Kept, and neither by a process nor by an open file. */
        private void assertPinned(String link) {
            assertTrue(link.matches("(user|pid):\\[\\d+]") && !link.equals(jvm().link("user")) && !inside().links().containsValue(link), link);
            assertEquals(List.of(), Processes.members(link));
            assertFalse(jvm().openFiles().contains(link), "a descriptor holds it");
        }

        private static void assertNobodyIn(Path file) throws IOException {
            assertEquals(List.of(), Processes.members(Files.readSymbolicLink(file).toString()));
        }

        @Test
        @Verifies("pinned.owner-stays")
        @DisplayName("keeps a user namespace by nothing but a UTS namespace that this one owns")
        void owner() throws IOException {
            assertPinned(Nsfs.ownerOf(file("uts")));
            assertNobodyIn(file("uts"));
            // Somebody went into the owner, and by its privilege there into what it owns.
            var visitors = trace().of("setns").stream().filter(call -> call.succeeded() && call.arguments().endsWith(NEW_UTS)).map(Call::pid)
                    .filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("setns") && call.succeeded() && call.arguments().endsWith(NEW_USER))).toList();
            assertEquals(1, visitors.size(), this::told);
            var shell = visitors.get(0);
            var children = trace().by(shell).stream().filter(call -> call.name().matches("clone3?|v?fork")).map(Call::result).toList();
            assertTrue(trace().of("uname").stream().anyMatch(call -> (call.pid() == shell || children.contains("" + call.pid())) && call.arguments().contains("nodename=\"kept-")),
                    () -> "nobody there saw its hostname: " + trace().of("uname"));
        }

        @Test
        @Verifies("pinned.parent-stays")
        @DisplayName("keeps a user namespace by nothing but one below it, and a dead PID namespace, too")
        void parent() throws IOException {
            for (var lower : List.of(file("lowerUser"), file("lowerPid"))) {
                assertPinned(Nsfs.parentOf(lower));
                assertNobodyIn(lower);
            }
            assertTrue(trace().of("setns").stream().filter(call -> call.succeeded() && call.arguments().endsWith(NEW_USER)).count() >= 2, this::told);
        }

        @Test
        @Verifies("pinned.held-pid-namespace-is-dead")
        @DisplayName("keeps a PID namespace in which nothing can be started")
        void tomb() {
            var ran = Enter.the(jvm()).by("pid", file("lowerPid")).run("true");
            assertTrue(ran.exit() != 0 && ran.stderr().contains("Cannot allocate memory"), ran::toString);
            var digger = trace().of("clone").stream().filter(call -> call.errno().equals("ENOMEM")).findFirst().orElseThrow(() -> new AssertionError(told()));
            assertTrue(trace().by(digger.pid()).stream().anyMatch(call -> call.name().equals("setns") && call.succeeded() && call.arguments().contains(NEW_PID)), this::told);
        }

        // ---- room for one

        /** In the traced run: from some call on, so many unshare(2) with this flag were refused and none was not, until another call; and then one succeeded. */
        private void assertRefusedUntil(String flag, String name, Predicate<Call> release, int times) {
            int refused = 0;
            boolean released = false;
            for (var call : trace().calls()) {
                var unshare = call.name().equals("unshare") && call.arguments().equals(flag);
                if (unshare && call.errno().equals("ENOSPC")) {
                    if (!released) refused++;
                } else if (unshare && call.succeeded()) {
                    if (released) return;
                    refused = 0;
                } else if (call.name().equals(name) && call.succeeded() && release.test(call)) released = refused >= times;
            }
            throw new AssertionError("no " + times + " refusals of " + flag + " until " + name + " in\n" + told());
        }

        @Test
        @Verifies("pinned.makes-room")
        @DisplayName("was refused a UTS namespace beside the only one, and not when that had no process any more")
        void room() {
            var calls = trace().of("unshare").stream().filter(call -> call.arguments().equals(NEW_UTS)).toList();
            var refused = calls.stream().filter(call -> call.errno().equals("ENOSPC")).findFirst().orElseThrow(() -> new AssertionError(told()));
            var around = calls.subList(calls.indexOf(refused) - 1, calls.indexOf(refused) + 2);
            assertEquals(List.of("", "ENOSPC", ""), around.stream().map(Call::errno).toList());
            assertEquals(refused.pid(), around.get(0).pid(), "who is refused is the only process of the first");
            assertTrue(around.get(2).pid() != refused.pid(), around::toString);
        }

        @Test
        @Verifies("pinned.umount-ends-it")
        @DisplayName("could not make another one until it unmounted the one that a mount kept")
        void umount() {
            assertRefusedUntil(NEW_UTS, "umount2", call -> call.arguments().contains("mounted\""), 1);
        }

        @Test
        @Verifies("pinned.mqueue-mount-does-not")
        @DisplayName("made another IPC namespace while a mounted mqueue file system showed the queue of the first, as we do")
        void mqueue() {
            var calls = trace().calls();
            var mount = calls.stream().filter(call -> call.name().equals("mount") && call.succeeded() && call.arguments().contains("\"mqueue\"")).findFirst()
                    .orElseThrow(() -> new AssertionError(told()));
            var after = calls.subList(calls.indexOf(mount), calls.size()).stream().filter(call -> call.name().equals("unshare") && call.arguments().equals(NEW_IPC)).toList();
            assertEquals("ENOSPC", after.get(0).errno(), "while it has a process");
            assertTrue(after.stream().anyMatch(Call::succeeded), this::told);
            assertFalse(trace().of("umount2").stream().anyMatch(call -> call.arguments().contains("mqueue")), this::told);
            var ran = Ran.command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", """
                    mount -t tmpfs none /tmp && cd /tmp && mkdir queues && echo 1 >/proc/sys/user/max_ipc_namespaces
                    unshare --ipc sh -c 'mount -t mqueue none queues; touch queues/ours; unshare --ipc true; echo $?'
                    n=0; until unshare --ipc true || [ $n = 1000 ]; do n=$((n+1)); done 2>/dev/null
                    ls queues; [ $n -lt 1000 ] && echo room""");
            assertEquals("1\nours\nroom", ran.text(), ran::toString);
        }

        private List<Long> killed() {
            return trace().of("kill").stream().filter(call -> call.succeeded() && call.arguments().endsWith("SIGKILL")).map(call -> Long.parseLong(call.arguments().split(",")[0])).toList();
        }

        @Test
        @Verifies("pinned.maker-holds-pid")
        @DisplayName("could not make another PID namespace until it killed a process that had made one and put nobody in it")
        void makerHoldsPid() {
            var makers = killed().stream().filter(pid -> trace().by(pid).stream().anyMatch(call -> call.name().equals("unshare") && call.succeeded() && call.arguments().equals(NEW_PID))
                    && trace().by(pid).stream().noneMatch(call -> call.name().matches("clone3?|v?fork"))).toList();
            assertEquals(1, makers.size(), () -> killed() + "\n" + told());
            assertRefusedUntil(NEW_PID, "kill", call -> call.arguments().startsWith(makers.get(0) + ","), 50);
        }

        @Test
        @Verifies("pinned.pidfd-holds-pid")
        @DisplayName("could not make another one until it closed the pidfd of a process that had ended in the first")
        void pidfdHoldsPid() {
            var pidfds = trace().of("pidfd_open").stream().filter(call -> call.succeeded() && killed().contains(Long.parseLong(call.arguments().split(",")[0]))).map(Call::result).toList();
            assertFalse(pidfds.isEmpty(), () -> "nobody was killed of whom there is a pidfd: " + killed());
            assertRefusedUntil(NEW_PID, "close", call -> pidfds.contains(call.arguments()), 50);
        }

        @Test
        @Verifies("pinned.proc-mount-holds-pid")
        @DisplayName("could not make another one until it unmounted a proc that shows the first")
        void procHoldsPid() {
            assertRefusedUntil(NEW_PID, "umount2", call -> call.arguments().contains("proc\""), 50);
            assertTrue(trace().succeeded("mount", "\"proc\""), () -> trace().of("mount").toString());
        }
    }
}
