import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Seccomp lab from outside: the status of the held process, and an strace of filters, answers and signals. */
@DisplayName("Seccomp")
class SeccompTest {
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
        /** No system call has one of these answers; errno(3), the numbers from 44 to 57. */
        private static final Set<String> STRANGE = Set.of("ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH", "ENOCSI", "EL2HLT",
                "EBADE", "EBADR", "EXFULL", "ENOANO", "EBADRQC", "EBADSLT");

        private List<String> lines;
        private Trace trace;

        Checks(As as) {
            super("Seccomp", as);
        }

        /** With the filters in full and the signals; strace's own filter (--seccomp-bpf) would hide what the lab's forbids. */
        private Trace trace() {
            if (trace == null) {
                assumeTrue(Trace.obstacle() == null, Trace.obstacle());
                var file = as().newFolder().resolve("strace");
                var ran = lab().options("--json").under("strace", "-f", "-q", "-v", "-s", "256", "-e", "signal=SIGSYS,SIGTERM", "-o", file.toString(), "-e", "trace="
                        + "?clone,?clone3,?fork,?vfork,?unshare,?sethostname,?uname,?mount,?kill,?bind,?open,?openat,?prctl,?seccomp,?ioctl,?capset,?umask").run();
                lines = Ran.command("cat", file.toString()).text().lines().toList();
                trace = new Trace(ran, Trace.parse(lines));
            }
            return trace;
        }

        private boolean signalled(long pid, String words) {
            trace();
            return lines.stream().anyMatch(line -> line.startsWith(pid + " ") && line.contains(words));
        }

        private List<Call> calls(String name, String... words) {
            return trace().of(name).stream().filter(call -> List.of(words).stream().allMatch(call.arguments()::contains)).toList();
        }

        private List<Call> by(long pid, String name, String... words) {
            return calls(name, words).stream().filter(call -> call.pid() == pid).toList();
        }

        /** The call that made a process. */
        private Call birth(long pid) {
            return trace().calls().stream().filter(call -> List.of("clone", "clone3", "fork", "vfork").contains(call.name())
                    && call.result().equals("" + pid)).findFirst().orElseThrow(() -> new AssertionError("nobody made " + pid + trace));
        }

        /** The filters that a process or thread has put itself under. */
        private List<Call> filters(long pid) {
            return by(pid, "prctl", "SECCOMP_MODE_FILTER").stream().filter(Call::succeeded).toList();
        }

        /** What the lab's filters answer: the errno of the call that it promised to forbid. */
        private String forbidden() {
            var call = calls("sethostname", "\"renamed\"").get(0);
            assertTrue(STRANGE.contains(call.errno()), call::toString);
            assertEquals(1, filters(call.pid()).size(), () -> "filters of " + call.pid());
            return call.errno();
        }

        @Test
        @DisplayName("stands where the thread stands that plays the host")
        void apart() {
            assertApartExactlyIn("mnt", "net", "uts");
            assertEquals(Set.of(), inside().apartFrom(held().process("host")));
        }

        @Test
        @Verifies("seccomp.errno-without-running")
        @DisplayName("is under a filter that checks the architecture and forbids sethostname(2)")
        void errno() {
            assertEquals("2", inside().status().get("Seccomp"));
            assertEquals(outside().status().get("Seccomp"), held().process("host").status().get("Seccomp"));
            assertTrue(enter("uts").text("uname", "-n").matches("host-[0-9a-f]{8}"));
            var filter = filters(calls("sethostname", "\"renamed\"").get(0).pid()).get(0).arguments();
            var x86 = onX86();
            assertTrue(filter.contains("[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x4), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, " + (x86 ? "0xc000003e" : "0xc00000b7")
                    + ", 0x1, 0), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_KILL_PROCESS), BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0)"), filter);
            assertTrue(filter.contains("BPF_JEQ, " + (x86 ? "0xaa" : "0xa1") + ", 0, 0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x"), filter);
            assertEquals(x86, filter.contains("BPF_JGE, 0x40000000, 0, 0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x26)"), filter);
            assertFalse(forbidden().isEmpty());
        }

        private static boolean onX86() {
            return Ran.command("uname", "-m").text().equals("x86_64");
        }

        @Test
        @Verifies("seccomp.needs-no-new-privs")
        @DisplayName("had a thread that got no filter before it had promised to gain nothing")
        void noNewPrivs() {
            var refused = calls("prctl", "SECCOMP_MODE_FILTER").stream().filter(call -> call.errno().equals("EACCES")).toList();
            assertEquals(1, refused.size(), refused::toString);
            var pid = refused.get(0).pid();
            assertEquals(List.of("EACCES", "", ""), by(pid, "prctl").stream().filter(call -> call.arguments().matches("PR_SET_(SECCOMP|NO_NEW_PRIVS).*"))
                    .map(Call::errno).toList());
            assertEquals(1, by(pid, "prctl", "PR_SET_NO_NEW_PRIVS, 1").size());
            assertFalse(by(pid, "capset").get(0).arguments().contains("CAP_SYS_ADMIN"));
        }

