import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Mount;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Container lab from outside: what /proc tells of its first process, and what the kernel answered to the calls that made it. */
@DisplayName("Container")
class ContainerTest {
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
        /** CAP_KILL, CAP_NET_BIND_SERVICE and CAP_AUDIT_WRITE; linux/capability.h. */
        private static final long THREE = 1 << 5 | 1 << 10 | 1 << 29;

        Checks(As as) {
            super("Container", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "mount", "umount2", "pivot_root", "chdir", "mknod", "mknodat", "prctl", "capset", "setsid", "execve",
                    "connect", "wait4", "symlink", "chroot");
        }

        /** The containers' first processes in the order in which they moved to their roots. */
        private List<Long> containers() {
            return trace().of("pivot_root").stream().filter(Trace.Call::succeeded).map(Trace.Call::pid).toList();
        }

        /** The flags of the clone(2) that made a process. */
        private String flags(long pid) {
            return trace().of("clone").stream().filter(call -> call.result().equals("" + pid)).findFirst().orElseThrow().arguments();
        }

        private Path in(String path) {
            return Path.of(inside().root() + path);
        }

        @Test
        @Verifies("container.six-namespaces")
        @DisplayName("stands apart in six types, and shares the time namespace")
        void apart() {
            assertApartExactlyIn("pid", "uts", "ipc", "net", "cgroup", "mnt");
            assertEquals(2, containers().size(), trace()::toString);
            var flags = flags(containers().get(0));
            for (var flag : List.of("NEWPID", "NEWUTS", "NEWIPC", "NEWNET", "NEWNS")) assertTrue(flags.contains("CLONE_" + flag), flags);
            assertTrue(trace().by(containers().get(0)).stream().anyMatch(call -> call.name().equals("unshare") && call.arguments().contains("NEWCGROUP") && call.succeeded()));
        }

        @Test
        @Verifies({"container.number-one", "container.leads-a-session"})
        @DisplayName("is number 1 in there, of its session and group too, runs a shell, and is a child of the lab")
        void numberOne() {
            assertEquals(1, inside().nsPids().get(inside().nsPids().size() - 1));
            assertTrue(inside().nsPids().size() >= 2, () -> inside().nsPids().toString());
            for (var row : List.of("NSsid", "NSpgid")) assertTrue(inside().status().get(row).endsWith("1") && inside().status().get(row).matches("\\d+\\s+1"), inside().status().get(row));
            assertEquals(List.of("/bin/sh"), inside().commandLine());
            var lab = outside.Proc.of(inside().parent());
            assertTrue(lab.commandLine().contains("Container"), () -> lab.commandLine().toString());
        }

        @Test
        @Verifies("container.own-name")
        @DisplayName("has a hostname that the machine has not")
        void hostname() {
            var name = enter("uts").text("uname", "-n");
            assertTrue(name.matches("box-[0-9a-f]{8}"), name);
            assertNotEquals(name, Ran.command("uname", "-n").text());
        }

        @Test
        @Verifies("container.pivoted")
        @DisplayName("has a root of its own, and of the machine's mounts nothing but single device files")
        void pivoted() {
            assertEquals("rootfs", inside().mountAt("/").orElseThrow().source());
            var devices = outside().mounts().stream().map(Mount::device).collect(Collectors.toSet());
            var machines = inside().mounts().stream().filter(mount -> devices.contains(mount.device())).toList();
            assertTrue(machines.stream().allMatch(mount -> mount.root().matches("/(null|zero|full|random|urandom|tty)")), machines::toString);
            var calls = trace().by(containers().get(0)).stream().filter(call -> List.of("pivot_root", "umount2", "chdir").contains(call.name())).map(Trace.Call::toString).toList();
            assertTrue(calls.toString().contains("pivot_root(\".\", \".\") = 0") && calls.toString().contains("umount2(\".\", MNT_DETACH) = 0"), calls::toString);
        }

        @Test
        @Verifies("container.files-unseen")
        @DisplayName("has a file that only /proc/PID/root leads to")
        void files() throws IOException {
            assertTrue(Files.readString(in("/tmp/file")).strip().matches("[0-9a-f]{8}"));
            var device = inside().mountAt("/").orElseThrow().device();
            assertFalse(outside().mounts().stream().anyMatch(mount -> mount.device().equals(device)), "on the machine");
        }

        @Test
        @Verifies("container.sees-itself-only")
        @DisplayName("has a /proc with number 1 alone")
        void proc() {
            assertEquals(List.of("1"), Ran.names(in("/proc")).filter(name -> name.matches("\\d+")).toList());
        }

        @Test
        @Verifies("container.masked")
        @DisplayName("finds the null device where the machine has a file of /proc")
        void masked() {
            var masked = List.of("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats", "/proc/timer_stats").stream()
                    .filter(path -> Files.isRegularFile(Path.of(path))).toList();
            assumeTrue(!masked.isEmpty(), "this kernel has none of these files");
            for (var path : masked) assertEquals("character special file 1:3", Ran.command("stat", "-c", "%F %t:%T", in(path).toString()).text(), path);
            for (var path : List.of("/proc/acpi", "/proc/scsi", "/sys/firmware"))
                if (Files.isDirectory(Path.of(path))) assertEquals(0, Ran.names(in(path)).count(), path);
        }

        @Test
        @Verifies("container.read-only")
        @DisplayName("has a read-only mount on /proc/sys, and a read-only /sys")
        void readonly() {
            for (var point : List.of("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/sys"))
                if (Files.exists(Path.of(point))) assertTrue(("," + inside().mountAt(point).orElseThrow().options() + ",").contains(",ro,"), point);
            assertEquals(1, Ran.command("test", "-w", in("/proc/sys/kernel/domainname").toString()).exit());
        }

