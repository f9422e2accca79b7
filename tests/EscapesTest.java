import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Shells;
import outside.Trace.Call;
import outside.Verifies;

/**
 * Looks at the Escapes lab from outside: the held containers show the hole that each was left with, and an strace shows who got
 * what the host had written into its secret file.
 */
@DisplayName("Escapes")
class EscapesTest {
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
        private static final String NO_FILE = "ENOENT";
        private Shells shells;

        Checks(As as) {
            super("Escapes", as);
        }

        private Shells trace() {
            if (shells == null) shells = Shells.of(lab(), "?unshare,?setns,?mount,?pivot_root,?open,?openat,?read,?write,?sendto,?connect,?kill,?keyctl,?add_key,?execve,?capset");
            return shells;
        }

        /** What the traced host wrote into its file: the shell's own echo. */
        private String secret() {
            var line = trace().trace().of("write").stream().map(Call::arguments).filter(text -> text.matches("1, \"secret-[0-9a-f]{8}\\\\n\", 16")).findFirst().orElseThrow();
            return line.substring(4, 19);
        }

        private String answer(String rung, String name, String... words) {
            var calls = trace().calls(rung, name, words);
            assertFalse(calls.isEmpty(), () -> rung + " did not call " + name + " " + List.of(words));
            return calls.get(calls.size() - 1).errno();
        }

        /** Whether the lab heard from this container what the host had written. */
        private boolean got(String rung) {
            return !trace().heard(rung, secret()).isEmpty();
        }

        private void assertOnlyWithTheHole(String rung, String... closed) {
            assertTrue(got(rung), () -> rung + " never read the secret");
            for (var name : closed) assertFalse(got(name), () -> name + " read the secret");
        }

        private Proc held(String rung) {
            return held().process(rung);
        }

        private String mountPoint(Proc container, String type) {
            return container.mountAt(type).map(mount -> mount.type() + " " + mount.root()).orElse("nothing");
        }

        @Test
        @DisplayName("stands in a container whose root is a directory of the host, without any mount of the machine")
        void contained() {
            assertApartExactlyIn("mnt", "net", "pid");
            assertEquals(List.of("/", "/dev/null", "/proc", "/volume"), inside().mounts().stream().map(outside.Mount::point)
                    .filter(point -> !point.startsWith("/proc/")).sorted().toList());
            assertEquals("/root", inside().mountAt("/").orElseThrow().root());
        }

        @Test
        @Verifies("escapes.directory-fd")
        @DisplayName("has a container with an open directory of the host")
        void directory() throws IOException {
            assertOnlyWithTheHole("directory-fd", "directory-fd-closed1");
            assertEquals("", answer("directory-fd", "openat", "/proc/self/fd/", "/secret\", O_RDONLY"));
            assertEquals(NO_FILE, answer("directory-fd-closed1", "openat", "/proc/self/fd/*/secret\", O_RDONLY"));
            assertEquals(1, directories(held("directory-fd")), "directories open in the leaky one");
            assertEquals(0, directories(held("directory-fd-closed1")), "and in the other one");
        }

        /** How many of its open files are directories in which a secret lies. */
        private long directories(Proc proc) throws IOException {
            try (var fds = Files.list(proc.folder().resolve("fd"))) {
                return fds.filter(fd -> Files.exists(fd.resolve("secret"))).count();
            }
        }

        @Test
        @Verifies("escapes.shared-propagation")
        @DisplayName("had a container whose mount came out on the host")
        void propagation() {
            assertOnlyWithTheHole("shared-propagation", "shared-propagation-closed1");
            assertTrue(held("shared-propagation").mountAt("/volume").orElseThrow().peerGroup() >= 0, "the volume is shared");
            assertTrue(held("shared-propagation-closed1").mountAt("/volume").orElseThrow().isPrivate(), "the volume is private");
            assertEquals("nothing", mountPoint(held("shared-propagation"), "/volume/hooks"), "the host unmounted it, here too");
            assertEquals("tmpfs /root/evil", mountPoint(held("shared-propagation-closed1"), "/volume/hooks"));
            for (var name : List.of("shared-propagation", "shared-propagation-closed1")) assertEquals("", answer(name, "mount", "\"/evil\", \"/volume/hooks\""));
            assertEquals(1, trace().calls("shared-propagation", "mount", "\"/\", NULL, MS_PRIVATE").size());
            assertEquals(1, trace().calls("shared-propagation-closed1", "mount", "\"/\", NULL, MS_REC|MS_PRIVATE").size());
        }

