import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Threads lab from outside: thread by thread in /proc/PID/task, and what the kernel answered to each. */
@DisplayName("Threads")
class ThreadsTest {
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
        private static final String NEW_PID = "CLONE_NEWPID", NEW_USER = "CLONE_NEWUSER", NEW_NS = "CLONE_NEWNS";

        Checks(As as) {
            super("Threads", as);
        }

        private Trace trace() {
            return trace("clone", "clone3", "vfork", "unshare", "setns", "openat", "readlink", "readlinkat", "stat", "newfstatat", "pivot_root", "umount2", "execve");
        }

        /** The calls of these names in the traced run, for a failure's message. */
        private String told(String... names) {
            return String.join("\n", trace().calls().stream().filter(call -> List.of(names).contains(call.name())).map(Call::toString).toList());
        }

        private Proc jvm() {
            return held().process("jvm");
        }

        private Proc thread(String name) {
            return Proc.thread(jvm().pid(), Long.parseLong(held().value(name)));
        }

        /** What a thread asked of the kernel, in its order: clone, clone3 and vfork are "new". */
        private Stream<Call> made(long tid) {
            return trace().by(tid).stream().filter(call -> call.name().matches("clone3?|vfork"));
        }

        /** The thread or process of the first such call; in the traced run. */
        private long who(String name, String errno, String... words) {
            return trace().of(name).stream().filter(call -> call.errno().equals(errno) && !call.result().equals("?") && List.of(words).stream().allMatch(call.arguments()::contains))
                    .map(Call::pid).findFirst().orElseThrow(() -> new AssertionError("no " + name + " " + List.of(words) + " " + errno + " in\n" + told(name)));
        }

        // ---- the container

        @Test
        @DisplayName("has a process that stands apart in six types")
        void apart() {
            assertApartExactlyIn("cgroup", "ipc", "mnt", "net", "pid", "uts");
        }

        @Test
        @Verifies("threads.container-beside-main")
        @DisplayName("has one thread with that process, and its first and main threads on the host")
        void oneThread() throws IOException {
            var own = Set.of("cgroup", "ipc", "mnt", "net", "uts");
            assertEquals(own, thread("inside").apartFrom(jvm()));
            for (var type : own) assertEquals(inside().link(type), thread("inside").link(type));
            assertEquals(inside().link("pid"), thread("inside").link("pid_for_children"));
            assertTrue(Files.readString(thread("inside").root().resolve("note")).startsWith("note-"));
            assertEquals(identity(inside().root()), identity(thread("inside").root()));
            int others = 0;
            for (var other : jvm().threads()) {
                if (other.pid() == thread("inside").pid() || other.links().isEmpty()) continue;
                others++;
                assertNotEquals(inside().link("net"), other.link("net"), other::toString);
                assertEquals(identity(outside().root()), identity(other.root()), other::toString);
            }
            assertTrue(others > 5, others + " other threads");
            assertEquals(Set.of(), new TreeSet<>(jvm().apartFrom(outside())).stream().filter(type -> !type.equals("user")).collect(java.util.stream.Collectors.toSet()));
            assertFalse(Files.exists(jvm().root().resolve("note")));
            long insider = who("pivot_root", "");
            assertTrue(trace().by(insider).stream().anyMatch(call -> call.name().equals("umount2") && call.succeeded() && call.arguments().contains("MNT_DETACH")), () -> told("umount2"));
        }

        /** Which directory it is: the way there ends in the root of another process. */
        private static String identity(Path root) throws IOException {
            return Files.getAttribute(root.resolve("."), "unix:dev") + ":" + Files.getAttribute(root.resolve("."), "unix:ino");
        }

        @Test
        @Verifies({"threads.its-child-is-number-one", "threads.its-proc-knows-it-not"})
        @DisplayName("has a shell as number 1, whose /proc knows neither main nor the thread that started it")
        void numberOne() throws IOException {
            assertEquals(List.of(inside().pid(), 1L), inside().nsPids());
            assertEquals(jvm().pid(), inside().parent());
            assertTrue(enter("uts").text("uname", "-n").startsWith("in-"));
            assertTrue(Files.readString(inside().root().resolve("note")).startsWith("note-"));
            try (var files = Files.list(inside().root().resolve("proc"))) {
                assertEquals(List.of("1"), files.map(file -> file.getFileName().toString()).filter(name -> name.matches("\\d+")).toList());
            }
            assertEquals(who("pivot_root", ""), who("openat", "ENOENT", "\"/proc/thread-self/status\""));
        }

        @Test
        @Verifies("threads.proc-self-is-the-first")
        @DisplayName("read /proc/self and /proc/thread-self on one thread, and got two answers")
        void procSelf() {
            var self = links("/proc/self/ns/uts").filter(call -> links("/proc/thread-self/ns/uts").anyMatch(own -> own.pid() == call.pid()
                    && !link(own).equals(link(call)))).toList();
            assertFalse(self.isEmpty(), () -> told("readlink", "readlinkat"));
            assertEquals(outside().link("uts"), link(self.get(0)));
            assertNotEquals(jvm().link("uts"), thread("outside").link("uts"));
        }

