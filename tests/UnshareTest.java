import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

/** Looks at the Unshare lab from outside: where its threads and children stand, what the kernel answered, and unshare(1) by the tests' own hand. */
@DisplayName("Unshare")
class UnshareTest {
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
        private static final List<String> AT_ONCE = List.of("cgroup", "ipc", "mnt", "net", "uts");
        private static final String NUMBERS = "while read -r key value; do [ \"$key\" != NSpid: ] || echo $value; done < /proc/self/status";

        Checks(As as) {
            super("Unshare", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "capset", "chdir", "readlink", "execve", "mount", "prctl", "kill");
        }

        /** For a failure's message. */
        private String said() {
            return trace().of("unshare").stream().map(call -> "\n  " + call).collect(Collectors.joining());
        }

        private Proc jvm() {
            return Proc.of(inside().parent());
        }

        /** A thread of the lab, by a word of the ready line. */
        private Proc thread(String word) {
            return Proc.thread(jvm().pid(), Long.parseLong(held().value(word)));
        }

        /** What this process and thread called unshare(2) with, in order, and the answers: {@code CLONE_NEWUTS EPERM}. */
        private List<String> unshared(long pid) {
            return trace().of("unshare").stream().filter(call -> call.pid() == pid).map(call -> (call.arguments() + " " + call.errno()).strip()).toList();
        }

        /** The process that became unshare(1) with these options, in the traced run. */
        private long command(String... options) {
            var words = Stream.concat(Stream.of("unshare"), Stream.of(options)).map(word -> "\"" + word + "\"").collect(Collectors.joining(", ", "[", ", "));
            return trace().of("execve").stream().filter(call -> call.succeeded() && call.arguments().contains(words)).findFirst()
                    .orElseThrow(() -> new AssertionError(words + " is not in " + trace().of("execve"))).pid();
        }

        @Test
        @DisplayName("stands apart in the seven types that it may be moved in")
        void apart() {
            assertApartExactlyIn("uts", "ipc", "net", "cgroup", "mnt", "pid", "time");
        }

        @Test
        @Verifies("unshare.moves-the-caller")
        @DisplayName("has a thread in five new namespaces, and one that stayed, like its earlier child")
        void caller() {
            var caller = thread("tid");
            assertEquals(new TreeSet<>(AT_ONCE), new TreeSet<>(caller.apartFrom(thread("other"))));
            assertEquals(Set.of(), held().process("earlier").apartFrom(thread("other")));
            assertTrue(trace().of("unshare").stream().anyMatch(call -> call.succeeded() && Stream.of("UTS", "IPC", "NET", "CGROUP", "NS", "PID", "TIME")
                    .allMatch(type -> List.of(call.arguments().split("\\|")).contains("CLONE_NEW" + type))), this::said);
        }

        @Test
        @Verifies("unshare.not-pid-and-time")
        @DisplayName("has a caller whose PID and time namespaces are old, and new for its children")
        void notPidAndTime() {
            for (var type : List.of("pid", "time")) {
                assertEquals(outside().link(type), thread("tid").link(type));
                assertEquals(inside().link(type), thread("tid").link(type + "_for_children"));
                assertNotEquals(outside().link(type), inside().link(type));
            }
        }

        @Test
        @Verifies("unshare.later-children-follow")
        @DisplayName("has a later child that is where the caller is, number 1, with the new hostname")
        void laterChild() {
            for (var type : AT_ONCE) assertEquals(thread("tid").link(type), inside().link(type));
            assertEquals(List.of(inside().pid(), 1L), inside().nsPids());
            var name = enter("uts").text("uname", "-n");
            assertTrue(name.startsWith("in-"), name);
            assertNotEquals(name, outside.Enter.the(held().process("earlier"), "uts").text("uname", "-n"));
        }

        @Test
        @Verifies("unshare.all-or-nothing")
        @DisplayName("was refused CLONE_NEWUSER beside CLONE_NEWUTS, and stayed in its UTS namespace")
        void allOrNothing() {
            var refused = trace().first("unshare", "CLONE_NEWUTS|CLONE_NEWUSER");
            assertEquals("EINVAL", refused.errno());
            assertEquals(List.of("CLONE_NEWUTS|CLONE_NEWUSER EINVAL", "CLONE_NEWUTS"), unshared(refused.pid()));
            var link = "readlink(\"/proc/" + refused.pid() + "/ns/uts\"";
            var calls = trace().calls();
            int moment = calls.indexOf(refused);
            var before = calls.subList(0, moment).stream().map(Call::toString).filter(line -> line.contains(link)).toList();
            var after = calls.subList(moment, calls.size()).stream().map(Call::toString).filter(line -> line.contains(link)).toList();
            assertTrue(!before.isEmpty() && !after.isEmpty(), () -> before + " " + after);
            assertEquals(before.get(before.size() - 1), after.get(0));
        }