        @Test
        @Verifies("escapes.remount-rw")
        @DisplayName("had a container that made its volume writable, and two that could not")
        void remount() {
            assertOnlyWithTheHole("remount-rw", "remount-rw-closed1", "remount-rw-closed2");
            assertEquals(List.of("", "EPERM", "EPERM"), List.of(answer("remount-rw", "mount", "\"/volume\"", "MS_REMOUNT"),
                    answer("remount-rw-closed1", "mount", "\"/volume\"", "MS_REMOUNT"), answer("remount-rw-closed2", "mount", "\"/volume\"", "MS_REMOUNT")));
            assertTrue(options("remount-rw").contains("rw"));
            assertTrue(options("remount-rw-closed1").contains("ro"));
            assertTrue(options("remount-rw-closed2").contains("ro"));
            assertEquals(held("remount-rw").link("user"), held("remount-rw-closed2").link("user"));
            assertNotEquals(held("remount-rw").link("user"), held("remount-rw-closed1").link("user"));
            assertEquals(0, held("remount-rw-closed2").capabilities("CapEff"));
        }

        private Set<String> options(String rung) {
            return Set.of(held(rung).mountAt("/volume").orElseThrow().options().split(","));
        }

        @Test
        @Verifies("escapes.set-user-id")
        @DisplayName("had an ordinary user whom a program from the container made root")
        void setUserId() {
            var made = trace().trace().of("execve").stream().filter(call -> call.arguments().matches("\"/[a-z]+/share/cat\".*")).toList();
            assertEquals(3, made.size(), () -> "three runs of the program");
            var opened = made.stream().map(run -> trace().trace().by(run.pid()).stream().filter(call -> call.name().startsWith("open") && call.arguments().contains("/secret\", O_RDONLY"))
                    .map(Call::errno).collect(Collectors.joining())).toList();
            assertEquals(List.of("", "EACCES", "EACCES"), opened);
            assertTrue(trace().trace().by(made.get(0).pid()).stream().anyMatch(call -> call.name().equals("read") && call.arguments().contains("secret-")));
            assertEquals(Set.of("100000"), Set.of("" + held("set-user-id-closed1").uids().get(0)));
            assertEquals(held("set-user-id").link("user"), held("set-user-id-closed2").link("user"));
            assertTrue(held("set-user-id-closed2").mountAt("/share").orElseThrow().options().contains("nosuid"));
            assertFalse(held("set-user-id").mountAt("/share").orElseThrow().options().contains("nosuid"));
        }

        @Test
        @Verifies("escapes.proc-root")
        @DisplayName("had a container that read the host's file through a neighbour")
        void procRoot() {
            assertOnlyWithTheHole("proc-root", "proc-root-closed1");
            assertEquals("", answer("proc-root", "openat", "/root/", "/secret\", O_RDONLY"));
            assertEquals(NO_FILE, answer("proc-root-closed1", "openat", "/root/", "/secret\", O_RDONLY"));
            // Tried again, from outside: this very test is what the open container would find.
            assertEquals(outside().link("pid"), held("proc-root").link("pid"));
            assertTrue(Files.exists(in("proc-root", held("proc-root").pid())));
            assertFalse(Files.exists(in("proc-root-closed1", held("proc-root").pid())));
            assertEquals(2, held("proc-root-closed1").nsPids().size());
        }

        /** A process in a container's /proc. */
        private Path in(String rung, long pid) {
            return Path.of(held(rung).root() + "/proc/" + pid + "/status");
        }

        @Test
        @Verifies("escapes.setns")
        @DisplayName("has a container whose shell stands in the host's mount namespace")
        void setns() {
            assertOnlyWithTheHole("setns", "setns-closed1");
            assertEquals("", answer("setns", "setns", "CLONE_NEWNS"));
            assertEquals(NO_FILE, answer("setns-closed1", "openat", "/ns/mnt\", O_RDONLY"));
            assertFalse(answer("setns-closed1", "setns").isEmpty());
            assertNotEquals(held("setns").link("mnt"), held("proc-root").link("mnt"));
            assertEquals("/", held("setns").mountAt("/").orElseThrow().root().replaceFirst("^/.*[^t]$", "/"), "the machine's root");
            assertEquals("/root", held("setns-closed1").mountAt("/").orElseThrow().root());
        }

        @Test
        @Verifies("escapes.neighbour")
        @DisplayName("had a container that read a neighbour's environment")
        void neighbour() {
            assertOnlyWithTheHole("neighbour", "neighbour-closed1");
            assertEquals("", answer("neighbour", "openat", "/environ\", O_RDONLY"));
            assertEquals(NO_FILE, answer("neighbour-closed1", "openat", "/environ\", O_RDONLY"));
            assertFalse(trace().heard("neighbour", "PASSWORD=" + secret()).isEmpty());
        }