        private Stream<Call> links(String path) {
            return trace().calls().stream().filter(call -> call.name().startsWith("readlink") && call.succeeded() && call.arguments().contains("\"" + path + "\""));
        }

        private static String link(Call readlink) {
            return readlink.arguments().replaceFirst(".*\"(\\w+:\\[\\d+])\".*", "$1");
        }

        @Test
        @Verifies("threads.new-threads-inherit")
        @DisplayName("has three threads, each of which stands where the one stands that started it: two of these had moved, main had not")
        void inherit() {
            var heirs = Stream.of(held().value("heirs").split(",")).map(tid -> Proc.thread(jvm().pid(), Long.parseLong(tid))).toList();
            assertEquals(3, heirs.size());
            var starters = List.of(thread("builder"), thread("outside"), jvm());
            for (int i = 0; i < 3; i++) assertEquals(Set.of(), heirs.get(i).apartFrom(starters.get(i)), heirs.get(i)::toString);
            assertEquals(List.of(Set.of("mnt"), Set.of("uts"), Set.of()), starters.stream().map(starter -> starter.apartFrom(jvm())).toList());
            // In the traced run: a thread that had made a UTS namespace started one, whose link was read, and it was that namespace.
            long outside = who("unshare", "", "CLONE_NEWUTS");
            var home = links("/proc/thread-self/ns/uts").filter(call -> call.pid() == outside).map(Checks::link).reduce((first, last) -> last).orElseThrow();
            var paths = made(outside).filter(call -> call.succeeded() && call.arguments().contains("CLONE_THREAD")).map(call -> "/proc/" + call.result() + "/ns/uts").toList();
            assertTrue(paths.stream().anyMatch(path -> links(path).anyMatch(call -> link(call).equals(home))), () -> paths + " in\n" + told("readlink", "readlinkat"));
        }

        @Test
        @Verifies("threads.java-asks-proc-self")
        @DisplayName("read the first thread's IPv6 devices on a thread that has others")
        void network() {
            var calls = trace("unshare", "openat", "read");
            var thread = calls.of("unshare").stream().filter(call -> call.succeeded() && call.arguments().equals("CLONE_NEWNET")).map(Call::pid).findFirst().orElseThrow();
            var own = calls.content(thread, "/proc/thread-self/net/if_inet6");
            var device = own.replaceFirst("(?s).* (in[0-9a-f]{8})\\\\n.*", "$1");
            assertTrue(device.matches("in[0-9a-f]{8}"), own);
            var java = calls.content(thread, "/proc/net/if_inet6");
            assertFalse(java.contains(device), java);
            var first = Ran.command("cat", outside().folder() + "/net/if_inet6").text().lines().map(line -> line.replaceFirst(".* ", "")).toList();
            for (var each : first) assertTrue(java.contains(" " + each + "\\n"), () -> each + " is not in what Java read: " + java);
        }

        // ---- what a JVM may not

        @Test
        @Verifies("threads.no-user-namespace")
        @DisplayName("was refused a user namespace, which a child with one thread got")
        void user() {
            for (var call : List.of("unshare", "setns")) {
                long refused = who(call, "EINVAL", NEW_USER), child = who(call, "", NEW_USER);
                assertTrue(made(refused).anyMatch(clone -> clone.result().equals("" + child) && !clone.arguments().contains("CLONE_THREAD")),
                        () -> child + " is no child of " + refused + "\n" + told("clone", "unshare", "setns"));
            }
        }

        @Test
        @Verifies("threads.mount-namespace")
        @DisplayName("was refused a mount namespace until it had its own root and working directory")
        void mount() {
            long joiner = who("unshare", "", "CLONE_FS");
            assertEquals(List.of("setns EINVAL", "unshare ", "setns "), trace().by(joiner).stream()
                    .filter(call -> call.name().equals("setns") && call.arguments().contains(NEW_NS) || call.name().equals("unshare"))
                    .map(call -> call.name() + " " + call.errno()).toList());
        }

        @Test
        @Verifies("threads.time-namespace")
        @DisplayName("was refused a time namespace")
        void time() {
            assertTrue(trace().failed("setns", "EUSERS", "CLONE_NEWTIME"), () -> told("setns"));
        }

        // ---- after CLONE_NEWPID

        /** The thread whose ProcessBuilder failed. */
        private long java() {
            return Stream.of("vfork", "clone", "clone3").flatMap(name -> trace().of(name).stream()).filter(call -> call.errno().equals("ENOMEM"))
                    .map(Call::pid).findFirst().orElseThrow(() -> new AssertionError(told("clone", "clone3", "vfork")));
        }

