import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Nsfs;
import outside.OrdinaryUserChecks;
import outside.Proc;
import outside.Proc.IdRange;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/**
 * Looks at the User lab from outside: ids, capabilities and files of its children, the ways in with nsenter(1) as the
 * ordinary user that made them, and what the kernel answered to its calls.
 */
@DisplayName("User")
class UserTest {
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

    abstract static class Checks extends OrdinaryUserChecks {
        private static final String INITIAL = "user:[4026531837]";

        Checks(As as) {
            super("User", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "openat", "geteuid", "sethostname", "chown", "fchownat", "mknod", "mknodat");
        }

        /** For a failure's message: the calls without the files that every JVM opens by the hundred. */
        private String calls() {
            return new Trace(trace().ran(), trace().calls().stream().filter(call -> !call.name().equals("openat") || call.errno().equals("EACCES")).toList()).toString();
        }

        /** The thread of the lab that is an ordinary user: it alone tries to share its directories with a new user namespace. */
        private long student() {
            return trace().first("clone", "CLONE_FS", "CLONE_NEWUSER").pid();
        }

        private static long everyCapability() {
            return (2L << Integer.parseInt(Ran.command("cat", "/proc/sys/kernel/cap_last_cap").text())) - 1;
        }

        @Test
        @DisplayName("stands apart in the user, the mount and the network namespace, its sibling in the user namespace alone")
        void apart() {
            assertApartExactlyIn("user", "mnt", "net");
            for (var sibling : List.of("alone", "unmapped", "nobody", "five")) assertEquals(Set.of("user"), held().process(sibling).apartFrom(outside()), sibling);
        }

        @Test
        @Verifies("user.anybody-makes-one")
        @DisplayName("was made by a thread of an ordinary user without any capability")
        void anybody() {
            var maker = threads("student").stream().filter(thread -> thread.uids().equals(List.of(uid(), uid(), uid(), uid())))
                    .findFirst().orElseThrow();
            assertEquals(0, maker.capabilities("CapEff"));
            assertEquals(0, maker.capabilities("CapPrm"));
            assertFalse(List.of(0L, 65534L).contains(uid()), "uid " + uid());
            if (as() == As.ORDINARY_USER) assertEquals(as().uid(), uid());
            assertEquals(uid(), Nsfs.ownerUidOf(inside().folder().resolve("ns/user")));
            assertNotEquals(outside().link("user"), inside().link("user"));
        }

        @Test
        @Verifies("user.nobody-before-the-map")
        @DisplayName("had a sibling for whom geteuid(2) gave 65534")
        void nobody() {
            var nobody = trace().of("geteuid").stream().filter(call -> call.result().equals("65534")).toList();
            assertFalse(nobody.isEmpty(), this::calls);
            // And the same by a process of the tests, where the lab's own is: an unmapped id is 65534.
            var held = held().process("nobody");
            assertEquals(List.of(), held.uidMap());
            assertEquals(List.of(), held.gidMap());
            assertEquals("65534", enter(held, List.of("user"), "id", "-u").text());
            assertEquals(uid(), held.uids().get(0));
        }

        @Test
        @Verifies("user.every-capability-inside")
        @DisplayName("has a sibling without a map, which has not called execve(2) yet and holds every capability")
        void unmapped() {
            var unmapped = held().process("unmapped");
            assertEquals(List.of(), unmapped.uidMap());
            assertEquals(List.of(), unmapped.gidMap());
            assertEquals(everyCapability(), unmapped.capabilities("CapEff"));
            assertEquals(Proc.of(inside().parent()).commandLine(), unmapped.commandLine()); // still the copy of the JVM
            assertEquals(List.of(uid(), uid(), uid(), uid()), unmapped.uids());
        }

        @Test
        @Verifies({"user.execve-drops-them", "user.execve-as-root-keeps-them"})
        @DisplayName("has every capability after execve(2) as uid 0, and its siblings with uid 5 and without a map have none")
        void execve() {
            assertEquals(List.of(new IdRange(0, uid(), 1)), inside().uidMap());
            assertEquals(List.of("/bin/sh"), inside().commandLine());
            assertEquals(everyCapability(), inside().capabilities("CapEff"));
            var five = held().process("five");
            assertEquals(List.of(new IdRange(5, uid(), 1)), five.uidMap());
            assertEquals(List.of("/bin/sh"), five.commandLine());
            assertEquals(0, five.capabilities("CapEff"));
            assertEquals(List.of("/bin/sh"), held().process("nobody").commandLine());
            assertEquals(0, held().process("nobody").capabilities("CapEff"));
            // setns(2) gives all capabilities, execve(2) as an unmapped uid takes them.
            var after = enter(held().process("unmapped"), List.of("user"), "cat", "/proc/self/status").text();
            assertTrue(after.contains("CapEff:\t0000000000000000"), after);
        }