        @Test
        @Verifies("escapes.kill")
        @DisplayName("had a container that ended a neighbour")
        void kill() {
            assertEquals("", answer("kill", "kill", "SIGTERM"));
            assertEquals("ESRCH", answer("kill-closed1", "kill", "SIGTERM"));
            assertNotEquals(trace().calls("kill", "kill").get(0).arguments(), trace().calls("kill-closed1", "kill").get(0).arguments(), "two victims");
            assertEquals(outside().link("pid"), held("kill").link("pid"));
            assertNotEquals(outside().link("pid"), held("kill-closed1").link("pid"));
        }

        @Test
        @Verifies("escapes.runtime-socket")
        @DisplayName("had a container that gave the host an order through a mounted socket")
        void runtimeSocket() {
            assertOnlyWithTheHole("runtime-socket", "runtime-socket-closed1");
            assertEquals("", answer("runtime-socket", "connect", "sun_path=\"/run/engine\""));
            assertEquals(NO_FILE, answer("runtime-socket-closed1", "connect", "sun_path=\"/run/engine\""));
            assertEquals("", answer("runtime-socket", "sendto", "/secret\""));
            assertEquals("tmpfs /run", mountPoint(held("runtime-socket"), "/run"));
            assertEquals("nothing", mountPoint(held("runtime-socket-closed1"), "/run"));
            assertNotEquals(held("runtime-socket").link("net"), inside().link("net"), "although its network is its own");
        }

        @Test
        @Verifies("escapes.abstract-socket")
        @DisplayName("had a container that gave the host an order through its network namespace")
        void abstractSocket() {
            assertOnlyWithTheHole("abstract-socket", "abstract-socket-closed1");
            assertEquals("", answer("abstract-socket", "connect", "sun_path=@\"engine-"));
            assertEquals("ECONNREFUSED", answer("abstract-socket-closed1", "connect", "sun_path=@\"engine-"));
            assertEquals(inside().link("net"), held("abstract-socket").link("net"));
            assertNotEquals(inside().link("net"), held("abstract-socket-closed1").link("net"));
            var sockets = Ran.command("cat", held("abstract-socket").folder() + "/net/unix").text();
            assertTrue(sockets.contains("@engine-"), sockets);
            assertFalse(Ran.command("cat", held("abstract-socket-closed1").folder() + "/net/unix").text().contains("@engine-"));
        }

        @Test
        @Verifies("escapes.keyring")
        @DisplayName("had a container that read a key of the host")
        void keyring() {
            assertOnlyWithTheHole("keyring", "keyring-closed1", "keyring-closed2");
            assertEquals("", answer("keyring", "keyctl", "KEYCTL_READ"));
            assertEquals("EPERM", answer("keyring-closed1", "keyctl", "KEYCTL_READ"));
            assertEquals("EACCES", answer("keyring-closed2", "keyctl", "KEYCTL_READ"));
            assertTrue(trace().trace().succeeded("add_key", "\"user\"", secret(), "KEY_SPEC_SESSION_KEYRING"));
            assertEquals("2", held("keyring-closed1").status().get("Seccomp"));
            assertEquals(outside().status().get("Seccomp"), held("keyring").status().get("Seccomp"));
        }

        @Test
        @Verifies("escapes.new-capabilities")
        @DisplayName("had a container without capabilities that mounted in a user namespace of its own")
        void newCapabilities() {
            assertEquals("", answer("new-capabilities", "unshare", "CLONE_NEWUSER"));
            assertEquals("EPERM", answer("new-capabilities-closed1", "unshare", "CLONE_NEWUSER"));
            for (var name : List.of("new-capabilities", "new-capabilities-closed1")) assertEquals("", answer(name, "capset", "effective=0, permitted=0"));
            assertEquals("", answer("new-capabilities", "mount", secret()));
            assertEquals("EPERM", answer("new-capabilities-closed1", "mount", secret()));
            assertEquals("tmpfs /", mountPoint(held("new-capabilities"), "/tmp"));
            assertEquals("nothing", mountPoint(held("new-capabilities-closed1"), "/tmp"));
            assertNotEquals(held("new-capabilities").link("user"), held("new-capabilities-closed1").link("user"));
            assertEquals(0, held("new-capabilities-closed1").capabilities("CapEff"));
        }
    }
}
