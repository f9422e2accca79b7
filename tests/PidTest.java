import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Pid lab from outside: the numbers in /proc, nsenter(1), a signal of the tests' own, and what the kernel answered. */
@DisplayName("Pid")
class PidTest {
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
        /** From proc(5), by the shell itself: a further process would be another "self". */
        private static final String SELF = "read pid rest < /proc/self/stat; echo $pid";

        Checks(As as) {
            super("Pid", as);
        }

        private Trace calls() {
            return trace("unshare", "setns", "kill", "clone", "clone3", "vfork", "openat", "execve");
        }

        /** All of them but the many openat(2) and execve(2), for a failure's message. */
        private String answers() {
            return calls().calls().stream().filter(call -> !List.of("openat", "execve").contains(call.name())).map(call -> "\n  " + call).collect(Collectors.joining());
        }

        /** How often the process outside that the lab wants found stands in a list of ps(1). */
        private String sleepsIn(String ps) {
            var argument = held().process("sleep").commandLine().get(1);
            return "" + ps.lines().filter(line -> line.endsWith("sleep " + argument)).count();
        }

        // ---- the held namespaces

        @Test
        @DisplayName("stands apart in its PID namespace, and in the mount namespace that holds its /proc")
        void stands_apart_in_pid_and_mnt() {
            assertApartExactlyIn("pid", "mnt");
        }

        @Test
        @DisplayName("leaves the thread that unshared where it was")
        @Verifies({"pid.unshare-moves-children", "pid.many-threads-may"})
        void leaves_the_caller() {
            var jvm = Proc.of(inside().parent());
            var threads = jvm.threads();
            var callers = threads.stream().filter(thread -> inside().link("pid").equals(thread.links().get("pid_for_children"))).toList();
            assertEquals(1, callers.size(), "threads whose children go inside");
            assertEquals(outside().link("pid"), callers.get(0).link("pid"));
            assertTrue(threads.size() > 1, "threads of the JVM");
            assertTrue(calls().succeeded("unshare", "CLONE_NEWPID", "CLONE_NEWNS"), this::answers);
        }

        @Test
        @DisplayName("holds a process with two numbers, the inner one 1")
        @Verifies({"pid.first-is-one", "pid.two-numbers"})
        void first_is_one() {
            assertEquals(List.of(inside().pid(), 1L), inside().nsPids());
        }

        @Test
        @DisplayName("whose parent is the lab, and nobody inside")
        @Verifies("pid.parent-is-zero")
        void parent_is_zero() {
            assertTrue(held().processes().stream().anyMatch(each -> each.pid() == inside().parent()), "the parent is a process of the lab");
            assertEquals("PPid:\t0", enter("pid", "mnt").text("grep", "^PPid:", "/proc/1/status"));
        }

        @Test
        @DisplayName("holds a second process with the number 2")
        @Verifies("pid.counts-from-one")
        void counts_from_one() {
            var second = held().process("second");
            assertEquals(List.of(second.pid(), 2L), second.nsPids());
            assertEquals(inside().link("pid"), second.link("pid"));
        }

        @Test
        @DisplayName("holds a process two levels down with three numbers")
        @Verifies("pid.a-tree")
        void a_tree() {
            var deep = held().process("deep");
            var numbers = deep.nsPids();
            assertEquals(3, numbers.size(), numbers::toString);
            assertEquals(List.of(deep.pid(), 1L), List.of(numbers.get(0), numbers.get(2)));
            assertEquals(deep.link("pid"), held().process("middle").link("pid_for_children"));
            assertEquals(inside().link("pid"), held().process("middle").link("pid"));
            assertEquals("NSpid:\t" + numbers.get(1) + "\t1", enter("pid", "mnt").text("grep", "^NSpid:", "/proc/" + numbers.get(1) + "/status"));
        }

        @Test
        @DisplayName("counts on from the number that was written inside")
        @Verifies("pid.last-number")
        void last_number() {
            long number = held().process("chosen").nsPids().get(1);
            assertTrue(number >= 20_000 && number < 30_000, "the chosen number is " + number);
            long last = Long.parseLong(enter("pid").text("cat", "/proc/sys/kernel/ns_last_pid"));
            assertTrue(last > number && last < number + 1000, "the last number inside is " + last);
        }

        @Test
        @DisplayName("shows by the old /proc everything outside")
        @Verifies({"pid.proc-of-its-mounter", "pid.ps-still-shows-all"})
        void the_old_proc_shows_all() {
            var seen = enter("pid").text("sh", "-c", "echo $$; " + SELF).lines().map(Long::parseLong).toList();
            assertNotEquals(seen.get(0), seen.get(1), "getpid() and /proc/self");
            assertTrue(enter("pid").text("ls", "/proc").lines().toList().contains("" + held().process("sleep").pid()), "the process outside, in /proc");
            // ps(1) gives up when /proc does not know its own number: as number 1 it always finds one.
            var ps = As.TESTS_ARE_ROOT ? Ran.command("unshare", "--pid", "--fork", "ps", "aux")
                    : Ran.command("unshare", "--user", "--pid", "--fork", "ps", "aux");
            assertEquals("1", sleepsIn(ps.text()), "the process outside, in ps aux");
            // And the lab's own ps(1) was number 1: the child of a process that had unshared.
            assertTrue(calls().of("execve").stream().anyMatch(call -> call.succeeded() && call.arguments().contains("[\"ps\", \"aux\"]")
                    && parentUnshared(call.pid())), this::answers);
        }