        @Test
        @Verifies("seccomp.inherited-for-good")
        @DisplayName("has its filter from the thread that made it, which could not leave it")
        void inherited() {
            assertTrue(inside().commandLine().get(0).endsWith("sh"), () -> "it was executed: " + inside().commandLine());
            assertEquals("2", inside().status().get("Seccomp"));
            var leave = calls("prctl", "SECCOMP_MODE_DISABLED").get(0);
            assertEquals("EINVAL", leave.errno());
            assertEquals(List.of(forbidden(), forbidden()), by(leave.pid(), "sethostname").stream().map(Call::errno).toList());
        }

        @Test
        @Verifies("seccomp.strictest-wins")
        @DisplayName("had processes under two filters, whose order made no difference")
        void strictest() {
            var orders = new HashMap<String, String>();
            for (var call : calls("sethostname", "\"renamed\"")) {
                var names = filters(call.pid()).stream().map(filter -> filter.arguments().contains("RET_LOG") ? "log" : filter.arguments().startsWith(
                        "PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=" + (onX86() ? 7 : 5)) ? "allow" : "errno").toList();
                if (names.size() == 2) orders.put(String.join(" ", names), call.errno());
            }
            assertEquals(Map.of("errno allow", forbidden(), "allow errno", forbidden(), "errno log", forbidden(), "log errno", forbidden()), orders);
        }

        /** The shell that met umask(2) under the filter with this answer: a child of the process that installed it. */
        private long shell(String answer) {
            for (var call : calls("umask")) {
                var filters = filters(birth(call.pid()).pid());
                if (!filters.isEmpty() && filters.get(0).arguments().matches(".*BPF_JEQ, [^)]*\\), BPF_STMT\\(BPF_RET.BPF_K, SECCOMP_RET_" + answer + "\\), .*ALLOW.*")) return call.pid();
            }
            throw new AssertionError("no umask under " + answer + trace);
        }

        @Test
        @Verifies("seccomp.kill-process")
        @DisplayName("had a process that SIGSYS ended")
        void kill() {
            var pid = shell("KILL_PROCESS");
            assertTrue(signalled(pid, "+++ killed by SIGSYS"), () -> "of " + pid + ": " + String.join("\n", lines));
            assertEquals(1, by(pid, "umask").size());
        }

        @Test
        @Verifies("seccomp.trap")
        @DisplayName("had a process that caught SIGSYS and went on")
        void trap() {
            var pid = shell("TRAP");
            assertTrue(signalled(pid, "--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP"), () -> String.join("\n", lines));
            assertFalse(signalled(pid, "killed by"));
            assertTrue(by(pid, "umask").size() > 1);
        }

        @Test
        @Verifies("seccomp.log")
        @DisplayName("had a process whose logged call was run")
        void log() {
            var pid = shell("LOG");
            assertFalse(signalled(pid, "SIGSYS"));
            var masks = by(pid, "umask");
            var set = masks.stream().filter(call -> call.arguments().equals("027")).findFirst().orElseThrow();
            assertEquals("027", masks.get(masks.indexOf(set) + 1).result(), "the mask that the next call found");
        }

        @Test
        @Verifies("seccomp.user-notification")
        @DisplayName("had a process whose calls another thread answered")
        void supervisor() {
            var evil = calls("sethostname", "\"evil-").get(0);
            assertEquals(forbidden(), evil.errno());
            var good = calls("sethostname", "\"good-");
            assertEquals(2, good.size());
            assertTrue(good.stream().allMatch(Call::succeeded), good::toString);
            assertEquals(1, good.stream().filter(call -> call.pid() == evil.pid()).count(), "one by the process, one by the host in its place");
            var asked = calls("ioctl", "SECCOMP_IOCTL_NOTIF_RECV", "pid=" + evil.pid(), "nr=__NR_sethostname");
            assertEquals(2, asked.size(), trace::toString);
            assertEquals(1, calls("ioctl", "SECCOMP_IOCTL_NOTIF_SEND", "error=-" + forbidden()).size());
            assertEquals(2, by(asked.get(0).pid(), "openat", "\"/proc/" + evil.pid() + "/mem\"", "O_RDONLY").stream().filter(Call::succeeded).count());
            assertEquals(1, calls("seccomp", "SECCOMP_FILTER_FLAG_NEW_LISTENER", "SECCOMP_RET_USER_NOTIF").stream().filter(Call::succeeded).count());
        }