        @Test
        @Verifies("unshare.user-namespace-first")
        @DisplayName("was refused a UTS namespace without capabilities until it had a user namespace")
        void userFirst() {
            var dropped = trace().of("capset").stream().filter(call -> call.arguments().contains("effective=0, permitted=0")).map(Call::pid).toList();
            assertTrue(dropped.stream().anyMatch(pid -> unshared(pid).equals(List.of("CLONE_NEWUTS EPERM", "CLONE_NEWUSER", "CLONE_NEWUTS"))), () -> dropped + said());
        }

        @Test
        @Verifies("unshare.user-namespace-alone")
        @DisplayName("shared a working directory with two children, until one made a user namespace")
        void workingDirectory() {
            var sharing = trace().of("clone").stream().filter(call -> call.arguments().contains("flags=CLONE_FS|SIGCHLD")).toList();
            assertEquals(2, sharing.size(), sharing::toString);
            for (var made : sharing) {
                long child = Long.parseLong(made.result());
                boolean apart = unshared(child).contains("CLONE_NEWUSER");
                assertTrue(trace().of("chdir").stream().anyMatch(call -> call.pid() == child && call.succeeded()), () -> "" + trace().of("chdir"));
                assertTrue(trace().has("readlink(\"/proc/" + child + "/cwd\", \"" + (apart ? "/sys" : "/proc") + "\"", ""), () -> "" + trace().of("readlink"));
                assertTrue(trace().has("readlink(\"/proc/" + made.pid() + "/cwd\", \"/proc\"", ""), () -> "" + trace().of("readlink"));
            }
            assertEquals(1, sharing.stream().filter(made -> unshared(Long.parseLong(made.result())).contains("CLONE_NEWUSER")).count());
        }

        @Test
        @Verifies("unshare.only-what-is-shared")
        @DisplayName("was refused a flag of clone(2) that shares nothing")
        void onlyShared() {
            assertTrue(trace().of("unshare").stream().anyMatch(call -> call.errno().equals("EINVAL") && call.arguments().matches("0x8000.*|CLONE_PARENT")), this::said);
            assertTrue(trace().succeeded("unshare", "CLONE_FS"), this::said);
        }

        @Test
        @Verifies("unshare.threads-stay-together")
        @DisplayName("was refused in the JVM what one thread alone is allowed")
        void threadsStay() {
            var flags = List.of("CLONE_THREAD", "CLONE_SIGHAND", "CLONE_VM");
            var children = trace().of("clone").stream().map(Call::result).toList();
            assertTrue(children.stream().anyMatch(child -> unshared(Long.parseLong(child)).equals(flags)), this::said);
            for (var flag : flags) assertTrue(trace().failed("unshare", "EINVAL", flag), this::said);
        }

        @Test
        @Verifies("unshare.same-process")
        @DisplayName("became unshare(1) and then a shell in one process, as ours does")
        void sameProcess() throws IOException {
            long pid = command("--uts", "sh", "-c");
            assertEquals(List.of("CLONE_NEWUTS"), unshared(pid));
            var programs = trace().of("execve").stream().filter(call -> call.pid() == pid && call.succeeded()).map(Call::arguments).toList();
            assertTrue(programs.get(programs.size() - 1).contains("[\"sh\", "), programs::toString);
            var process = new ProcessBuilder("unshare", "--user", "--uts", "cat").start();
            try (var input = process.getOutputStream()) {
                input.write('\n');
                input.flush();
                process.getInputStream().read(); // now it is cat
                assertEquals(List.of("cat"), Proc.of(process.pid()).commandLine());
                assertEquals(Set.of("user", "uts"), Proc.of(process.pid()).apartFrom(Proc.self()));
            }
        }

        @Test
        @Verifies("unshare.fork-for-pid")
        @DisplayName("had no number inside without --fork, and 1 with it, as ours")
        void fork() {
            long alone = command("--pid", "sh"), forked = command("--pid", "--fork", "sh");
            assertTrue(trace().of("execve").stream().anyMatch(call -> call.pid() == alone && call.arguments().contains("[\"sh\", \"-c\", ")), "it becomes the shell itself");
            assertFalse(trace().of("execve").stream().anyMatch(call -> call.pid() == forked && call.arguments().contains("[\"sh\", \"-c\", \"while")), "another does");
            assertTrue(unshared(alone).contains("CLONE_NEWPID") && unshared(forked).contains("CLONE_NEWPID"), this::said);
            assertTrue(Ran.command("unshare", "--user", "--pid", "sh", "-c", NUMBERS).text().matches("\\d+"));
            assertTrue(Ran.command("unshare", "--user", "--pid", "--fork", "sh", "-c", NUMBERS).text().matches("\\d+\\s1"));
        }