        /** In the traced run: whether a process was made by clone(2) or its like, and its maker had called unshare(CLONE_NEWPID). */
        private boolean parentUnshared(long pid) {
            return calls().calls().stream().filter(call -> call.name().matches("clone3?|vfork") && call.result().equals("" + pid))
                    .anyMatch(made -> calls().of("unshare").stream().anyMatch(call -> call.pid() == made.pid() && call.succeeded()
                            && call.arguments().equals("CLONE_NEWPID")));
        }

        @Test
        @DisplayName("shows by its own /proc its own processes only")
        @Verifies({"pid.own-proc", "pid.ps-shows-inside-only"})
        void its_own_proc_shows_members() {
            var seen = enter("pid", "mnt").text("sh", "-c", "echo $$; " + SELF + "; cd /proc; ls -d [0-9]*").lines().map(Long::parseLong).toList();
            assertEquals(seen.get(0), seen.get(1), "getpid() and /proc/self");
            var members = Stream.of("second", "chosen", "middle").map(name -> held().process(name).nsPids().get(1)).toList();
            var listed = seen.subList(2, seen.size());
            assertTrue(listed.contains(1L) && listed.containsAll(members), () -> listed + " lacks some of " + members);
            assertTrue(listed.size() <= 8, () -> "strangers in " + listed); // 1, the 3, the one below, and what nsenter started
            assertEquals("0", sleepsIn(enter("pid", "mnt").text("ps", "aux")), "the process outside, in ps aux");
            assertEquals("1", sleepsIn(Ran.command("ps", "aux").text()), "the same outside");
        }

        // ---- who reaches whom

        @Test
        @DisplayName("does not reach out with kill(2)")
        @Verifies("pid.inside-cannot-signal")
        void inside_cannot_signal() {
            var kill = enter("pid").run("kill", "-0", "" + held().process("sleep").pid());
            assertTrue(kill.exit() != 0 && kill.stderr().contains("No such process"), kill::toString);
            assertTrue(held().process("sleep").alive());
            assertTrue(calls().failed("kill", "ESRCH", "SIGKILL"), this::answers);
        }

        @Test
        @Order(Integer.MAX_VALUE - 1) // the last one that looks at the held processes
        @DisplayName("can be killed one by one from outside")
        @Verifies("pid.outside-signals")
        void killed_one_by_one() throws InterruptedException {
            var chosen = held().process("chosen");
            assertEquals(inside().link("pid"), chosen.link("pid"));
            Ran.command("kill", "-KILL", "" + chosen.pid()).text();
            for (int i = 0; i < 100 && chosen.alive(); i++) Thread.sleep(10);
            assertFalse(chosen.alive());
            assertTrue(inside().alive());
        }

        // ---- what the kernel answered

        @Test
        @DisplayName("is not there before its first process")
        @Verifies("pid.no-namespace-yet")
        void no_namespace_yet() {
            assertTrue(calls().failed("openat", "ENOENT", "ns/pid_for_children"), () -> "no such openat");
        }

        @Test
        @DisplayName("is made once per caller")
        @Verifies("pid.unshare-only-once")
        void unshare_only_once() {
            assertTrue(calls().failed("unshare", "EINVAL", "CLONE_NEWPID"), this::answers);
        }

        @Test
        @DisplayName("nests until the kernel says ENOSPC")
        @Verifies("pid.nests-32-deep")
        void nests_32_deep() {
            assertTrue(calls().failed("unshare", "ENOSPC", "CLONE_NEWPID"), this::answers);
            long levels = calls().of("unshare").stream().filter(call -> call.succeeded() && call.arguments().equals("CLONE_NEWPID")).count();
            assertTrue(levels > 16, () -> "only " + levels + " levels");
            // The machine's own word: as many levels as /proc can count, and the next one is refused.
            var own = Ran.command("unshare", "--user", "--map-root-user", "sh", "-c",
                    "export d='unshare -pf sh -c \"$d\" 2>/dev/null || grep NSpid /proc/self/status'; sh -c \"$d\"").text();
            assertTrue(own.split("\\s+").length - 2 <= 32, own);
        }

        @Test
        @DisplayName("has no way up")
        @Verifies("pid.no-way-up")
        void no_way_up() {
            assertTrue(calls().failed("setns", "EINVAL", "CLONE_NEWPID"), this::answers);
        }

        @Test
        @DisplayName("gives visitors no parent")
        @Verifies("pid.visitor-has-no-parent")
        void visitors_have_no_parent() {
            assertEquals("0", enter("pid").text("sh", "-c", "echo $PPID"));
            assertTrue(calls().succeeded("setns", "CLONE_NEWPID"), this::answers);
        }

        @Test
        @DisplayName("keeps the threads of a process together")
        @Verifies("pid.threads-stay-together")
        void threads_stay_together() {
            assertTrue(calls().failed("clone", "EINVAL", "CLONE_THREAD", "CLONE_NEWPID"), this::answers);
        }
    }
}