        @Test
        @Verifies({"threads.no-more-java-threads", "threads.process-builder-once"})
        @DisplayName("got EINVAL for a thread, one process, and ENOMEM for the next one on the thread that had called unshare(CLONE_NEWPID)")
        void newPid() {
            assertTrue(trace().by(java()).stream().anyMatch(call -> call.name().equals("unshare") && call.succeeded() && call.arguments().equals(NEW_PID)), () -> told("unshare"));
            var said = made(java()).map(call -> (call.arguments().contains("CLONE_THREAD") ? "thread " : "process ") + call.errno()).toList();
            assertEquals(List.of("thread EINVAL", "process ", "process ENOMEM"), said.stream().distinct().toList(), said::toString);
            assertEquals(1, said.stream().filter("process "::equals).count(), said::toString);
            assertTrue(made(java()).filter(call -> !call.arguments().contains("CLONE_THREAD")).allMatch(call -> call.toString().toLowerCase().contains("vfork")), () -> told("clone", "clone3", "vfork"));
        }

        @Test
        @Verifies("threads.others-unaffected")
        @DisplayName("started threads and processes on another thread after that")
        void others() {
            var calls = trace().calls();
            var after = calls.subList(calls.indexOf(made(java()).reduce((first, last) -> last).orElseThrow()) + 1, calls.size()).stream()
                    .filter(call -> call.name().matches("clone3?|vfork") && call.succeeded()).toList();
            // ProcessBuilder starts a helper of the JVM's, which becomes the program; posix_spawn(3) does without.
            var helpers = trace().of("execve").stream().filter(call -> call.succeeded() && call.arguments().contains("jspawnhelper")).map(call -> "" + call.pid()).toList();
            var makers = after.stream().filter(call -> helpers.contains(call.result())).map(Call::pid).toList();
            assertFalse(makers.isEmpty(), () -> "no process of ProcessBuilder after that: " + after);
            assertTrue(after.stream().anyMatch(call -> makers.contains(call.pid()) && call.arguments().contains("CLONE_THREAD")), after::toString);
        }

        @Test
        @Verifies("threads.virtual-threads-hop")
        @DisplayName("has a carrier of virtual threads that stands where one of them has left it")
        void carrier() {
            var carrier = thread("carrier");
            assertTrue(carrier.text("comm").startsWith("ForkJoinPool"), () -> carrier.text("comm"));
            assertEquals(Set.of("uts"), carrier.apartFrom(jvm()));
            assertNotEquals(thread("outside").link("uts"), carrier.link("uts"));
            // In the traced run: a thread that had made one read its link over and over, and then another thread, that had made none, read another link.
            var calls = trace().calls();
            var makers = Set.copyOf(trace().of("unshare").stream().filter(Call::succeeded).map(Call::pid).toList());
            for (int i = 0; i < calls.size(); i++) {
                var unshare = calls.get(i);
                if (!unshare.name().equals("unshare") || !unshare.succeeded() || !unshare.arguments().equals("CLONE_NEWUTS")) continue;
                var later = calls.subList(i, calls.size()).stream().filter(call -> call.name().startsWith("readlink") && call.arguments().contains("\"/proc/thread-self/ns/uts\"")).toList();
                var own = later.stream().filter(read -> read.pid() == unshare.pid()).map(Checks::link).distinct().toList();
                if (own.size() == 1 && later.stream().anyMatch(read -> !makers.contains(read.pid()) && !own.contains(link(read)))) return;
            }
            throw new AssertionError(told("unshare"));
        }

        // ---- calls of libc

        @Test
        @Verifies("threads.fork-copies-one")
        @DisplayName("has a child with one thread that is still the JVM's program")
        void half() throws IOException {
            var half = held().process("half");
            assertEquals(1, half.threads().size());
            assertEquals("1", half.status().get("Threads"));
            assertEquals(Files.readSymbolicLink(jvm().folder().resolve("exe")), Files.readSymbolicLink(half.folder().resolve("exe")));
            assertEquals(jvm().commandLine(), half.commandLine());
            assertTrue(jvm().threads().size() > 5, jvm().threads()::toString);
        }

        @Test
        @Verifies("threads.errno-is-taken-at-once")
        @DisplayName("got EBADF, and then ENOENT on the same thread")
        void errno() {
            var calls = trace().by(who("setns", "EBADF", "-1"));
            var after = calls.subList(calls.indexOf(calls.stream().filter(call -> call.errno().equals("EBADF")).findFirst().orElseThrow()) + 1, calls.size());
            assertTrue(after.get(0).errno().equals("ENOENT") && after.get(0).arguments().contains("\"/nonexistent/"), after::toString);
        }

        @Test
        @Verifies("threads.int-or-long")
        @DisplayName("was refused 33 bits of flags, and got what the lower 32 say")
        void widths() {
            long caller = who("unshare", "EINVAL", "CLONE_NEWUTS", "0x100000000");
            assertEquals(List.of("EINVAL", ""), trace().by(caller).stream().filter(call -> call.name().equals("unshare")).map(Call::errno).toList());
            assertTrue(trace().by(caller).stream().anyMatch(call -> call.succeeded() && call.arguments().equals("CLONE_NEWUTS")), () -> told("unshare"));
        }
    }
}
