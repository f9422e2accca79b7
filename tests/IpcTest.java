import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Ipc lab from outside: ipcs(1) and /proc/sysvipc by nsenter(1), and what the kernel answered to its calls. */
@DisplayName("Ipc")
class IpcTest {
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
        Checks(As as) {
            super("Ipc", as);
        }

        /** The process that stands where the lab's host stands. */
        private Proc peer() {
            return held().process("peer");
        }

        private Trace trace() {
            return trace("clone", "clone3", "vfork", "unshare", "setns", "ioctl", "shmget", "shmat", "msgget", "msgctl", "semget", "openat", "bind", "connect");
        }

        /** The thread that stands inside: the first one to ask for an IPC namespace and nothing else. */
        private long insider() {
            return trace().of("unshare").stream().filter(call -> call.arguments().equals("CLONE_NEWIPC")).findFirst().orElseThrow().pid();
        }

        /** The keys that ipcs(1) lists in the IPC namespace of a process, read through the /proc of the tests. */
        private static Set<String> keys(Proc process, String kind) {
            return keys(Enter.the(process, "ipc").text("ipcs", kind));
        }

        private static Set<String> keys(String ipcs) {
            return ipcs.lines().filter(line -> line.startsWith("0x")).map(line -> line.split(" ")[0]).collect(Collectors.toCollection(TreeSet::new));
        }

        private static Set<String> common(Set<String> one, Set<String> other) {
            var common = new TreeSet<>(one);
            common.retainAll(other);
            return common;
        }

        /** The one key that both sides use: they made a semaphore with it. */
        private String sameKey() {
            var same = common(keys(inside(), "-s"), keys(peer(), "-s"));
            assertEquals(1, same.size(), () -> "keys of semaphores on both sides: " + same);
            return same.iterator().next();
        }

        /** Each side has an object of its own that neither the other side nor the machine has. */
        private void assertOwnObjects(String kind) {
            Set<String> in = keys(inside(), kind), out = keys(peer(), kind), machine = keys(Ran.command("ipcs", kind).text());
            assertEquals(Set.of(), common(in, machine), "inside and on the machine");
            assertEquals(Set.of(), common(out, machine), "on the lab's host and on the machine");
            in.remove(sameKey());
            out.remove(sameKey());
            assertEquals(1, in.size(), () -> "made inside: " + in);
            assertEquals(1, out.size(), () -> "made on the lab's host: " + out);
            assertNotEquals(in, out);
        }

        private static String read(Proc process, String file) {
            return Enter.the(process, "ipc").text("cat", file);
        }

        @Test
        @DisplayName("stands apart in its IPC namespace, and in a mount namespace that it shares with its host")
        void apart() {
            assertApartExactlyIn("ipc", "mnt");
            assertEquals(Set.of("ipc"), inside().apartFrom(peer()));
            assertTrue(peer().apartFrom(outside()).containsAll(Set.of("ipc", "mnt")), "the lab's host is the real one");
        }

        @Test
        @Verifies("ipc.starts-empty")
        @DisplayName("began with nothing: its first object of each kind got the first number")
        void empty() {
            for (var kind : List.of("-q", "-m", "-s")) {
                var first = Enter.the(inside(), "ipc").text("ipcs", kind).lines().filter(line -> line.startsWith("0x")).findFirst().orElseThrow();
                assertEquals("0", first.split(" +")[1], first);
            }
            assertEquals("1 1 1", Enter.the(peer(), "ipc").text("unshare", "--ipc", "sh", "-c",
                    "echo $(for kind in msg shm sem; do wc -l < /proc/sysvipc/$kind; done)"), "lines in a new namespace below the lab's host");
        }

        @Test
        @Verifies("ipc.foreign-id")
        @DisplayName("could not attach the outside segment by its number before setns(2), and could afterwards")
        void foreign() {
            var refused = trace().of("shmat").stream().filter(call -> call.errno().equals("EINVAL")).findFirst().orElseThrow();
            var then = trace().calls().stream().filter(call -> call.pid() == refused.pid() && Set.of("shmat", "setns").contains(call.name()))
                    .map(call -> call.name() + (call.succeeded() ? "" : " " + call.errno())).toList();
            assertEquals(List.of("shmat EINVAL", "setns", "shmat"), then);
            var number = refused.arguments().split(",")[0];
            assertTrue(trace().of("shmat").stream().anyMatch(call -> call.succeeded() && call.pid() != refused.pid() && call.arguments().startsWith(number + ",")), trace()::toString);
        }

