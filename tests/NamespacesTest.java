import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/** Looks at the Namespaces lab from outside: the links of its threads and children. */
@DisplayName("Namespaces")
class NamespacesTest {
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
            super("Namespaces", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "capset", "openat", "execve");
        }

        /** For a failure's message. */
        private String calls(String name) {
            return trace().of(name).stream().map(Call::toString).collect(Collectors.joining("\n"));
        }

        private Proc jvm() {
            return held().process("jvm");
        }

        /** The threads of the lab that make system calls, by the names that it gave them. The JVM's own come and go. */
        private List<Proc> callers() {
            return threads(jvm()).stream().filter(thread -> {
                try {
                    return Set.of("inside", "outside", "without CAP_SYS").contains(thread.text("comm").strip());
                } catch (java.io.UncheckedIOException gone) {
                    return false;
                }
            }).toList();
        }

        /** The child that stayed with the side that plays the host. */
        private Proc neighbour() {
            return jvm().children().stream().filter(child -> child.pid() != inside().pid() && child.pid() != held().process("both").pid())
                    .findFirst().orElseThrow();
        }

        @Test
        @DisplayName("stands apart in its UTS namespace and in no other")
        void apart() {
            assertApartExactlyIn("uts");
        }

        @Test
        @Verifies({"namespaces.ten-links", "namespaces.link-is-the-inode"})
        @DisplayName("has ten links, each with the inode of what it leads to")
        void links() throws IOException {
            for (var proc : List.of(inside(), neighbour(), outside())) {
                try (var files = Files.list(proc.folder().resolve("ns"))) {
                    assertEquals(Proc.LINKS, files.map(file -> file.getFileName().toString()).sorted().toList());
                }
                for (var name : Proc.LINKS)
                    assertEquals(name.replace("_for_children", "") + ":[" + proc.identity(name).split(":")[1] + "]", proc.link(name));
            }
        }

        @Test
        @Verifies("namespaces.same-inode")
        @DisplayName("has the host name of every thread with the same device and inode, and of no other")
        void identity() {
            var name = enter("uts").text("uname", "-n");
            int same = 0, other = 0;
            for (var thread : callers()) {
                var equal = thread.identity("uts").equals(inside().identity("uts"));
                assertEquals(equal, outside.Enter.the(thread, "uts").text("uname", "-n").equals(name), thread::toString);
                if (equal) same++; else other++;
            }
            assertTrue(same > 0 && other > 0, same + " threads with it, " + other + " without");
            assertNotEquals(name, Ran.command("uname", "-n").text());
        }

        @Test
        @Verifies({"namespaces.fork-inherits", "namespaces.execve-keeps"})
        @DisplayName("is in all namespaces of the thread that made it, and called execve(2) since")
        void inherits() {
            for (var child : List.of(inside(), neighbour())) {
                assertEquals(List.of("/bin/sh"), child.commandLine());
                assertTrue(callers().stream().anyMatch(thread -> thread.links().equals(child.links())), child::toString);
            }
            assertNotEquals(inside().link("uts"), neighbour().link("uts"));
            assertTrue(trace().of("clone").stream().anyMatch(call -> call.succeeded() && call.arguments().contains("flags=SIGCHLD")), () -> calls("clone"));
        }

        @Test
        @Verifies("namespaces.threads-differ")
        @DisplayName("shares its UTS namespace with one thread of a process whose first thread stays where it was started")
        void threads() {
            assertEquals(outside().link("uts"), jvm().link("uts"));
            var links = callers().stream().map(thread -> thread.link("uts")).collect(Collectors.toSet());
            assertEquals(Set.of(inside().link("uts"), neighbour().link("uts")), links);
            assertTrue(!links.contains(jvm().link("uts")) && links.size() == 2, links::toString);
        }

        @Test
        @Verifies("namespaces.unshare-moves-one")
        @DisplayName("moved one link with each flag of unshare(2)")
        void oneLink() {
            for (var flag : List.of("NEWUTS", "NEWIPC", "NEWNET", "NEWNS", "NEWPID", "NEWCGROUP", "NEWTIME"))
                assertTrue(trace().of("unshare").stream().anyMatch(call -> call.succeeded() && call.arguments().equals("CLONE_" + flag)
                        && trace().of("unshare").stream().filter(other -> other.pid() == call.pid()).count() == 1), () -> calls("unshare"));
            // The lab's threads have ended by now: the same with unshare(1), before and after in one process.
            var option = Map.of("uts", "uts", "ipc", "ipc", "net", "net", "mnt", "mount", "pid_for_children", "pid", "cgroup", "cgroup", "time_for_children", "time");
            var list = "ls -l /proc/$$/ns"; // one child: after unshare --pid there is no second when the first has ended
            option.forEach((link, word) -> {
                var line = new ArrayList<String>();
                if (!As.TESTS_ARE_ROOT) line.addAll(List.of("unshare", "--user", "--map-root-user"));
                line.addAll(List.of("sh", "-c", list + "; exec unshare --" + word + " sh -c '" + list + "'"));
                var links = Ran.command(line.toArray(String[]::new)).text().lines().filter(each -> each.contains(" -> "))
                        .map(each -> each.replaceFirst(".* (\\S+) -> ", "$1 ")).toList();
                assertEquals(20, links.size(), links::toString);
                var names = new ArrayList<String>();
                for (var each : links.subList(10, 20)) if (!links.subList(0, 10).contains(each)) names.add(each.split(" ")[0]);
                // The list is made after an execve(2), by which a process enters the time namespace that it has unshared (Linux 6.3).
                if (link.equals("time_for_children")) names.remove("time");
                assertEquals(List.of(link), names);
            });
        }

        @Test
        @Verifies({"namespaces.unshare-nothing", "namespaces.unshare-unknown-flag"})
        @DisplayName("may unshare nothing, but not what does not exist")
        void nothing() {
            var insider = trace().of("unshare").stream().filter(call -> call.arguments().equals("0")).findFirst().orElseThrow();
            assertTrue(insider.succeeded(), insider::toString);
            var own = trace().of("unshare").stream().filter(call -> call.pid() == insider.pid()).toList();
            assertEquals(List.of("", "", "EINVAL"), own.stream().map(Call::errno).toList(), own::toString);
            assertEquals("CLONE_NEWUTS", own.get(0).arguments());
            assertTrue(own.get(2).arguments().startsWith("0x1"), own::toString);
        }

        @Test
        @Verifies("namespaces.need-cap-sys-admin")
        @DisplayName("was refused every type but the user namespace without CAP_SYS_ADMIN")
        void privilege() {
            var capless = trace().of("unshare").stream().filter(call -> call.errno().equals("EPERM")).map(Call::pid).distinct().toList();
            assertTrue(!capless.isEmpty(), () -> calls("unshare"));
            var calls = trace().of("unshare").stream().filter(call -> call.pid() == capless.get(0)).toList();
            assertEquals(Set.of("CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWNET", "CLONE_NEWNS", "CLONE_NEWPID", "CLONE_NEWCGROUP", "CLONE_NEWTIME"),
                    calls.stream().filter(call -> call.errno().equals("EPERM")).map(Call::arguments).collect(Collectors.toSet()));
            assertEquals(List.of("CLONE_NEWUSER"), calls.stream().filter(Call::succeeded).map(Call::arguments).toList());
        }

        @Test
        @Verifies("namespaces.user-comes-first")
        @DisplayName("has a sibling whose user namespace, made in the same call without CAP_SYS_ADMIN, owns its UTS namespace")
        void userFirst() {
            var both = held().process("both");
            assertEquals(Set.of("user", "uts"), both.apartFrom(neighbour()));
            assertEquals(both.link("user"), Nsfs.ownerOf(both.folder().resolve("ns/uts")));
            assertEquals(neighbour().link("user"), Nsfs.ownerOf(neighbour().folder().resolve("ns/uts")));
            var maker = callers().stream().filter(thread -> (thread.capabilities("CapEff") >> 21 & 1) == 0 && thread.uids().equals(neighbour().uids())).toList();
            var made = trace().of("clone").stream().filter(call -> call.succeeded() && call.arguments().contains("flags=CLONE_NEWUTS|CLONE_NEWUSER|SIGCHLD")).toList();
            assertTrue(!made.isEmpty(), () -> calls("clone"));
            for (var clone : made) assertTrue(trace().of("capset").stream().anyMatch(call -> call.pid() == clone.pid() && call.succeeded() && !call.arguments().contains("CAP_SYS_ADMIN")), () -> calls("capset"));
            assertEquals(1, maker.size(), "threads without CAP_SYS_ADMIN");
        }

        @Test
        @Verifies("namespaces.links-are-guarded")
        @DisplayName("was refused the links of another user's process")
        void guarded() {
            assertTrue(trace().of("openat").stream().anyMatch(call -> call.errno().equals("EACCES") && call.arguments().matches(".*\"/proc/\\d+/ns/uts\".*")), () -> calls("openat"));
            assumeTrue(As.TESTS_ARE_ROOT, "only root has processes that are not the ordinary user's: start the tests as root to see this");
            var link = Proc.self().folder().resolve("ns/uts").toString();
            assertEquals(0, Ran.command("readlink", link).exit());
            assertNotEquals(0, Ran.command("setpriv", "--reuid", "64998", "--regid", "64998", "--clear-groups", "readlink", link).exit());
        }

        @Test
        @Verifies("namespaces.lsns-lists")
        @DisplayName("is listed by lsns(8) as the only process of its UTS namespace")
        void lsns() {
            var inode = inside().identity("uts").split(":")[1];
            var line = Ran.command("lsns", "--noheadings", "--type", "uts", "--output", "NS,TYPE,NPROCS,PID", "--task", "" + inside().pid()).text();
            assertEquals(inode + " uts 1 " + inside().pid(), line.strip().replaceAll(" +", " "));
            assertTrue(trace().of("execve").stream().anyMatch(call -> call.succeeded() && call.arguments().contains("\"lsns\"")), "the lab ran no lsns");
        }

        @Test
        @Verifies("namespaces.first-ones-are-fixed")
        @DisplayName("runs on a machine whose first namespaces have the known inodes")
        void first() {
            assumeTrue(Files.exists(Path.of("/proc/2/comm")) && Proc.of(2).text("comm").strip().equals("kthreadd"), "the tests are not in the machine's first PID namespace");
            assertEquals("pid:[4026531836]", Proc.self().link("pid"));
            assertEquals("pid:[4026531836]", inside().link("pid"));
            if (!As.TESTS_ARE_ROOT) return;
            assertEquals("uts:[4026531838]", Proc.of(2).link("uts"));
            assertEquals("ipc:[4026531839]", Proc.of(2).link("ipc"));
            assertEquals("user:[4026531837]", Proc.of(2).link("user"));
            assertEquals("cgroup:[4026531835]", Proc.of(2).link("cgroup"));
            assertEquals("time:[4026531834]", Proc.of(2).link("time"));
        }

        private static List<Proc> threads(Proc proc) {
            try {
                return proc.threads();
            } catch (java.io.UncheckedIOException gone) {
                return List.of();
            }
        }
    }
}
