import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.OrdinaryUserChecks;
import outside.Proc;
import outside.Proc.IdRange;
import outside.Ran;
import outside.Trace;
import outside.Trace.Call;
import outside.Verifies;

/**
 * Looks at the Maps lab from outside: the maps of its children in /proc, who one is there for nsenter(1) and newuidmap(1) as
 * the ordinary user that made them, and what the kernel answered to its calls.
 */
@DisplayName("Maps")
class MapsTest {
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
            super("Maps", as);
        }

        private Trace trace() {
            return trace("write", "openat", "prctl", "setgroups", "setresuid");
        }

        @Test
        @DisplayName("stands apart in the user namespace alone, and one of its siblings also in a mount namespace")
        void apart() {
            assertApartExactlyIn("user");
            for (var sibling : List.of("unmapped", "sibling")) assertEquals(Set.of("user"), held().process(sibling).apartFrom(outside()), sibling);
            assertEquals(Set.of("user", "mnt"), held().process("ranged").apartFrom(outside()));
        }

        @Test
        @Verifies("maps.starts-empty")
        @DisplayName("has a sibling without a map, in which everybody is nobody")
        void empty() {
            var unmapped = held().process("unmapped");
            assertEquals(List.of(), unmapped.uidMap());
            assertEquals(List.of(), unmapped.gidMap());
            assertEquals("", enter(unmapped, List.of("user"), "cat", "/proc/self/uid_map").text());
            assertEquals("65534", enter(unmapped, List.of("user"), "id", "-u").text());
            assertEquals(uid(), unmapped.uids().get(0));
        }

        @Test
        @Verifies({"maps.only-the-own-id", "maps.deny-before-gid-map", "maps.written-once"})
        @DisplayName("had a map that was written in the one order that the kernel takes")
        void map() {
            // The one that tries to map two ids, from which its uid and its other calls follow: the traced run is another than the held one.
            var two = trace().of("write").stream().filter(call -> call.arguments().matches(".*\"0 \\d+ 2\".*")).findFirst().orElseThrow();
            var uid = two.arguments().replaceFirst(".*\"0 (\\d+) 2\".*", "$1");
            var said = trace().by(two.pid()).stream().filter(call -> call.name().equals("write") && call.arguments().matches("\\d+, \"(0 \\d+ \\d+|deny)\".*"))
                    .map(call -> call.arguments().replaceFirst(".*\"(.*)\".*", "$1") + (call.errno().isEmpty() ? "" : " " + call.errno())).toList();
            int start = said.indexOf("0 " + (Long.parseLong(uid) + 1) + " 1 EPERM");
            assertTrue(start >= 0, said::toString);
            assertEquals(List.of("0 " + uid + " 2 EPERM", "0 " + gid() + " 1 EPERM", "deny", "0 " + gid() + " 1", "0 " + uid + " 1", "0 " + uid + " 1 EPERM"),
                    said.subList(start + 1, start + 7));
            assertEquals("deny", inside().setgroups());
            assertEquals(List.of(new IdRange(0, gid(), 1)), inside().gidMap());
        }

        @Test
        @Verifies("maps.depends-on-reader")
        @DisplayName("has a map that its sibling reads with other numbers than the machine")
        void reader() {
            assertEquals(List.of(new IdRange(0, uid(), 1)), inside().uidMap());
            var sibling = held().process("sibling").uidMap();
            assertEquals(List.of(new IdRange(sibling.get(0).inside(), uid(), 1)), sibling);
            assertTrue(sibling.get(0).inside() != uid() && sibling.get(0).inside() > 0, sibling::toString);
            var seen = enter(held().process("sibling"), List.of("user"), "cat", inside().folder() + "/uid_map").text();
            assertEquals("0 " + sibling.get(0).inside() + " 1", seen.strip().replaceAll(" +", " "));
        }

        @Test
        @Verifies("maps.initial-map")
        @DisplayName("was started where every id is itself")
        void initialMap() {
            assertEquals(INITIAL, outside().link("user"));
            assertEquals(List.of(new IdRange(0, 0, 4294967295L)), outside().uidMap());
        }

        @Test
        @Verifies("maps.setgroups-refused")
        @DisplayName("was refused setgroups(2) without a map and after deny")
        void setgroups() {
            var refused = trace().of("setgroups").stream().filter(call -> call.errno().equals("EPERM")).map(Call::pid).distinct().toList();
            assertTrue(refused.size() >= 2, trace().of("setgroups")::toString);
            assertEquals("deny", inside().setgroups());
            assertEquals("allow", held().process("unmapped").setgroups());
        }

        @Test
        @Verifies("maps.setuid-only-to-mapped")
        @DisplayName("may become a mapped uid and no other")
        void setuid() {
            var refused = trace().first("setresuid", "1, 1, 1");
            assertEquals("EINVAL", refused.errno());
            assertTrue(trace().by(refused.pid()).stream().anyMatch(call -> call.name().equals("setresuid") && call.arguments().equals("0, 0, 0") && call.succeeded()));
        }

        @Test
        @Verifies("maps.needs-dumpable")
        @DisplayName("could open its uid_map while it was dumpable and not after")
        void dumpable() {
            var gone = trace().first("prctl", "PR_SET_DUMPABLE", "SUID_DUMP_DISABLE");
            // An ordinary user's strace cannot read the memory of who is not dumpable: it tells the address of the path.
            var uidMap = "AT_FDCWD, (\"/proc/self/uid_map\"|0x\\p{XDigit}+), O_WRONLY.*";
            assertEquals(List.of("success", "prctl", "EACCES"), trace().by(gone.pid()).stream()
                    .filter(call -> call.equals(gone) || call.name().equals("openat") && call.arguments().matches(uidMap))
                    .map(call -> call.equals(gone) ? "prctl" : call.succeeded() ? "success" : call.errno()).toList());
        }

        @Test
        @Verifies("maps.at-most-340-lines")
        @DisplayName("wrote a map of 340 lines after one of 341 was refused")
        void lines() {
            var writes = trace().of("write").stream().filter(call -> call.arguments().contains("\"0 1000 1\\n1 1001 1\\n")).toList();
            assertEquals(List.of("EINVAL", ""), writes.stream().map(Call::errno).toList());
            assertEquals(text(340).length(), Integer.parseInt(writes.get(1).result()));
            assertTrue(writes.get(0).arguments().endsWith(", " + text(341).length()), () -> writes.get(0).toString());
        }

        private static String text(int lines) {
            var text = new StringBuilder();
            for (int i = 0; i < lines; i++) text.append(i).append(' ').append(1000 + i).append(" 1\n");
            return text.toString();
        }

        @Test
        @Verifies("maps.subuid-ranges-only")
        @DisplayName("has a map that /etc/subuid allows, and newuidmap(1) refuses another")
        void subuid() {
            // Root lends its student a line of /etc/subuid by a mount that one thread of the lab sees.
            var lender = threads("subuid").stream().findFirst().orElse(outside());
            var subuid = Files.exists(lender.root().resolve("etc/subuid")) ? asStudent(lender, "cat", "/etc/subuid").text() : "";
            var range = held().process("ranged").uidMap().get(1);
            assertTrue(subuid.lines().map(line -> line.split(":")).anyMatch(line -> line.length == 3 && Long.parseLong(line[1]) == range.outside()
                    && range.count() < Long.parseLong(line[2])), subuid);
            var unmapped = held().process("unmapped");
            var refused = asStudent(lender, "newuidmap", "" + unmapped.pid(), "0", "" + uid(), "1", "1", "1", "1");
            assertTrue(refused.exit() != 0 && refused.stderr().contains("not allowed"), refused::toString);
            assertEquals(List.of(), unmapped.uidMap());
        }

        /** A command as the ordinary user that made the namespaces, in the mount namespace of a process. */
        private Ran asStudent(Proc where, String... command) {
            var line = new ArrayList<String>();
            if (As.TESTS_ARE_ROOT)
                line.addAll(List.of("nsenter", "--mount=" + where.folder() + "/ns/mnt", "setpriv", "--reuid", "" + uid(), "--regid", "" + gid(), "--clear-groups"));
            line.addAll(List.of(command));
            return Ran.command(line.toArray(String[]::new));
        }

        @Test
        @Verifies("maps.several-ranges")
        @DisplayName("has a sibling with a map of three ranges")
        void ranges() {
            var map = held().process("ranged").uidMap();
            assertEquals(3, map.size(), map::toString);
            assertEquals(new IdRange(0, uid(), 1), map.get(0));
            var first = map.get(1);
            assertEquals(List.of(1L, 9L), List.of(first.inside(), first.count()));
            assertEquals(new IdRange(500, first.outside() + 9, 1), map.get(2));
            assertEquals(2, held().process("ranged").gidMap().size());
            assertEquals("500", enter(held().process("ranged"), List.of("user"), "setpriv", "--reuid", "500", "id", "-u").text());
        }

        @Test
        @Verifies("maps.set-user-id-ignored")
        @DisplayName("has a set-user-ID program that raises nothing where its owner is unmapped")
        void setUserId() throws IOException {
            var ranged = held().process("ranged");
            var program = ranged.root().resolve("tmp/id");
            assertEquals(ranged.uidMap().get(1).outside(), owner(program));
            assertEquals(04000, (int) Files.getAttribute(program, "unix:mode") & 04000);
            assertEquals("1", enter(ranged, List.of("user", "mnt"), "setpriv", "--reuid", "2", "/tmp/id", "-u").text());
            assertEquals("0", enter(ranged, List.of("user", "mnt"), "setpriv", "--reuid", "2", "unshare", "--user", "--map-root-user", "/tmp/id", "-u").text());
        }
    }
}