        @Test
        @Verifies("ipc.message-queues")
        @DisplayName("has a message queue of its own, and so has its host")
        void queues() {
            assertOwnObjects("-q");
            assertNotFound("msgget");
        }

        @Test
        @Verifies("ipc.shared-memory")
        @DisplayName("has a shared-memory segment of its own, and so has its host")
        void segments() {
            assertOwnObjects("-m");
            assertNotFound("shmget");
        }

        @Test
        @Verifies("ipc.semaphores")
        @DisplayName("has a semaphore set of its own, and so has its host")
        void semaphores() {
            assertOwnObjects("-s");
            assertNotFound("semget");
        }

        /** A key that one thread found was ENOENT for another, and the other way round. */
        private void assertNotFound(String call) {
            for (boolean inside : List.of(true, false)) {
                var missing = trace().of(call).stream().filter(c -> c.errno().equals("ENOENT") && (c.pid() == insider()) == inside).findFirst()
                        .orElseThrow(() -> new AssertionError(call + " never failed with ENOENT " + (inside ? "inside" : "outside") + trace()));
                var key = missing.arguments().split(",")[0];
                assertTrue(trace().of(call).stream().anyMatch(c -> c.succeeded() && c.pid() != missing.pid() && c.arguments().startsWith(key + ",")),
                        () -> key + " was found by nobody" + trace());
            }
        }

        @Test
        @Verifies("ipc.members-share")
        @DisplayName("is a process that shares its objects with a thread of the lab")
        void members() {
            var lab = Proc.of(inside().parent());
            var members = lab.threads().stream().filter(thread -> thread.link("ipc").equals(inside().link("ipc"))).toList();
            assertFalse(members.isEmpty(), "no thread of " + lab + " stands in " + inside().link("ipc"));
            assertEquals(keys(inside(), "-m"), keys(members.get(0), "-m"));
            assertFalse(keys(inside(), "-m").isEmpty());
        }

        @Test
        @Verifies("ipc.same-key")
        @DisplayName("has under one and the same key another segment and another semaphore value than its host")
        void same() {
            assertEquals(Set.of(sameKey()), common(keys(inside(), "-m"), keys(peer(), "-m")));
            int in = semaphore(inside()), out = semaphore(peer());
            assertTrue(in > 0 && out > 0 && in != out, in + " inside and " + out + " outside");
        }

        /** The value of the semaphore with the common key, which ipcs -i prints as: semnum value ncount zcount pid. */
        private int semaphore(Proc process) {
            var id = Enter.the(process, "ipc").text("ipcs", "-s").lines().filter(line -> line.startsWith(sameKey())).findFirst().orElseThrow().split(" +")[1];
            var line = Enter.the(process, "ipc").text("ipcs", "-s", "-i", id).lines().filter(text -> text.matches("0( +\\d+){4} *")).findFirst().orElseThrow();
            return Integer.parseInt(line.split(" +")[1]);
        }

        @Test
        @Verifies("ipc.ipcrm-is-local")
        @DisplayName("removed the queue with the common key inside, and its host still has it")
        void ipcrm() {
            assertTrue(keys(peer(), "-q").contains(sameKey()), () -> sameKey() + " is gone outside");
            assertFalse(keys(inside(), "-q").contains(sameKey()), () -> sameKey() + " is still there inside");
            var made = trace().of("msgget").stream().filter(call -> call.succeeded() && call.arguments().contains("IPC_EXCL")
                    && Set.of(insider(), host()).contains(call.pid())).map(call -> call.arguments().split(",")[0]).toList();
            assertEquals(2, made.size(), made::toString);
            assertEquals(made.get(0), made.get(1), "the keys of the two queues");
            assertTrue(trace().succeeded("msgctl", "IPC_RMID"), trace()::toString);
        }

