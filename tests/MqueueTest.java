import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** Looks at the Mqueue lab from outside: its mounts and the queues in them, by /proc and nsenter(1), and what the kernel answered to its calls. */
@DisplayName("Mqueue")
class MqueueTest {
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
            super("Mqueue", as);
        }

        /** The process that stands where the lab's host stands. */
        private Proc peer() {
            return held().process("peer");
        }

        private Trace trace() {
            return trace("unshare", "mount", "mq_open", "mq_timedsend", "mq_timedreceive", "openat");
        }

        /** The lab's three threads that asked for an IPC namespace: its host, who asked for a mount namespace too, inside, and the last member. */
        private List<Long> threads() {
            var threads = trace().of("unshare").stream().filter(call -> call.succeeded() && call.arguments().contains("CLONE_NEWIPC")).toList();
            assertEquals(List.of(true, false, false), threads.stream().map(call -> call.arguments().contains("CLONE_NEWNS")).toList(), trace()::toString);
            return threads.stream().map(Trace.Call::pid).toList();
        }

        private long host() {
            return threads().get(0);
        }

        private long insider() {
            return threads().get(1);
        }

        /** What the kernel answered to a thread that asked for a queue whose name begins so, and did not want to make it. */
        private Set<String> answers(long thread, String name) {
            return trace().of("mq_open").stream().filter(call -> call.pid() == thread && call.arguments().startsWith("\"" + name + "-") && !call.arguments().contains("O_CREAT"))
                    .map(call -> call.succeeded() ? "found" : call.errno()).collect(Collectors.toCollection(TreeSet::new));
        }

        /** A directory where the lab has mounted queues. */
        private String mount(String name) {
            var found = inside().mounts().stream().filter(mount -> mount.type().equals("mqueue") && mount.point().endsWith("/" + name)).toList();
            assertEquals(1, found.size(), () -> "mqueue mounts called " + name + ": " + found);
            return found.get(0).point();
        }

        /** The names of the queues there, without the part that the token chose. */
        private Set<String> queues(Proc process, String mount) throws IOException {
            try (Stream<Path> files = Files.list(Path.of(process.root() + mount(mount)))) {
                return files.map(file -> file.getFileName().toString().replaceFirst("-.*", "")).collect(Collectors.toCollection(TreeSet::new));
            }
        }

        /** A queue's whole name and, after a blank, how many bytes wait in it. */
        private String queue(String mount, String name) throws IOException {
            try (Stream<Path> files = Files.list(Path.of(peer().root() + mount(mount)))) {
                var file = files.map(path -> path.getFileName().toString()).filter(each -> each.startsWith(name + "-")).findFirst().orElseThrow();
                return file + " " + Enter.the(peer(), "mnt").text("cat", mount(mount) + "/" + file).split(" ")[0];
            }
        }

        @Test
        @DisplayName("stands apart in its IPC namespace, and in a mount namespace that it shares with its host")
        void apart() {
            assertApartExactlyIn("ipc", "mnt");
            assertEquals(Set.of("ipc"), inside().apartFrom(peer()));
            assertTrue(peer().apartFrom(outside()).containsAll(Set.of("ipc", "mnt")), "the lab's host is the real one");
        }

        @Test
        @Verifies("mqueue.names")
        @DisplayName("has queues that its host has not, and the other way round")
        void names() throws IOException {
            assertEquals(Set.of("file", "in", "same"), queues(inside(), "inside"));
            assertEquals(Set.of("out", "same"), queues(inside(), "outside"));
            assertEquals(Set.of("found"), answers(insider(), "in"));
            assertEquals(Set.of("ENOENT"), answers(insider(), "out"));
            assertEquals(Set.of("found"), answers(host(), "out"));
            assertEquals(Set.of("ENOENT"), answers(host(), "in"));
        }

        @Test
        @Verifies("mqueue.same-name")
        @DisplayName("has a message in a queue whose namesake outside is empty")
        void sameName() throws IOException {
            String in = queue("inside", "same"), out = queue("outside", "same");
            assertEquals(in.split(" ")[0], out.split(" ")[0], "the names");
            assertTrue(in.matches("\\S+ QSIZE:[1-9]\\d*"), in);
            assertTrue(out.endsWith(" QSIZE:0"), out);
            var sent = trace().of("mq_timedsend");
            assertEquals(List.of(insider()), sent.stream().filter(Trace.Call::succeeded).map(Trace.Call::pid).toList(), trace()::toString);
            var asked = trace().of("mq_timedreceive");
            assertEquals(List.of(host() + " EAGAIN"), asked.stream().map(call -> call.pid() + " " + call.errno()).toList(), trace()::toString);
        }

        @Test
        @Verifies("mqueue.mount")
        @DisplayName("has mounted its queues where its host sees them too, and a file made there is a queue")
        void mounted() throws IOException {
            assertEquals(Set.of("file", "in", "same"), queues(peer(), "inside"));
            assertEquals(Set.of("out", "same"), queues(peer(), "outside"));
            assertTrue(queue("inside", "file").endsWith(" QSIZE:0"));
            for (var side : List.of("inside", "outside"))
                assertEquals(List.of(side.equals("inside") ? insider() : host()), trace().of("mount").stream().filter(call -> call.succeeded()
                        && call.arguments().contains("/" + side + "\", \"mqueue\"")).map(Trace.Call::pid).toList(), "who mounted " + side);
            assertEquals(Set.of("found"), answers(insider(), "file"));
            assertEquals(Set.of("ENOENT"), answers(host(), "file"));
        }

        @Test
        @Verifies("mqueue.outlives-members")
        @DisplayName("has a mount whose IPC namespace is dead: it lists a queue and takes no other")
        void left() throws IOException {
            assertEquals(Set.of("left"), queues(inside(), "left"));
            assertEquals(threads().get(2), trace().of("mount").stream().filter(call -> call.arguments().contains("/left\", \"mqueue\"")).findFirst().orElseThrow().pid());
            var refused = Ran.command(asTheLab("nsenter", "--mount=" + peer().folder() + "/ns/mnt", "env", "LC_ALL=C", "touch", mount("left") + "/new"));
            assertTrue(refused.exit() != 0 && refused.stderr().contains("Permission denied"), refused::toString);
            assertTrue(trace().failed("openat", "EACCES", "/left/late\"", "O_CREAT"), trace()::toString);
        }

        /** nsenter(1) as the lab's user, for a mount refuses (EOVERFLOW) whoever is nobody in the user namespace that owns it. */
        private String[] asTheLab(String nsenter, String... rest) {
            var line = new ArrayList<String>();
            var uid = String.valueOf(as().uid());
            if (as() == As.ORDINARY_USER && As.TESTS_ARE_ROOT) line.addAll(List.of("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups"));
            line.add(nsenter);
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user=" + peer().folder() + "/ns/user", "--preserve-credentials"));
            line.addAll(List.of(rest));
            return line.toArray(String[]::new);
        }

        @Test
        @Verifies("mqueue.limits")
        @DisplayName("has limits of its own")
        void limits() {
            for (var file : List.of("queues_max", "msg_max", "msgsize_max")) {
                var path = "/proc/sys/fs/mqueue/" + file;
                assertNotEquals(Enter.the(peer(), "ipc").text("cat", path), Enter.the(inside(), "ipc").text("cat", path), file);
            }
        }

        @Test
        @Verifies("mqueue.dev-shm-is-a-mount")
        @DisplayName("sees its host's file in /dev/shm, which the machine has not")
        void devShm() throws IOException {
            var segment = "dev/shm/segment";
            assertEquals(Files.readString(peer().root().resolve(segment)), Files.readString(inside().root().resolve(segment)));
            assertFalse(Files.exists(Path.of("/", segment)), "on the machine");
        }
    }
}
