import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Setns lab from outside: where its visitors stand, what the kernel answered, and nsenter(1) by the tests' own hand. */
@DisplayName("Setns")
class SetnsTest {
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
        private static final List<String> TYPES = List.of("user", "pid", "uts", "ipc", "net", "cgroup", "mnt");
        private static final List<String> AT_ONCE = List.of("uts", "ipc", "net", "cgroup", "mnt");

        Checks(As as) {
            super("Setns", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "pidfd_open", "capset", "openat", "readlink", "execve");
        }

        /** For a failure's message. */
        private String said() {
            return trace().of("setns").stream().map(call -> "\n  " + call).collect(Collectors.joining());
        }

        /** A thread of the lab, by the name that it gave it. */
        private Proc thread(String name) {
            return held().process("jvm").threads().stream().filter(thread -> {
                try {
                    return thread.text("comm").strip().equals(name);
                } catch (java.io.UncheckedIOException gone) {
                    return false;
                }
            }).findFirst().orElseThrow(() -> new AssertionError("no thread " + name));
        }

        /** The setns(2) of one thread or process, in order, with the answers: {@code 0 EPERM}; without the descriptors. */
        private List<String> joined(long pid) {
            return trace().of("setns").stream().filter(call -> call.pid() == pid).map(call -> (call.arguments().replaceFirst("^-?\\d+, ", "") + " " + call.errno()).strip()).toList();
        }

        private boolean anybodyJoined(String... answers) {
            return trace().of("setns").stream().map(Call::pid).distinct().anyMatch(pid -> joined(pid).equals(List.of(answers)));
        }

        /** What the descriptor of a call was last opened for, by a thread of the JVM: its children have copies, and do not open further ones before setns(2). */
        private String file(Call setns) {
            var programs = trace().of("execve").stream().map(Call::pid).collect(Collectors.toSet());
            var fd = setns.arguments().split(",")[0];
            return trace().calls().subList(0, trace().calls().indexOf(setns)).stream()
                    .filter(call -> call.name().matches("openat|pidfd_open") && call.result().equals(fd) && !programs.contains(call.pid()))
                    .reduce((first, last) -> last).map(call -> call.name() + " " + call.arguments()).orElse("nothing");
        }

        @Test
        @DisplayName("stands apart in the seven types that clone(2) makes")
        void apart() {
            assertApartExactlyIn(TYPES.toArray(String[]::new));
        }

        @Test
        @Verifies({"setns.moves-the-caller", "setns.and-back"})
        @DisplayName("was visited by a thread that is back, and whose later child stayed")
        void visitedAndBack() {
            assertEquals(inside().link("uts"), held().process("later").link("uts"));
            for (var stayed : List.of(held().process("earlier"), thread("another thread"))) {
                assertNotEquals(inside().link("uts"), stayed.link("uts"));
                assertEquals(thread("visitor").link("uts"), stayed.link("uts"));
            }
            var name = outside.Enter.the(held().process("later"), "uts").text("uname", "-n");
            assertTrue(name.startsWith("in-"), name);
            assertNotEquals(name, outside.Enter.the(held().process("earlier"), "uts").text("uname", "-n"));
            assertTrue(anybodyJoined("0", "CLONE_NEWUTS"), this::said);
        }