        @Test
        @Verifies("container.capabilities")
        @DisplayName("has three capabilities and no way to more")
        void capabilities() {
            for (var set : List.of("CapEff", "CapPrm", "CapBnd")) assertEquals(THREE, inside().capabilities(set), set);
            for (var set : List.of("CapInh", "CapAmb")) assertEquals(0, inside().capabilities(set), set);
            assertTrue(trace().of("chroot").stream().anyMatch(call -> call.errno().equals("EPERM")), trace()::toString);
        }

        @Test
        @Verifies({"container.no-new-privs", "container.seccomp"})
        @DisplayName("has no_new_privs, and a filter that refuses what needs no capability")
        void rights() {
            assertEquals("1 2", inside().status().get("NoNewPrivs") + " " + inside().status().get("Seccomp"));
            var asked = trace().of("unshare").stream().filter(call -> call.arguments().contains("CLONE_NEWUSER")).toList();
            assertTrue(asked.stream().anyMatch(Trace.Call::succeeded), asked::toString); // strace's own filter hides from it what ours refuses, so:
            var refused = lab().options("run", "--", "unshare", "-U", "true").run();
            assertTrue(refused.exit() == 1 && refused.stderr().contains("not permitted"), refused::toString);
            assertEquals(0, lab().options("run", "--no-seccomp", "--", "unshare", "-U", "true").run().exit());
            var last = trace().by(containers().get(0)).stream().filter(call -> call.name().matches("capset|prctl|execve") && !call.arguments().startsWith("PR_CAPBSET"))
                    .map(call -> call.name().equals("prctl") ? call.arguments().replaceFirst(",.*", "") : call.name()).toList();
            assertTrue(last.indexOf("PR_SET_NO_NEW_PRIVS") >= 0 && last.indexOf("PR_SET_NO_NEW_PRIVS") < last.indexOf("capset")
                    && last.indexOf("capset") < last.lastIndexOf("PR_SET_SECCOMP") && last.lastIndexOf("PR_SET_SECCOMP") < last.indexOf("execve"), last::toString);
        }

        @Test
        @Verifies("container.nothing-open")
        @DisplayName("has three pipes open and nothing else")
        void open() throws IOException {
            assertEquals(List.of("0", "1", "2"), Ran.names(inside().folder().resolve("fd")).sorted().toList());
            for (var fd : List.of("0", "1", "2")) assertTrue(Files.readSymbolicLink(inside().folder().resolve("fd/" + fd)).toString().startsWith("pipe:"), fd);
        }

        @Test
        @Verifies({"container.without-root", "container.devices-bound"})
        @DisplayName("came once more in a user namespace, where mknod(2) was refused and mount(2) gave the device")
        void withoutRoot() {
            long second = containers().get(1);
            assertTrue(flags(second).contains("CLONE_NEWUSER"), () -> flags(second));
            var calls = trace().by(second);
            assertTrue(calls.stream().anyMatch(call -> call.name().startsWith("mknod") && call.arguments().contains("/dev/null\"") && call.arguments().contains("S_IFCHR")
                    && call.errno().equals("EPERM")), calls::toString);
            assertTrue(calls.stream().anyMatch(call -> call.name().equals("mount") && call.arguments().startsWith("\"/dev/null\"") && call.arguments().contains("/dev/null\", NULL, MS_BIND")
                    && call.succeeded()), calls::toString);
            var creator = trace().of("clone").stream().filter(call -> call.result().equals("" + second)).findFirst().orElseThrow().pid();
            assertTrue(trace().by(creator).stream().anyMatch(call -> call.name().equals("capset")), "its creator gave no capability up" + trace());
        }

        @Test
        @Verifies("container.init-reaps")
        @DisplayName("waited there for an orphan, as number 1")
        void init() {
            long second = containers().get(1);
            var made = trace().of("clone").stream().filter(call -> call.pid() == second).map(Trace.Call::result).toList();
            var shell = trace().by(second).stream().filter(call -> call.name().equals("execve")).findFirst().orElseThrow();
            assertTrue(shell.arguments().contains("\"/bin/sh\", \"-c\", "), shell::toString);
            var waited = trace().by(second).stream().filter(call -> call.name().equals("wait4") && call.result().matches("[1-9]\\d*")).toList();
            // A wait4 gives the number in its own PID namespace: the shell has one child, number 2 at most 3, and any other is an orphan.
            assertTrue(waited.stream().anyMatch(call -> call.arguments().contains("WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM")), () -> waited + " of the children " + made);
        }

        @Test
        @Verifies("container.way-out")
        @DisplayName("reached a network beyond its host by the same connect(2) that found no route without NAT")
        void wayOut() {
            var calls = trace().of("connect").stream().filter(call -> call.arguments().contains("198.51.100.2")).toList();
            assertEquals(List.of("", "ENETUNREACH"), calls.stream().map(Trace.Call::errno).sorted().toList(), trace()::toString);
            assertNotEquals(calls.get(0).pid(), calls.get(1).pid());
            assertTrue(trace().of("execve").stream().anyMatch(call -> call.arguments().contains("MASQUERADE") && call.succeeded()), "no NAT");
        }

        @Test
        @Verifies("container.pids-limit")
        @DisplayName("was refused a child in a cgroup with a limit, after some that it got")
        void limit() {
            var refused = trace().of("clone").stream().filter(call -> call.errno().equals("EAGAIN")).findFirst().orElseThrow(() -> new AssertionError("no EAGAIN" + trace()));
            var got = trace().of("clone").stream().filter(call -> call.pid() == refused.pid() && call.succeeded()).count();
            assertTrue(got >= 5 && got <= 10, got + " children before the refusal");
        }
    }
}