        @Test
        @Verifies({"user.root-here-student-there", "user.owner-enters"})
        @DisplayName("is root for who enters it, which the ordinary user that made it may do")
        void root() {
            assertEquals(List.of(uid(), uid(), uid(), uid()), inside().uids());
            assertEquals("0", enter(inside(), List.of("user"), "id", "-u").text());
            assertEquals("0", enter(inside(), List.of("user"), "id", "-g").text());
            assertTrue(trace().of("setns").stream().anyMatch(call -> call.succeeded() && call.pid() != student()), this::calls);
        }

        @Test
        @Verifies("user.files-belong-outside")
        @DisplayName("made a file that belongs to root inside and to the student outside")
        void file() throws IOException {
            var tmp = inside().root().resolve("tmp");
            try (var files = Files.list(tmp)) {
                var file = files.findFirst().orElseThrow();
                assertEquals(uid(), owner(file));
                assertEquals("0", enter(inside(), List.of("user", "mnt"), "stat", "-c", "%u", "/tmp/" + file.getFileName()).text());
            }
        }

        @Test
        @Verifies("user.unmapped-owner-is-nobody")
        @DisplayName("sees nobody where the machine has root")
        void unmappedOwner() {
            assertEquals(0, owner(Path.of("/proc/version")));
            assertEquals("65534", enter(inside(), List.of("user"), "stat", "-c", "%u", "/proc/version").text());
        }

        @Test
        @Verifies("user.no-power-over-the-host")
        @DisplayName("was refused the machine's name and files")
        void powerless() {
            assertTrue(trace().failed("sethostname", "EPERM"), this::calls);
            assertTrue(trace().failed("chown", "EPERM", "/dev/null") || trace().failed("fchownat", "EPERM", "/dev/null"), this::calls);
            assertTrue(trace().failed("openat", "EACCES", "/etc/shadow"), this::calls);
        }

        @Test
        @Verifies({"user.owner-decides", "user.who-owns-what"})
        @DisplayName("may change the network namespace that its user namespace owns, and not the machine's")
        void owner() {
            var up = new String[] {"ip", "link", "set", "lo", "up"};
            assertEquals(0, enter(inside(), List.of("user", "net"), up).exit());
            assertTrue(enter(inside(), List.of("user", "net"), "ip", "-o", "link", "show", "lo").text().contains("UP"));
            var refused = enter(held().process("alone"), List.of("user"), up);
            assertTrue(refused.exit() != 0 && refused.stderr().contains("Operation not permitted"), refused::toString);
            var ns = inside().folder().resolve("ns");
            assertEquals(inside().link("user"), Nsfs.ownerOf(ns.resolve("net")));
            assertEquals(outside().link("user"), Nsfs.parentOf(ns.resolve("user")));
            assertEquals(uid(), Nsfs.ownerUidOf(ns.resolve("user")));
        }

        @Test
        @Verifies("user.device-needs-the-host-root")
        @DisplayName("was refused a device file on its own file system")
        void device() {
            assertTrue(trace().failed("mknodat", "EPERM", "/tmp/null") || trace().failed("mknod", "EPERM", "/tmp/null"), this::calls);
        }

        @Test
        @Verifies("user.nesting-limit")
        @DisplayName("came down 33 levels and no further")
        void nesting() {
            assumeTrue(outside().link("user").equals(INITIAL), "these tests run in a nested user namespace: start them on the host to see this");
            var last = trace().of("unshare").stream().filter(call -> call.errno().equals("ENOSPC")).findFirst().orElseThrow();
            var chain = trace().by(last.pid()).stream().filter(call -> call.name().equals("unshare")).toList();
            assertEquals(34, chain.size());
            assertTrue(chain.subList(0, 33).stream().allMatch(Call::succeeded), chain::toString);
        }

        @Test
        @Verifies({"user.setns-needs-one-thread", "user.setns-to-own"})
        @DisplayName("was refused setns(2) from the JVM, and to where it was")
        void setns() {
            var calls = trace().of("setns").stream().filter(call -> call.arguments().contains("CLONE_NEWUSER")).toList();
            assertTrue(calls.stream().anyMatch(call -> call.pid() == student() && call.errno().equals("EINVAL")), calls::toString);
            assertTrue(calls.stream().anyMatch(call -> call.pid() != student() && call.errno().equals("EINVAL")), calls::toString);
        }

        @Test
        @Verifies({"user.unshare-needs-one-thread", "user.clone-fs-refused"})
        @DisplayName("was refused unshare(CLONE_NEWUSER) from the JVM, and CLONE_FS beside it")
        void refused() {
            assertEquals(List.of("EINVAL"), trace().by(student()).stream().filter(call -> call.name().equals("unshare")).map(Call::errno).toList());
            assertTrue(trace().failed("clone", "EINVAL", "CLONE_FS", "CLONE_NEWUSER"), this::calls);
            assertTrue(trace().of("unshare").stream().anyMatch(call -> call.pid() != student() && call.succeeded() && call.arguments().equals("CLONE_NEWUSER")));
        }
    }
}