        /** The thread that plays the host: it asked for both namespaces at once. */
        private long host() {
            return trace().of("unshare").stream().filter(call -> call.arguments().contains("CLONE_NEWNS") && call.arguments().contains("CLONE_NEWIPC"))
                    .findFirst().orElseThrow().pid();
        }

        @Test
        @Verifies("ipc.proc-sysvipc-reader")
        @DisplayName("is shown its own objects even by the /proc of the machine")
        void sysvipc() {
            String file = "/proc/sysvipc/shm", in = read(inside(), file), out = read(peer(), file), machine = Ran.command("cat", file).text();
            assertEquals(3, in.lines().count(), in);
            assertEquals(3, out.lines().count(), out);
            assertEquals(3, Stream.of(in, out, machine).distinct().count(), "different views");
        }

        @Test
        @Verifies("ipc.sysv-limits")
        @DisplayName("has System V limits of its own")
        void limits() {
            for (var file : List.of("shmmax", "shmall", "shmmni", "msgmax", "msgmnb", "msgmni", "sem"))
                assertNotEquals(read(peer(), "/proc/sys/kernel/" + file), read(inside(), "/proc/sys/kernel/" + file), file);
        }

        /** The directory where the lab has its files. */
        private String files() {
            return inside().mounts().stream().filter(mount -> mount.source().equals("files")).findFirst().orElseThrow().point();
        }

        @Test
        @Verifies("ipc.pipes-pass")
        @DisplayName("reads from a named pipe what its host writes")
        void pipe() {
            // One writer in the host's IPC namespace; its reader enters the one inside and opens the pipe by its name.
            var pipe = files() + "/pipe";
            var word = Enter.the(peer(), "ipc", "mnt").text("sh", "-c", "exec 3<>" + pipe + "; readlink /proc/self/ns/ipc; echo across >&3;"
                    + " nsenter --ipc=" + inside().folder() + "/ns/ipc sh -c 'readlink /proc/self/ns/ipc; head -n 1 " + pipe + "'");
            assertEquals(String.join("\n", peer().link("ipc"), inside().link("ipc"), "across"), word);
            var opened = trace().of("openat").stream().filter(call -> call.succeeded() && call.arguments().contains("\"" + pipe + "\"")).map(call -> startedBy(call.pid())).toList();
            assertEquals(List.of(host(), insider()), opened, trace()::toString);
        }

        /** The thread of the lab that started a program; itself, if it is no program that one of the two sides started. */
        private long startedBy(long pid) {
            return trace().calls().stream().filter(call -> call.name().matches("v?fork|clone3?") && call.result().equals(String.valueOf(pid)) && Set.of(host(), insider()).contains(call.pid()))
                    .map(Trace.Call::pid).findFirst().orElse(pid);
        }

        @Test
        @Verifies("ipc.path-sockets-pass")
        @DisplayName("has connected to a socket that its host had bound")
        void socket() {
            var path = "sun_path=\"" + files() + "/socket\"";
            var bound = trace().of("bind").stream().filter(call -> call.arguments().contains(path)).findFirst().orElseThrow();
            var connected = trace().of("connect").stream().filter(call -> call.arguments().contains(path)).findFirst().orElseThrow();
            assertTrue(bound.succeeded() && connected.succeeded(), bound + "; " + connected);
            assertEquals(host(), bound.pid());
            assertEquals(insider(), connected.pid());
        }

        @Test
        @Verifies("ipc.no-shared-sem-undo")
        @DisplayName("was refused a child with CLONE_NEWIPC|CLONE_SYSVSEM")
        void undo() {
            assertTrue(trace().failed("clone", "EINVAL", "CLONE_NEWIPC", "CLONE_SYSVSEM"), trace()::toString);
        }

        @Test
        @Verifies("ipc.flat")
        @DisplayName("was told that an IPC namespace has no parent")
        void flat() {
            assertTrue(trace().failed("ioctl", "EINVAL", "NS_GET_PARENT"), trace()::toString);
        }
    }
}
