import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Uts lab from outside: its links, nsenter(1), and what the kernel answered to its calls. */
@DisplayName("Uts")
class UtsTest {
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
        private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");

        Checks(As as) {
            super("Uts", as);
        }

        private Trace trace() {
            return trace("clone", "unshare", "sethostname", "setdomainname", "uname");
        }

        /** The thread that stands inside: the first one to rename itself. */
        private long insider() {
            return trace().of("sethostname").get(0).pid();
        }

        /** The name in each answer of uname(2) to one thread or process. */
        private List<String> names(long pid) {
            return trace().of("uname").stream().filter(call -> call.pid() == pid)
                    .map(call -> call.arguments().replaceFirst(".*nodename=\"([^\"]*)\".*", "$1")).toList();
        }

        @Test
        @DisplayName("stands apart in its UTS namespace and in no other")
        void apart() {
            assertApartExactlyIn("uts");
        }

        @Test
        @Verifies("uts.starts-as-a-copy")
        @DisplayName("had the creator's hostname before it renamed itself")
        void copy() throws IOException {
            var calls = trace().calls().stream().filter(call -> call.pid() == insider()).map(Trace.Call::name).toList();
            assertTrue(calls.indexOf("unshare") < calls.indexOf("uname") && calls.indexOf("uname") < calls.indexOf("sethostname"), calls::toString);
            assertEquals(Files.readString(HOSTNAME).strip(), names(insider()).get(0));
        }

        @Test
        @Verifies({"uts.child-renames-itself", "uts.proc-sys-is-the-reader"})
        @DisplayName("has a hostname that the machine has not")
        void hostname() throws IOException {
            var inside = enter("uts").text("uname", "-n");
            assertTrue(inside.startsWith("in-"), inside);
            assertEquals(inside, enter("uts").text("cat", HOSTNAME.toString()));
            assertNotEquals(inside, Files.readString(HOSTNAME).strip());
            assertNotEquals(inside, Ran.command("uname", "-n").text());
        }

        @Test
        @Verifies("uts.domain-name-too")
        @DisplayName("has an NIS domain name that the machine has not")
        void domainname() throws IOException {
            var file = "/proc/sys/kernel/domainname";
            assertTrue(enter("uts").text("cat", file).startsWith("nis-"));
            assertFalse(Files.readString(Path.of(file)).startsWith("nis-"));
        }

        @Test
        @Verifies("uts.later-change-outside")
        @DisplayName("keeps its name when the side that plays the host is renamed")
        void later() {
            var later = trace().of("sethostname").stream().filter(call -> call.arguments().contains("renamed-later")).findFirst().orElseThrow();
            assertTrue(later.succeeded(), later::toString);
            assertNotEquals(insider(), later.pid());
            assertEquals("renamed-later", last(names(later.pid())));
            assertTrue(last(names(insider())).startsWith("in-"), () -> names(insider()).toString());
        }

        private static String last(List<String> names) {
            return names.get(names.size() - 1);
        }

        @Test
        @Verifies("uts.members-share-the-name")
        @DisplayName("is a process that shares its UTS namespace with a thread of the lab")
        void members() {
            var lab = outside.Proc.of(inside().parent());
            var members = lab.threads().stream().filter(thread -> thread.link("uts").equals(inside().link("uts"))).toList();
            assertFalse(members.isEmpty(), "no thread of " + lab + " stands in " + inside().link("uts"));
            assertEquals(enter("uts").text("uname", "-n"), outside.Enter.the(members.get(0), "uts").text("uname", "-n"));
        }

        @Test
        @Verifies("uts.needs-cap-sys-admin")
        @DisplayName("was refused sethostname(2) without CAP_SYS_ADMIN")
        void capability() {
            assertTrue(trace().failed("sethostname", "EPERM", "\"x\", 1"), trace()::toString);
        }

        @Test
        @Verifies({"uts.owner-decides", "uts.user-ns-alone"})
        @DisplayName("may rename what its own user namespace owns, and nothing else")
        void owner() {
            assertEquals("0", ownedBy("CLONE_NEWUTS|CLONE_NEWUSER|SIGCHLD").result());
            assertEquals("EPERM", ownedBy("flags=CLONE_NEWUSER|SIGCHLD").errno());
        }

        /** The sethostname("owned") of the child that a clone(2) with these flags made. */
        private Trace.Call ownedBy(String flags) {
            var children = trace().of("clone").stream().filter(call -> call.arguments().contains(flags)).map(Trace.Call::result).toList();
            return trace().of("sethostname").stream()
                    .filter(call -> call.arguments().startsWith("\"owned\"") && children.contains(String.valueOf(call.pid())))
                    .findFirst().orElseThrow(() -> new AssertionError("no child with " + flags + trace()));
        }

        @Test
        @Verifies("uts.length-limit")
        @DisplayName("may have a name of 64 bytes but not of 65")
        void length() {
            assertTrue(trace().failed("sethostname", "EINVAL", ", 65"), trace()::toString);
            assertTrue(trace().succeeded("sethostname", ", 64"), trace()::toString);
        }

        @Test
        @Verifies("uts.only-two-names")
        @DisplayName("has the machine's kernel name, release, version and machine type")
        void others() {
            assertEquals(Ran.command("uname", "-srvm").text(), enter("uts").text("uname", "-srvm"));
        }

        @Test
        @Verifies("uts.etc-hostname-is-a-file")
        @DisplayName("has the machine's /etc/hostname and HOSTNAME")
        void file() {
            var command = "cat /etc/hostname; echo $HOSTNAME";
            assertEquals(Ran.command("sh", "-c", command).text(), enter("uts").text("sh", "-c", command));
            assertEquals(outside().text("environ").contains("HOSTNAME=in-"), inside().text("environ").contains("HOSTNAME=in-"));
        }

        @Test
        @Verifies("uts.seed-length-bug")
        @DisplayName("ran the seed's call, and a name of 12 bytes came of it")
        void seed() {
            assertTrue(trace().succeeded("sethostname", "\"changed name\", 12"), trace()::toString);
            assertTrue(trace().succeeded("uname", "nodename=\"changed name\""), trace()::toString);
        }
    }
}
