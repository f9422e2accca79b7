import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.LabChecks;
import outside.Mount;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Propagation lab from outside: the tags in mountinfo, what is mounted where, and a broken /proc. */
@DisplayName("Propagation")
class PropagationTest {
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
            super("Propagation", as);
        }

        /** The process that stands on the lab's host. */
        private Proc host() {
            return held().process("host");
        }

        /** The thread that stands on the host whose /proc is broken. */
        private Proc broken() {
            return held().process("broken");
        }

        private Trace trace() {
            return trace("clone", "execve", "unshare", "mount", "umount2");
        }

        private static Mount at(Proc proc, String point) {
            return proc.mountAt(point).orElseThrow(() -> new AssertionError("nothing is mounted on " + point + " of " + proc));
        }

        /** The mounts below /mnt/TYPE. */
        private static Set<String> below(Proc proc, String type) {
            return proc.mounts().stream().map(Mount::point).filter(point -> point.startsWith("/mnt/" + type + "/"))
                    .map(point -> point.substring(point.lastIndexOf('/') + 1)).collect(Collectors.toCollection(TreeSet::new));
        }

        private static Set<Integer> peerGroups(Proc proc) {
            return proc.mounts().stream().flatMap(mount -> Stream.of(mount.peerGroup(), mount.master())).filter(group -> group >= 0).collect(Collectors.toSet());
        }

        private static List<Mount> procs(Proc proc) {
            return proc.mounts().stream().filter(mount -> mount.point().equals("/proc")).toList();
        }

        /** The mounts of the children that a clone(2) with exactly these flags made. */
        private List<Trace.Call> ofChildren(Set<String> flags) {
            var children = trace().of("clone").stream()
                    .filter(call -> Set.of(call.arguments().replaceFirst(".*flags=([A-Z_|]+).*", "$1").split("\\|")).equals(flags)).map(Trace.Call::result).toList();
            return trace().calls().stream().filter(call -> children.contains(String.valueOf(call.pid())) && call.name().equals("mount")).toList();
        }

        @Test
        @DisplayName("stands apart in its mount namespace and in no other")
        void apart() {
            assertApartExactlyIn("mnt");
            assertEquals(Set.of("mnt"), inside().apartFrom(host()));
        }

        @Test
        @DisplayName("made its hosts so that nothing of theirs reaches the machine")
        void cutOff() {
            for (var made : held().has("broken") ? List.of(host(), broken()) : List.of(host())) {
                assertFalse(peerGroups(made).isEmpty(), made + " shares nothing at all");
                assertTrue(Collections.disjoint(peerGroups(made), peerGroups(outside())), () -> made + " is a peer of the machine");
            }
            assertFalse(outside().mounts().stream().anyMatch(mount -> mount.source().equals("stage")));
        }

        @Test
        @Verifies("propagation.shared")
        @DisplayName("shares with its host what either mounts under a shared mount")
        void shared() {
            assertTrue(at(host(), "/mnt/shared").peerGroup() >= 0, "the host's is shared");
            assertEquals(at(host(), "/mnt/shared").tags(), at(inside(), "/mnt/shared").tags());
            assertEquals(Set.of("by-inside", "by-outside", "later"), below(inside(), "shared"));
            assertEquals(Set.of("by-inside", "by-outside", "later"), below(host(), "shared"));
            for (var side : List.of("inside", "outside"))
                assertEquals(at(inside(), "/mnt/shared/by-" + side).device(), at(host(), "/mnt/shared/by-" + side).device());
            assertTrue(at(inside(), "/mnt/shared/by-outside").source().matches("disk-[0-9a-f]{8}"));
            assertTrue(at(host(), "/mnt/shared/by-inside").source().matches("stick-[0-9a-f]{8}"));
            assertNotEquals(maker("inside", "shared"), maker("outside", "shared"));
        }

        /** The thread that mounted /mnt/TYPE/by-SIDE. */
        private long maker(String side, String type) {
            return trace().of("mount").stream().filter(call -> call.succeeded() && call.arguments().contains("\"/mnt/" + type + "/by-" + side + "\""))
                    .findFirst().orElseThrow(() -> new AssertionError("nobody mounted it" + trace())).pid();
        }

        @Test
        @Verifies("propagation.umount-too")
        @DisplayName("unmounted what its host had mounted")
        void umount() {
            var mount = trace().of("mount").stream().filter(call -> call.arguments().contains("\"/mnt/shared/once\"")).toList();
            var umount = trace().of("umount2").stream().filter(call -> call.arguments().contains("\"/mnt/shared/once\"")).toList();
            assertEquals(List.of(true, true), Stream.of(mount, umount).map(calls -> calls.size() == 1 && calls.get(0).succeeded()).toList(), trace()::toString);
            assertEquals(maker("outside", "shared"), mount.get(0).pid());
            assertEquals(maker("inside", "shared"), umount.get(0).pid());
            assertFalse(below(host(), "shared").contains("once"));
        }

        @Test
        @Verifies("propagation.private")
        @DisplayName("keeps what it mounts under a private mount, and gets nothing")
        void privately() {
            assertTrue(at(inside(), "/mnt/private").isPrivate());
            assertTrue(at(host(), "/mnt/private").isPrivate());
            assertEquals(Set.of("by-inside"), below(inside(), "private"));
            assertEquals(Set.of("by-outside"), below(host(), "private"));
        }

        @Test
        @Verifies("propagation.slave")
        @DisplayName("gets what its host mounts under a master, and gives nothing back")
        void slave() {
            assertTrue(at(host(), "/mnt/slave").peerGroup() >= 0, "the host's is shared");
            assertEquals(at(host(), "/mnt/slave").peerGroup(), at(inside(), "/mnt/slave").master());
            assertEquals(-1, at(inside(), "/mnt/slave").peerGroup());
            assertEquals(Set.of("by-inside", "by-outside"), below(inside(), "slave"));
            assertEquals(Set.of("by-outside"), below(host(), "slave"));
        }

        @Test
        @Verifies("propagation.unbindable")
        @DisplayName("was refused a bind mount of an unbindable one")
        void unbindable() {
            for (var side : List.of(inside(), host())) assertEquals(List.of("unbindable"), at(side, "/mnt/unbindable").tags());
            assertEquals(Set.of("by-inside"), below(inside(), "unbindable"));
            assertEquals(Set.of("by-outside"), below(host(), "unbindable"));
            assertTrue(trace().failed("mount", "EINVAL", "\"/mnt/unbindable\"", "MS_BIND"), trace()::toString);
            assertTrue(trace().succeeded("mount", "\"/mnt/private\"", "MS_BIND"), trace()::toString);
        }

        @Test
        @Verifies("propagation.unshare-1-is-private")
        @DisplayName("is as shared as its host is, where unshare -m makes all private")
        void unshare() {
            assertEquals(at(host(), "/").tags(), at(inside(), "/").tags());
            assertTrue(at(inside(), "/").peerGroup() >= 0, "unshare(2) leaves / shared");
            var there = Enter.the(host(), "mnt");
            assertTrue(there.text("cat", "/proc/self/mountinfo").contains(" shared:"));
            assertFalse(there.text("unshare", "--mount", "cat", "/proc/self/mountinfo").contains(" shared:"));
            var pid = trace().of("execve").stream().filter(call -> call.succeeded() && call.arguments().contains("/unshare\"")).findFirst()
                    .orElseThrow(() -> new AssertionError("nobody became unshare(1)" + trace())).pid();
            assertTrue(trace().calls().stream().anyMatch(call -> call.pid() == pid && call.succeeded() && call.arguments().contains("\"/\", NULL, MS_REC|MS_PRIVATE")), trace()::toString);
        }

        @Test
        @Verifies("propagation.less-privileged-slave")
        @DisplayName("has a neighbour in another user namespace whose mounts became slaves")
        void lessPrivileged() {
            var less = held().process("less");
            assertEquals(Set.of("mnt", "user"), less.apartFrom(host()));
            assertEquals(at(host(), "/mnt/shared").peerGroup(), at(less, "/mnt/shared").master());
            assertEquals(List.of(), less.mounts().stream().filter(mount -> mount.peerGroup() >= 0 && !mount.point().endsWith("/by-less-privileged")).toList());
            assertEquals(Set.of("by-inside", "by-outside", "by-less-privileged", "later"), below(less, "shared"));
            assertFalse(below(host(), "shared").contains("by-less-privileged"));
        }

        private static final Set<String> SEED = Set.of("CLONE_NEWNS", "CLONE_NEWPID", "SIGCHLD");

        @Test
        @Verifies("propagation.seed-breaks-proc")
        @DisplayName("left a host with a proc on its /proc that belongs to nobody")
        void broken_proc() {
            assertEquals(procs(host()).size() + 1, procs(broken()).size());
            assertEquals("proc", at(broken(), "/proc").type());
            assertFalse(Files.exists(broken().root().resolve("proc/1")), "its PID namespace is dead");
            assertThrows(IOException.class, () -> Files.readSymbolicLink(broken().root().resolve("proc/self")));
            assertNotEquals(0, Enter.the(broken(), "mnt").run("readlink", "/proc/self").exit());
            var first = ofChildren(SEED).get(0);
            assertTrue(first.succeeded() && first.arguments().contains("\"proc\", \"/proc\", \"proc\""), first::toString);
        }

        @Test
        @Verifies("propagation.umount-repairs-proc")
        @DisplayName("repaired it by umount(2), as anybody can on a copy of it")
        void repair() {
            // By whoever ran the lab, who is root in the user namespace that owns these mounts: anybody else's copy is locked.
            var line = new ArrayList<>(List.of("nsenter", "--mount=" + broken().folder() + "/ns/mnt"));
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user=" + broken().folder() + "/ns/user", "--preserve-credentials"));
            line.addAll(List.of("unshare", "--mount", "sh", "-c", "umount /proc && exec readlink /proc/self"));
            var repaired = Ran.command(as().command(line).toArray(String[]::new));
            assertTrue(repaired.text().matches("\\d+"), repaired::toString);
            assertTrue(trace().succeeded("umount2", "\"/proc\""), trace()::toString);
        }

        @Test
        @Verifies("propagation.private-first")
        @DisplayName("had a child that made its mounts private first, and did no harm")
        void privateFirst() {
            var calls = ofChildren(SEED);
            assertEquals(List.of(true, true, true), calls.stream().map(Trace.Call::succeeded).toList(), calls::toString);
            assertTrue(calls.get(1).arguments().contains("\"/\", NULL, MS_REC|MS_PRIVATE"), calls::toString);
            assertTrue(calls.get(2).arguments().contains("\"proc\", \"/proc\", \"proc\""), calls::toString);
            var seen = Enter.the(host(), "mnt").text("sh", "-c", "unshare --pid --fork --mount --propagation private"
                    + " sh -c 'mount -t proc proc /proc && echo /proc/[0-9]*'; exec readlink /proc/self").lines().toList();
            assertEquals("/proc/1", seen.get(0));
            assertTrue(seen.get(1).matches("\\d+"), seen::toString);
        }
    }
}
