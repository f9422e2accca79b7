import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Capabilities;
import outside.Enter;
import outside.Lab;
import outside.LabChecks;
import outside.Nsfs;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the programs of the Capabilities lab that have power of their own, set-user-ID and by a file capability, and runs them again. */
@DisplayName("Capabilities of programs")
class CapabilitiesProgramsTest {
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
            super(Lab.named("Capabilities").as(as).options("--student", "s1")); // each run chooses the same, the traced one too
        }

        private Trace trace() {
            return trace("setxattr", "lgetxattr", "execve", "prctl");
        }

        private Proc child(String name) {
            return held().process(name);
        }

        @Test
        @Verifies("capabilities.set-user-id")
        @DisplayName("has two siblings that run a set-user-ID program: one as its owner, and one, with no_new_privs, as who started it")
        void setUserId() throws IOException {
            var raised = child("raised");
            var file = Path.of(raised.commandLine().get(0)).toRealPath();
            assertEquals(List.of(0, 04000), List.of(Files.getAttribute(file, "unix:uid"), (int) Files.getAttribute(file, "unix:mode") & 04000));
            var starter = raised.uids().get(0);
            assertEquals(List.of(starter, 0L, 0L, 0L), raised.uids());
            assertEquals(List.of(starter, starter, starter, starter), child("same").uids());
            assertNotEquals(0, starter);
            assertEquals(raised.commandLine(), child("same").commandLine());
            assertEquals(List.of("0", "1"), List.of(raised.status().get("NoNewPrivs"), child("same").status().get("NoNewPrivs")));
            if (As.TESTS_ARE_ROOT) assertEquals(outside().link("user"), raised.link("user")); // another user may not look at it
        }

        @Test
        @DisplayName("has two siblings in one mount namespace, who are one uid outside: uid 5 above, and uid 0 in a user namespace below")
        void siblings() {
            var above = child("above");
            var below = child("below");
            assertEquals(above.link("mnt"), below.link("mnt"));
            assertEquals(above.uids(), below.uids());
            assertEquals(above.link("user"), Nsfs.parentOf(below.folder().resolve("ns/user")));
            assertEquals(above.link("user"), Nsfs.ownerOf(below.folder().resolve("ns/mnt")));
            assertEquals(outside().link("user"), Nsfs.parentOf(above.folder().resolve("ns/user")));
            assertEquals("5", Enter.the(above, "user").text("sed", "s/ *\\([0-9]*\\).*/\\1/", "/proc/" + above.pid() + "/uid_map"));
            assertEquals(List.of(new Proc.IdRange(0, above.uids().get(1), 1)), below.uidMap());
            assertEquals(0, above.capabilities("CapPrm"));
        }

        @Test
        @Verifies("capabilities.file-capability")
        @DisplayName("has a program with a capability, stored for the root of a user namespace: it counts there, and not above")
        void file() throws IOException {
            var file = child("above").root().resolve("tmp/sed");
            assertEquals((int) (long) child("above").uids().get(1), Files.getAttribute(file, "unix:uid"));
            assertNotEquals(0, chosen());
            assertEquals(chosen(), below(), "below");
            assertEquals(0, effective(Enter.the(child("above"), "user", "mnt").text(show())), "above");
            assertEquals("24", trace().first("lgetxattr", "/tmp/sed").result(), "bytes of version 3");
            if (!Ran.has("getcap")) return;
            assertTrue(Ran.command("getcap", "-n", file.toString()).text().endsWith("[rootid=" + child("above").uids().get(1) + "]"), () -> Ran.command("getcap", "-n", file.toString()).toString());
        }

        @Test
        @Verifies("capabilities.file-no-new-privs")
        @DisplayName("has a program with a capability that gives it nothing with no_new_privs")
        void fileNoNewPrivs() {
            assertEquals(chosen(), below());
            assertEquals(0, below("setpriv", "--no-new-privs"));
            assertEquals(List.of("1", 0L), List.of(child("noprivs").status().get("NoNewPrivs"), child("noprivs").capabilities("CapEff")));
            assertEquals(child("below").link("user"), child("noprivs").link("user"));
        }

        /** The capability that the lab gives the file: one. */
        private long chosen() {
            var set = Capabilities.ofFile(trace().first("setxattr", "/tmp/sed").arguments());
            assertEquals(1, Long.bitCount(set), trace()::toString);
            return set;
        }

        private static String[] show() {
            return new String[] {"/tmp/sed", "-n", "s/CapEff:.//p", "/proc/self/status"};
        }

        private static long effective(String status) {
            return Long.parseUnsignedLong(status, 16);
        }

        /** CapEff of the program, run below by whoever has none there: root of the tests is nobody, and their ordinary user root. */
        private long below(String... before) {
            var line = new ArrayList<>(List.of(before));
            if (!As.TESTS_ARE_ROOT) line.addAll(0, List.of("nsenter", "--user=" + child("below").folder() + "/ns/user", "--preserve-credentials", "setpriv", "--securebits=+noroot"));
            line.addAll(List.of(show()));
            return effective(Enter.the(child(As.TESTS_ARE_ROOT ? "below" : "above"), "user", "mnt").text(line.toArray(String[]::new)));
        }
    }
}