        @Test
        @Verifies("unshare.kill-child")
        @DisplayName("lost a child with --kill-child and kept one without, as we do")
        void killChild() throws Exception {
            long bound = command("--uts", "--fork", "--kill-child", "sleep"), alone = command("--uts", "--fork", "sleep");
            assertNotEquals(bound, alone);
            assertTrue(trace().of("kill").stream().filter(call -> call.succeeded() && call.arguments().matches("(" + bound + "|" + alone + "), SIGKILL")).count() == 2,
                    () -> "" + trace().of("kill"));
            assertFalse(livesOn("--kill-child"));
            assertTrue(livesOn());
        }

        /** Whether the program survives its unshare(1). */
        private static boolean livesOn(String... options) throws Exception {
            var line = new ArrayList<>(List.of("unshare", "--user", "--fork"));
            line.addAll(List.of(options));
            line.addAll(List.of("sh", "-c", "echo ready; exec sleep 60"));
            var process = new ProcessBuilder(line).start();
            process.getInputStream().read();
            var program = Proc.of(process.pid()).children().get(0);
            process.destroyForcibly().waitFor();
            for (int i = 0; i < (options.length == 0 ? 5 : 500) && program.alive(); i++) Thread.sleep(10);
            var alive = program.alive();
            ProcessHandle.of(program.pid()).ifPresent(ProcessHandle::destroyForcibly);
            return alive;
        }

        @Test
        @Verifies("unshare.mount-proc")
        @DisplayName("mounted a proc, which showed its own processes only, as ours")
        void mountProc() {
            long pid = command("--pid", "--fork", "--mount-proc");
            assertTrue(unshared(pid).contains("CLONE_NEWNS|CLONE_NEWPID"), this::said);
            assertTrue(trace().succeeded("mount", "\"proc\", \"/proc\", \"proc\""), () -> "" + trace().of("mount"));
            var listed = Ran.command("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "sh", "-c", "cd /proc; echo [0-9]*; readlink self/ns/mnt").text();
            assertTrue(listed.matches("1( 2)?\nmnt:.*") && !listed.endsWith(Proc.self().link("mnt")), listed);
        }

        @Test
        @Verifies({"unshare.map-root-user", "unshare.map-current-user"})
        @DisplayName("was mapped to root with -r and to itself with -c, as we are")
        void maps() {
            for (var option : List.of("-r", "-c")) {
                assertEquals(List.of("CLONE_NEWUSER"), unshared(command(option, "cat")));
                assertEquals((option.equals("-r") ? "0 " : "64999 ") + "64999 1",
                        nobody("unshare", option, "cat", "/proc/self/uid_map").text().strip().replaceAll("\\s+", " "));
            }
        }

        /** As uid 64999, which has no privilege; where the tests have none, it is so in a user namespace of their own. */
        private static Ran nobody(String... command) {
            var line = new ArrayList<>(As.TESTS_ARE_ROOT ? List.of("setpriv", "--reuid", "64999", "--regid", "64999", "--clear-groups")
                    : List.of("unshare", "--user", "--map-user=64999", "--map-group=64999"));
            line.addAll(List.of(command));
            return Ran.command(line.toArray(String[]::new));
        }

        @Test
        @Verifies("unshare.map-users")
        @DisplayName("started newuidmap(1) for the id of another")
        void mapUsers() {
            var asked = trace().of("execve").stream().filter(call -> call.arguments().contains("[\"newuidmap\", ")).toList();
            assertFalse(asked.isEmpty(), () -> "" + trace().of("execve"));
            assertTrue(asked.stream().allMatch(call -> call.arguments().matches(".*\\[\"newuidmap\", \"\\d+\", \"0\", \"\\d+\", \"1\"].*")), asked::toString);
            if (as() == As.ORDINARY_USER && As.TESTS_ARE_ROOT && Ran.has("newuidmap")) // this account has a line in /etc/subuid
                assertEquals("0 100000 65536", Ran.command(as().command(List.of("unshare", "--map-auto", "cat", "/proc/self/uid_map")).toArray(String[]::new))
                        .text().strip().replaceAll("\\s+", " "));
        }
    }
}
