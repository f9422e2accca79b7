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
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Clone lab from outside: the links, numbers and cgroups of its children, and what the kernel answered to clone(2) and clone3(2). */
@DisplayName("Clone")
class CloneTest {
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
            super("Clone", as);
        }

        private Trace trace() {
            return trace("clone", "clone3", "unshare", "capset", "execve", "waitid", "wait4");
        }

        /** The calls of clone3(2) but those by which libc makes threads and spawns programs. */
        private List<Call> clones() {
            return trace().of("clone3").stream().filter(call -> !call.arguments().contains("CLONE_VM")).toList();
        }

        private Call clone3(String... words) {
            return clones().stream().filter(call -> Stream.of(words).allMatch(call.arguments()::contains)).findFirst()
                    .orElseThrow(() -> new AssertionError(List.of(words) + " is not in" + said()));
        }

        private void assertRefused(String errno, String... words) {
            assertTrue(clones().stream().anyMatch(call -> call.errno().equals(errno) && Stream.of(words).allMatch(call.arguments()::contains)),
                    () -> errno + " for " + List.of(words) + said());
        }

        /** For a failure's message. */
        private String said() {
            return clones().stream().map(call -> "\n  " + call).collect(Collectors.joining());
        }

        private Proc jvm() {
            return Proc.of(inside().parent());
        }

        private Proc maker() {
            return held().process("maker");
        }

        @Test
        @DisplayName("stands apart in its UTS namespace and in no other")
        void apart() {
            assertApartExactlyIn("uts");
        }

        @Test
        @Verifies("clone.child-alone")
        @DisplayName("has the new hostname, and is the only one of its maker's threads and children that has")
        void alone() {
            var name = enter("uts").text("uname", "-n");
            assertTrue(name.startsWith("in-"), name);
            var callers = jvm().threads().stream().filter(thread -> Set.of("outside", "another thread").contains(comm(thread))).toList();
            assertEquals(2, callers.size(), callers::toString);
            var others = Stream.concat(callers.stream(), jvm().children().stream().filter(child -> child.pid() != inside().pid()
                    && child.apartFrom(callers.get(0)).isEmpty())).toList();
            assertTrue(others.size() > 2, () -> "no earlier child: " + others);
            for (var other : others) {
                assertNotEquals(inside().link("uts"), other.link("uts"));
                assertNotEquals(name, outside.Enter.the(other, "uts").text("uname", "-n"));
            }
        }

        private static String comm(Proc thread) {
            try {
                return thread.text("comm").strip();
            } catch (java.io.UncheckedIOException gone) {
                return "";
            }
        }

        @Test
        @Verifies("clone.one-thread")
        @DisplayName("has one thread, where its maker has many, and a child may unshare the user namespace")
        void oneThread() {
            assertEquals("1", inside().status().get("Threads"));
            assertNotEquals("1", jvm().status().get("Threads"));
            var refused = trace().of("unshare").stream().filter(call -> call.errno().equals("EINVAL") && call.arguments().equals("CLONE_NEWUSER")).findFirst().orElseThrow();
            var children = trace().of("clone").stream().filter(call -> call.pid() == refused.pid()).map(Call::result).toList();
            assertTrue(trace().of("unshare").stream().anyMatch(call -> call.succeeded() && call.arguments().equals("CLONE_NEWUSER")
                    && children.contains("" + call.pid())), () -> children + "" + trace().of("unshare"));
        }

        @Test
        @Verifies("clone.refused-together")
        @DisplayName("was refused flags that share and part at once, and no single one of them")
        void together() {
            for (var pair : List.of(List.of("CLONE_FS", "CLONE_NEWNS"), List.of("CLONE_FS", "CLONE_NEWUSER"), List.of("CLONE_SYSVSEM", "CLONE_NEWIPC"))) {
                assertRefused("EINVAL", "flags=" + pair.get(0) + "|" + pair.get(1) + ",");
                for (var flag : pair) assertTrue(clone3("flags=" + flag + ",").succeeded(), this::said);
            }
        }

        @Test
        @Verifies("clone.all-eight")
        @DisplayName("made by clone3(2) is apart from its maker in all eight types; clone(2) has no flag for the eighth")
        void allEight() {
            var eight = held().process("eight");
            assertEquals(new TreeSet<>(Proc.TYPES), eight.apartFrom(Proc.of(eight.parent())));
            assertTrue(clone3("CLONE_NEWTIME", "CLONE_NEWUSER", "CLONE_NEWNS").succeeded(), this::said);
            // CLONE_NEWTIME|SIGCHLD is signal number 145.
            var tried = trace().of("clone").stream().filter(call -> call.arguments().matches(".*flags=(145|0x91|CLONE_NEWTIME\\|SIGCHLD)\\b.*")).toList();
            assertTrue(tried.size() == 1 && tried.get(0).succeeded(), () -> tried + " of " + trace().of("clone"));
        }

        @Test
        @Verifies("clone.with-the-same-parent")
        @DisplayName("made with CLONE_PARENT is a child of its maker's parent, in new user and PID namespaces")
        void sameParent() {
            var sibling = held().process("sibling");
            assertEquals(jvm().pid(), sibling.parent());
            assertTrue(sibling.apartFrom(jvm()).containsAll(List.of("user", "pid")), () -> "" + sibling.apartFrom(jvm()));
            assertEquals(1L, sibling.nsPids().get(1));
            var made = clone3("CLONE_PARENT|CLONE_NEWUSER|CLONE_NEWPID", "exit_signal=0");
            assertTrue(made.succeeded(), made::toString);
        }

        @Test
        @Verifies("clone.exit-signal")
        @DisplayName("was made with SIGUSR1, which ended the maker, but for a child that had called execve(2)")
        void exitSignal() {
            var makers = clones().stream().filter(call -> call.arguments().contains("exit_signal=SIGUSR1")).toList();
            assertEquals(2, makers.size(), this::said);
            for (var made : makers) {
                var execve = trace().of("execve").stream().anyMatch(call -> call.succeeded() && call.result().equals("0") && made.result().equals("" + call.pid()));
                assertEquals(!execve, ended(made).contains("SIGUSR1"), () -> made + ", and then " + ended(made));
            }
            assertEquals(1, makers.stream().filter(made -> ended(made).contains("WIFSIGNALED(s) && WTERMSIG(s) == SIGUSR1")).count());
            assertTrue(clones().stream().filter(call -> call.arguments().contains("exit_signal=SIGCHLD")).anyMatch(made -> ended(made).contains("WEXITSTATUS(s) == 7")),
                    () -> "" + trace().of("wait4"));
        }

        /** What wait4(2) told of the maker's end. */
        private String ended(Call made) {
            return trace().of("wait4").stream().filter(call -> call.result().equals("" + made.pid())).map(Call::arguments).collect(Collectors.joining());
        }

        @Test
        @Verifies("clone.size-and-pointer")
        @DisplayName("was refused arguments of a wrong size or address")
        void sizeAndPointer() {
            assertTrue(clones().stream().anyMatch(call -> call.errno().equals("EINVAL") && call.arguments().matches("0x\\w+, 0")), this::said);
            assertTrue(clones().stream().anyMatch(call -> call.errno().equals("EINVAL") && call.arguments().endsWith(", 63")), this::said);
            assertTrue(clones().stream().anyMatch(call -> call.succeeded() && call.arguments().endsWith(", 64")), this::said);
            assertRefused("EFAULT", "0x1, 88");
        }

        @Test
        @Verifies("clone.unknown-arguments")
        @DisplayName("was allowed zeros behind the arguments, and nothing else")
        void unknownArguments() {
            assertTrue(clones().stream().anyMatch(call -> call.succeeded() && call.arguments().endsWith(", 600")), this::said);
            assertTrue(clones().stream().anyMatch(call -> call.errno().equals("E2BIG") && call.arguments().endsWith(", 600")), this::said);
            assertRefused("EINVAL", "flags=0x4000000000000000");
        }

        @Test
        @Verifies("clone.pidfd")
        @DisplayName("is named by a descriptor of its maker, who waits for it")
        void pidfd() {
            var fdinfo = maker().lines("fdinfo/0");
            assertTrue(fdinfo.contains("Pid:\t" + held().process("chosen").pid()), fdinfo::toString);
            var waited = trace().of("waitid").stream().filter(call -> call.succeeded() && call.arguments().matches("P_PIDFD, 0, .*CLD_KILLED.*SIGKILL.*")).toList();
            assertTrue(waited.stream().anyMatch(wait -> clones().stream().anyMatch(made -> made.pid() == wait.pid() && made.arguments().contains("CLONE_PIDFD")
                    && wait.arguments().contains("si_pid=" + made.result() + ","))), () -> waited + said());
        }

        @Test
        @Verifies("clone.set-tid")
        @DisplayName("has the numbers that its maker chose, on two levels")
        void setTid() {
            var numbers = held().process("chosen").nsPids();
            assertEquals(3, numbers.size(), numbers::toString);
            assertTrue(numbers.get(1) >= 300 && numbers.get(1) < 30_000 && numbers.get(2) == 1, numbers::toString);
            assertEquals(List.of(maker().pid(), 1L), maker().nsPids());
            assertEquals(maker().pid(), held().process("chosen").parent());
            var made = clone3("set_tid_size=2");
            assertTrue(made.arguments().contains("set_tid=[1, " + made.result() + "]"), made::toString);
        }

        @Test
        @Verifies("clone.set-tid-taken")
        @DisplayName("was refused a number in use")
        void taken() {
            assertRefused("EEXIST", "set_tid=[1],");
        }

        @Test
        @Verifies("clone.set-tid-needs-capability")
        @DisplayName("was refused a number after it had given up its capabilities")
        void capability() {
            var refused = clones().stream().filter(call -> call.errno().equals("EPERM") && call.arguments().contains("set_tid=[")).toList();
            assertEquals(1, refused.size(), this::said);
            var dropped = trace().of("capset").stream().filter(call -> call.pid() == refused.get(0).pid()).toList();
            assertTrue(dropped.size() == 1 && dropped.get(0).succeeded() && dropped.get(0).arguments().contains("effective=0, permitted=0"), dropped::toString);
        }

        @Test
        @Verifies("clone.into-cgroup")
        @DisplayName("started in another cgroup than its maker's")
        void intoCgroup() {
            assertTrue(held().has("placed"), "the lab started none in a cgroup");
            var placed = held().process("placed");
            var path = placed.cgroups().get("");
            assertNotEquals(Proc.of(placed.parent()).cgroups().get(""), path);
            assertTrue(path.matches(".*/nslabs-.*/inner"), path);
            var made = clone3("CLONE_INTO_CGROUP");
            assertTrue(made.succeeded() && made.arguments().contains("cgroup="), made::toString);
        }

        @Test
        @DisplayName("clone3(2) has the number that the kernel's header gives it")
        void number() {
            var header = Ran.command("sh", "-c", "echo __NR_clone3 | cpp -include asm/unistd.h -P 2>/dev/null | tail -1");
            if (header.stdout().strip().matches("\\d+")) assertEquals("435", header.text());
            assertFalse(clones().isEmpty(), "strace knows the call by its number");
        }
    }
}