        @Test
        @Verifies("seccomp.arguments-not-pointers")
        @DisplayName("had a filter that knew an address and a length, but not the text")
        void pointers() {
            var longer = calls("sethostname", "\"renamed\\0\", 8").get(0);
            var all = by(longer.pid(), "sethostname");
            assertEquals(List.of("\"renamed\", 7", "\"renamed\", 7", "\"renamed\\0\", 8"), all.stream().map(Call::arguments).toList());
            assertEquals(List.of(forbidden(), "", forbidden()), all.stream().map(Call::errno).toList());
            assertTrue(filters(longer.pid()).get(0).arguments().contains("BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x10)"), "it loads the first argument");
        }

        @Test
        @Verifies("seccomp.asked-first")
        @DisplayName("had three processes whose bad pointers were met by different people")
        void order() {
            var answers = new HashMap<String, List<String>>();
            for (var name : calls("sethostname", "NULL, 5"))
                answers.put((filters(name.pid()).isEmpty() ? "" : "filter ") + by(name.pid(), "capset").size(),
                        List.of(name.errno(), by(name.pid(), "mount", "\"none\", NULL, \"tmpfs\"").get(0).errno()));
            assertEquals(Map.of("0", List.of("EFAULT", "EFAULT"), "1", List.of("EPERM", "EFAULT"), "filter 0", List.of(forbidden(), forbidden())), answers);
        }

        /** Per kind of process ("apart", "capless", "filtered") what it was answered to one call. */
        private Map<String, String> column(String name, String... words) {
            var column = new HashMap<String, String>();
            for (var rename : calls("sethostname", "\"renamed-")) {
                var pid = rename.pid();
                var kind = (birth(pid).arguments().contains("CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWPID|CLONE_NEWNET") ? "apart " : "")
                        + (by(pid, "capset", "effective=0, permitted=0, inheritable=0").isEmpty() ? "" : "capless ") + (filters(pid).isEmpty() ? "" : "filtered ");
                var call = by(pid, name, words).get(name.equals("mount") ? by(pid, name, words).size() - 1 : 0);
                assertEquals(null, column.put(kind.strip(), call.errno()), () -> "two processes are " + kind);
            }
            return column;
        }

        private void assertRow(String apart, String capless, String both, String plain, Map<String, String> saw) {
            assertEquals(Map.of("apart", apart, "capless", capless, "apart capless", both, "filtered", forbidden(), "apart capless filtered", forbidden(), "", plain), saw);
        }

        @Test
        @Verifies("seccomp.matrix-sethostname")
        @DisplayName("has a host whose name only the plain process could change")
        void sethostname() {
            assertRow("", "EPERM", "EPERM", "", column("sethostname", "\"renamed-"));
            var host = calls("sethostname", "\"host-").get(0).pid();
            var names = by(host, "uname").stream().map(call -> call.arguments().replaceFirst(".*nodename=\"([^\"]*)\".*", "$1")).toList();
            var last = names.subList(names.size() - 6, names.size());
            var plain = calls("sethostname", "\"renamed-").stream().filter(Call::succeeded).reduce((first, second) -> second).orElseThrow();
            assertEquals(1, last.stream().filter(name -> name.startsWith("renamed-")).count(), last::toString);
            assertTrue(plain.arguments().startsWith("\"" + last.get(5) + "\""), last::toString);
        }

        @Test
        @Verifies({"seccomp.matrix-mount", "seccomp.matrix-unshare", "seccomp.matrix-bind"})
        @DisplayName("had six processes that mounted, made namespaces and took port 80, or were told why not")
        void others() {
            assertRow("", "EPERM", "EPERM", "", column("mount", "\"none\"", "point\", \"tmpfs\""));
            assertRow("", "EPERM", "EPERM", "", column("unshare", "CLONE_NEWIPC"));
            assertRow("", "EACCES", "EACCES", "EADDRINUSE", column("bind", "htons(80)"));
        }

        @Test
        @Verifies("seccomp.matrix-kill")
        @DisplayName("had a process that a PID namespace could not hide from one of the same user")
        void killed() {
            assertRow("ESRCH", "", "ESRCH", "", column("kill", "SIGTERM"));
            for (var call : calls("kill", "SIGTERM")) {
                var victim = Long.parseLong(call.arguments().split(",")[0]);
                assertEquals(call.succeeded(), signalled(victim, "+++ killed by SIGTERM"), call::toString);
            }
        }

        @Test
        @Verifies("seccomp.matrix-shadow")
        @DisplayName("had a file that was hidden, not permitted or forbidden, and never the machine's own")
        void shadow() {
            assertRow("ENOENT", "EACCES", "ENOENT", "", column("openat", "/etc/shadow\", O_RDONLY"));
            var bound = calls("mount", "/etc/shadow\", \"/etc/shadow\", NULL, MS_BIND");
            assertTrue(!Files.exists(Path.of("/etc/shadow")) || bound.size() == 1 && bound.get(0).succeeded(), bound::toString);
        }
    }
}