        @Test
        @Verifies({"setns.pidfd-several", "setns.pid-moves-children"})
        @DisplayName("has a thread of another process in all of its namespaces but two, and its PID namespace for that thread's children")
        void severalAtOnce() {
            var joined = thread("joined");
            for (var type : AT_ONCE) assertEquals(inside().link(type), joined.link(type));
            assertEquals(outside().link("pid"), joined.link("pid"));
            assertEquals(inside().link("pid"), joined.link("pid_for_children"));
            assertNotEquals(inside().link("user"), joined.link("user"));
            var call = trace().of("setns").stream().filter(each -> each.succeeded() && Set.of(each.arguments().split(", ")[1].split("\\|")).equals(Set.of(
                    "CLONE_NEWNS", "CLONE_NEWCGROUP", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWPID", "CLONE_NEWNET"))).findFirst().orElseThrow();
            assertTrue(file(call).startsWith("pidfd_open "), () -> call + " of " + file(call));
        }

        @Test
        @Verifies("setns.pidfd-all-or-nothing")
        @DisplayName("let nobody into one namespace who was refused another")
        void allOrNothing() {
            var refused = trace().first("setns", "CLONE_NEWUTS", "CLONE_NEWUSER");
            assertEquals("EINVAL", refused.errno());
            var link = "readlink(\"/proc/" + refused.pid() + "/ns/uts\"";
            var calls = trace().calls();
            int moment = calls.indexOf(refused);
            var before = calls.subList(0, moment).stream().map(Call::toString).filter(line -> line.contains(link)).toList();
            var after = calls.subList(moment, calls.size()).stream().map(Call::toString).filter(line -> line.contains(link)).toList();
            assertTrue(!before.isEmpty() && !after.isEmpty(), () -> before + " " + after);
            assertEquals(before.get(before.size() - 1), after.get(0));
        }

        @Test
        @Verifies("setns.pidfd-flags")
        @DisplayName("was not joined by a pidfd with flags that name no namespace")
        void pidfdFlags() {
            var refused = trace().of("setns").stream().filter(call -> call.errno().equals("EINVAL") && file(call).startsWith("pidfd_open")).map(Call::arguments).toList();
            assertTrue(refused.stream().anyMatch(each -> each.endsWith(", 0")), refused::toString);
            assertTrue(refused.stream().anyMatch(each -> each.matches(".*(0x100|CLONE_VM)\\b.*")), refused::toString);
        }

        @Test
        @Verifies("setns.pidfd-of-the-dead")
        @DisplayName("had another beside it, whose pidfd served as long as that one lived")
        void dead() {
            var refused = trace().of("setns").stream().filter(call -> call.errno().equals("ESRCH")).toList();
            assertEquals(1, refused.size(), this::said);
            assertTrue(file(refused.get(0)).startsWith("pidfd_open"), () -> file(refused.get(0)));
            assertTrue(trace().of("setns").stream().anyMatch(call -> call.succeeded() && call.arguments().equals(refused.get(0).arguments())
                    && file(call).equals(file(refused.get(0)))), this::said);
        }

        @Test
        @Verifies("setns.any-type")
        @DisplayName("was joined by one process in every type with nstype 0")
        void anyType() {
            var pid = trace().of("setns").stream().map(Call::pid).distinct().filter(each -> joined(each).equals(List.of("0", "0", "0", "0", "0", "0", "0", "0")))
                    .findFirst().orElseThrow(() -> new AssertionError(said()));
            var types = trace().of("setns").stream().filter(call -> call.pid() == pid).map(call -> file(call).replaceFirst(".*/ns/(\\w+)\".*", "$1")).collect(Collectors.toSet());
            assertEquals(Set.of("cgroup", "ipc", "mnt", "net", "pid", "time_for_children", "user", "uts"), types);
        }

        @Test
        @Verifies({"setns.type-must-match", "setns.no-namespace"})
        @DisplayName("was not joined with the wrong type, nor by what is no namespace")
        void wrongFile() {
            var refused = trace().of("setns").stream().filter(call -> call.errno().equals("EINVAL")).map(call -> call.arguments().split(", ")[1] + " " + file(call)).toList();
            assertTrue(refused.stream().anyMatch(each -> each.matches("CLONE_NEWNET openat .*/ns/uts\".*")), refused::toString);
            assertTrue(refused.stream().anyMatch(each -> each.matches("0 openat .*/dev/null\".*")), refused::toString);
            assertTrue(trace().of("setns").stream().anyMatch(call -> call.succeeded() && call.arguments().endsWith(", CLONE_NEWUTS") && file(call).contains("/ns/uts\"")), this::said);
            assertTrue(trace().failed("setns", "EBADF", "-1, 0"), this::said);
        }

        @Test
        @Verifies("setns.needs-cap-sys-admin")
        @DisplayName("was refused without CAP_SYS_ADMIN")
        void capability() {
            var capless = trace().of("capset").stream().filter(Call::succeeded).map(Call::pid).filter(pid -> joined(pid).equals(List.of("0 EPERM"))).toList();
            assertEquals(1, capless.size(), this::said);
            var refused = trace().failed("setns", "EPERM");
            assertTrue(refused, this::said);
        }

        @Test
        @Verifies("setns.threads-may-not")
        @DisplayName("was refused to threads in its user and mount namespaces, and a time namespace")
        void threads() {
            var answers = trace().of("setns").stream().filter(call -> call.arguments().endsWith(", 0")).map(call -> file(call).replaceFirst(".*/ns/(\\w+)\".*", "$1") + " " + call.errno()).toList();
            assertTrue(answers.containsAll(List.of("user EINVAL", "time_for_children EUSERS", "mnt EINVAL", "mnt ")), answers::toString);
            var alone = trace().of("unshare").stream().filter(call -> call.arguments().equals("CLONE_FS")).map(Call::pid).filter(pid -> joined(pid).equals(List.of("0"))).toList();
            assertEquals(1, alone.size(), this::said);
        }

        @Test
        @Verifies("setns.user-first")
        @DisplayName("let somebody without capabilities in after its user namespace")
        void userFirst() {
            var dropped = trace().of("capset").stream().filter(call -> call.arguments().contains("effective=0, permitted=0")).map(Call::pid).toList();
            var pid = dropped.stream().filter(each -> joined(each).equals(List.of("0 EPERM", "0", "0"))).findFirst().orElseThrow(() -> new AssertionError(dropped + said()));
            assertEquals(List.of("uts", "user", "uts"), trace().of("setns").stream().filter(call -> call.pid() == pid)
                    .map(call -> file(call).replaceFirst(".*/ns/(\\w+)\".*", "$1")).toList());
        }

        @Test
        @Verifies("setns.mnt-last")
        @DisplayName("has a /proc in which its number outside is not found")
        void mountLast() {
            var gone = trace().of("openat").stream().filter(call -> call.errno().equals("ENOENT") && call.arguments().matches(".*\"/proc/\\d+/ns/uts\".*")).toList();
            assertTrue(gone.stream().anyMatch(call -> joined(call.pid()).equals(List.of("0")) && trace().by(call.pid()).stream()
                    .anyMatch(before -> before.succeeded() && before.name().equals("openat") && before.arguments().equals(call.arguments()))), gone::toString);
            var own = enter("mnt").run("ls", "-d", "/proc/" + inside().pid());
            assertNotEquals(0, own.exit(), own::toString);
        }

        @Test
        @Verifies("setns.nsenter")
        @DisplayName("is joined by nsenter(1) in all of its namespaces")
        void nsenter() {
            var options = List.of("--user", "--uts", "--ipc", "--net", "--cgroup", "--pid", "--mount");
            var links = nsenter(options, Stream.concat(Stream.of("readlink"), TYPES.stream().map(type -> "/proc/self/ns/" + type)).toArray(String[]::new)).lines().toList();
            assertEquals(TYPES.stream().map(type -> inside().link(type)).toList(), links);
            var command = trace().first("execve", "[\"nsenter\", ", "\"--mount\"");
            assertTrue(command.succeeded(), command::toString);
            assertEquals(new TreeSet<>(List.of("CLONE_NEWUSER", "CLONE_NEWPID", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWNET", "CLONE_NEWCGROUP", "CLONE_NEWNS")),
                    new TreeSet<>(joined(command.pid())));
        }

        @Test
        @Verifies("setns.nsenter-forks")
        @DisplayName("is joined in its PID namespace by a child of nsenter(1), and not by nsenter(1) itself")
        void nsenterForks() {
            assertEquals(inside().link("pid"), nsenter(List.of("--user", "--pid"), "readlink", "/proc/self/ns/pid"));
            assertEquals(outside().link("pid"), nsenter(List.of("--user", "--pid", "--no-fork"), "readlink", "/proc/self/ns/pid"));
            long same = trace().first("execve", "[\"nsenter\", ", "\"--no-fork\"").pid();
            assertTrue(trace().of("execve").stream().anyMatch(call -> call.pid() == same && call.succeeded() && call.arguments().contains("[\"readlink\", ")), "it becomes readlink");
        }

        private String nsenter(List<String> options, String... command) {
            var line = new ArrayList<>(List.of("nsenter", "--preserve-credentials", "--target", "" + inside().pid()));
            line.addAll(options);
            line.addAll(List.of(command));
            return Ran.command(line.toArray(String[]::new)).text();
        }
    }
}
