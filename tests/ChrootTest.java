import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static outside.Place.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Mount;
import outside.Place;
import outside.Proc;
import outside.Trace;
import outside.Verifies;

/** Looks at the Chroot lab from outside: where /proc/PID/root and cwd of each process lead, and what the kernel answered. */
@DisplayName("Chroot")
class ChrootTest {
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
            super("Chroot", as);
        }

        /** The process that stands where the lab's host stands. */
        private Proc host() {
            return held().process("host");
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "chdir", "fchdir", "kill", "rename", "renameat", "openat");
        }

        private Place place() {
            return Place.of(host(), outside());
        }

        private Path jail() {
            return place().file("jail");
        }

        private void assertJailed(Proc process) throws IOException {
            assertEquals(identity(jail()), identity(process.root()), () -> "root of " + process);
            assertFalse(Files.exists(place().file(process, "secret")), () -> process + " finds the secret");
        }

        /** Its root is where its host's is. That the one who made it was in the jail is in the trace: {@link #assertCalled}. */
        private void assertEscaped(Proc process) throws IOException {
            assertEquals(identity(host().root()), identity(process.root()), () -> "root of " + process);
            assertEquals(Files.readString(place().file("secret")), Files.readString(place().file(process, "secret")));
        }

        /** The thread that called chroot(2) into the jail and stayed there, or the one that called pivot_root(2). */
        private long prisoner() {
            return trace().of("chroot").stream().filter(call -> call.succeeded() && call.arguments().endsWith("/jail\"")).findFirst().orElseThrow().pid();
        }

        private long pivoted() {
            return trace().of("pivot_root").stream().filter(call -> call.arguments().endsWith("/mark\"")).findFirst().orElseThrow().pid();
        }

        /** What the children of a thread called, each child in one line. */
        private List<String> childrenOf(long thread) {
            return trace().of("clone").stream().filter(call -> call.pid() == thread && call.succeeded() && call.arguments().contains("SIGCHLD")).map(clone -> {
                var calls = trace().by(Long.parseLong(clone.result())).stream().filter(call -> !Set.of("openat", "clone").contains(call.name()));
                return (clone.arguments().contains("CLONE_NEWPID") ? "CLONE_NEWPID " : "")
                        + String.join(" ", calls.map(call -> call.name() + "(" + call.arguments() + ")" + call.errno()).toList());
            }).toList();
        }

        private void assertCalled(long thread, String pattern) {
            assertTrue(childrenOf(thread).stream().anyMatch(calls -> calls.matches(pattern)), () -> pattern + " is not in " + childrenOf(thread));
        }

        private List<String> points(Proc process) {
            return process.mounts().stream().map(Mount::point).filter(point -> !point.startsWith("/proc/")).sorted().toList();
        }

        @Test
        @DisplayName("stands apart in its mount namespace and in no other, and so does its host")
        void apart() {
            assertApartExactlyIn("mnt");
            assertEquals(Set.of("mnt"), inside().apartFrom(host()));
        }

        @Test
        @Verifies("chroot.only-moves-the-root")
        @DisplayName("has a neighbour in a chroot that stands in its host's mount namespace and does not find the secret")
        void chrooted() throws IOException {
            var chrooted = held().process("chroot");
            assertEquals(Set.of(), chrooted.apartFrom(host()));
            assertEquals(place().path() + "/jail", Files.readSymbolicLink(chrooted.root()).toString());
            assertJailed(chrooted);
            assertTrue(Files.exists(Path.of(chrooted.root() + "/mark")));
        }

        @Test
        @Verifies("chroot.second-chroot")
        @DisplayName("has a neighbour who left the chroot by a second one")
        void second() throws IOException {
            assertEscaped(held().process("chroot-second-chroot"));
            assertCalled(prisoner(), "chroot\\(\"/tmp\"\\) chdir\\(\"\\.\\./[./]*\"\\) chroot\\(\"\\.\"\\)");
        }

        @Test
        @Verifies("chroot.moved-directory")
        @DisplayName("has a neighbour whose working directory was moved out of the chroot, root and all")
        void moved() throws IOException {
            var process = held().process("chroot-moved-directory");
            assertJailed(process);
            assertEquals(Files.readString(place().file("secret")), Files.readString(process.folder().resolve("cwd/../secret")));
            assertEquals(identity(place().file("chroot")), identity(process.folder().resolve("cwd")));
            assertFalse(Files.exists(jail().resolve("chroot")));
            assertCalled(prisoner(), "chdir\\(\"/chroot\"\\)");
        }

        @Test
        @Verifies("chroot.own-mount-namespace")
        @DisplayName("has a neighbour who entered the mount namespace in which he was, and so left the chroot")
        void own() throws IOException {
            assertEscaped(held().process("chroot-own-mount-namespace"));
            assertEquals(host().link("mnt"), held().process("chroot-own-mount-namespace").link("mnt"));
            assertCalled(prisoner(), "setns\\(\\d+[^,]*, CLONE_NEWNS\\)");
        }

        @Test
        @Verifies("chroot.needs-capabilities")
        @DisplayName("was refused chroot(2) and pivot_root(2) without the capabilities")
        void capabilities() {
            assertTrue(trace().failed("chroot", "EPERM", "/jail\""), trace()::toString);
            assertTrue(trace().failed("pivot_root", "EPERM", "/jail\", "), trace()::toString);
        }

        @Test
        @Verifies("chroot.no-user-namespace")
        @DisplayName("had a child that could make a user namespace, where one in the chroot could not")
        void userNamespace() {
            assertCalled(prisoner(), "unshare\\(CLONE_NEWUSER\\)EPERM");
            assertCalled(pivoted(), "unshare\\(CLONE_NEWUSER\\)");
        }

        /** What a thread's pivot_root(2) with such words in its arguments gave. */
        private List<String> answers(String pattern) {
            return trace().of("pivot_root").stream().filter(call -> call.pid() == pivoted() && call.arguments().matches(pattern)).map(Trace.Call::errno).toList();
        }

        @Test
        @Verifies("chroot.new-root-a-mount-point")
        @DisplayName("was refused a plain directory as its root, and one with the old root on the root's own mount")
        void mountPoint() {
            assertEquals(List.of("EINVAL"), answers("\".*/plain\", \".*/plain\""));
            assertEquals(List.of("EBUSY"), answers("\".*/plain\", \"/\""));
            assertTrue(Files.isDirectory(place().file("plain")) && host().mountAt(place().path() + "/plain").isEmpty());
        }

        @Test
        @Verifies("chroot.place-for-the-old-root")
        @DisplayName("was refused a place for the old root beside the new one, and a file")
        void oldRoot() {
            assertEquals(List.of("EINVAL"), answers("\".*/jail\", \".*/elsewhere\""));
            assertEquals(List.of("ENOTDIR"), answers("\".*/jail\", \".*/jail/mark\""));
            assertTrue(Files.isDirectory(place().file("elsewhere")) && Files.isRegularFile(jail().resolve("mark")));
        }

        @Test
        @Verifies("chroot.not-from-shared")
        @DisplayName("was refused its root as long as the mount below it was shared")
        void shared() {
            var calls = trace().by(pivoted()).stream().filter(call -> call.arguments().contains("MS_SHARED") || call.arguments().contains("\"none\"") || call.arguments().endsWith("/jail/old\""))
                    .map(call -> call.name() + call.errno()).toList();
            assertEquals(List.of("mount", "pivot_rootEINVAL", "mount", "pivot_root"), calls, trace()::toString);
            assertCalled(pivoted(), "pivot_root\\(\".*/jail\", \".*/jail/old\"\\)");
            assertTrue(trace().first("mount", "\"none\"", "MS_SHARED").arguments().contains(place().path()));
        }

        @Test
        @Verifies("chroot.pivot-root")
        @DisplayName("has the jail as its root, a mount, and its host has what it had")
        void root() throws IOException {
            assertJailed(inside());
            assertEquals("/jail", inside().mountAt("/").orElseThrow().root());
            assertEquals(host().mountAt(place().path()).orElseThrow().device(), inside().mountAt("/").orElseThrow().device());
            assertEquals(identity(outside().root()), identity(host().root()));
            assertTrue(trace().succeeded("openat", "\"/old" + place().path() + "/secret\""), "the old root was below /old");
        }

        @Test
        @Verifies("chroot.moves-everybody")
        @DisplayName("has two neighbours who stood at the old root and elsewhere: one was moved, the other's directory was not")
        void everybody() throws IOException {
            var bystander = held().process("bystander");
            assertJailed(bystander);
            assertEquals(identity(jail()), identity(bystander.folder().resolve("cwd")));
            assertJailed(held().process("elsewhere"));
            assertEquals(identity(place().file("")), identity(held().process("elsewhere").folder().resolve("cwd")));
            assertEquals(Files.readString(place().file("secret")), Files.readString(held().process("elsewhere").folder().resolve("cwd/secret")));
            assertCalled(pivoted(), "chdir\\(\"/\"\\)"); // all that the first one ever called
            assertCalled(pivoted(), "chdir\\(\"" + place().path() + "\"\\)");
        }

        @Test
        @Verifies("chroot.detached")
        @DisplayName("has no mount of the old root any more")
        void detached() throws IOException {
            assertEquals(List.of("/", "/dev/null", "/proc"), points(inside()));
            assertEquals(List.of(), Files.list(Path.of(inside().root() + "/old")).toList());
            assertEquals(pivoted(), trace().first("umount2", "\"/old\"", "MNT_DETACH").pid());
        }

        @Test
        @Verifies("chroot.same-ways-closed")
        @DisplayName("has neighbours who tried to get out in the same ways, and are in")
        void closed() throws IOException {
            for (var way : List.of("second-chroot", "own-mount-namespace", "moved-directory")) {
                assertEquals(inside().link("mnt"), held().process("pivot-" + way).link("mnt"));
                assertJailed(held().process("pivot-" + way));
            }
            var moved = held().process("pivot-moved-directory").folder().resolve("cwd");
            assertEquals(identity(place().file("pivot")), identity(moved));
            assertFalse(Files.exists(moved.resolve("../secret")));
            assertCalled(pivoted(), "chroot\\(\"/tmp\"\\) chdir\\(\"\\.\\./[./]*\"\\) chroot\\(\"\\.\"\\)");
            assertCalled(pivoted(), "setns\\(\\d+[^,]*, CLONE_NEWNS\\)");
        }

        @Test
        @Verifies("chroot.open-directory")
        @DisplayName("has neighbours whom an open directory led out, and has none open itself")
        void open() throws IOException {
            for (var jail : List.of("chroot", "pivot")) assertEscaped(held().process(jail + "-open-directory"));
            for (var thread : List.of(prisoner(), pivoted())) assertCalled(thread, "fchdir\\(\\d+[^)]*\\) chroot\\(\"\\.\"\\)");
            assertTrue(trace().succeeded("openat", "\"/\", O_RDONLY|O_CLOEXEC"), trace()::toString);
            try (var open = Files.list(inside().folder().resolve("fd"))) {
                open.forEach(fd -> assertFalse(Files.isDirectory(fd), fd::toString));
            }
        }

        @Test
        @Verifies("chroot.foreign-process")
        @DisplayName("has neighbours who took the root of a process outside, and killed others")
        void foreign() throws IOException {
            for (var jail : List.of("chroot", "pivot")) assertEscaped(held().process(jail + "-foreign-process"));
            for (var thread : List.of(prisoner(), pivoted()))
                for (var calls : List.of("chroot\\(\"/proc/\\d+/root\"\\) chdir\\(\"/\"\\)", "kill\\(\\d+, SIGKILL\\)")) assertCalled(thread, calls);
        }

        @Test
        @Verifies("chroot.pid-namespace")
        @DisplayName("had a child in a PID namespace that found no process outside")
        void pidNamespace() {
            assertCalled(pivoted(), "CLONE_NEWPID mount\\(\"proc\", \"/proc\", \"proc\", 0, NULL\\) kill\\(\\d+, SIGKILL\\)ESRCH chroot\\(\"/proc/\\d+/root\"\\)ENOENT");
            assertTrue(host().alive());
        }

        @Test
        @Verifies("chroot.without-a-place")
        @DisplayName("has a neighbour who got the same root without a directory for the old one")
        void dots() throws IOException {
            var dots = held().process("dots");
            assertEquals(Set.of("mnt"), dots.apartFrom(host()));
            assertJailed(dots);
            assertEquals(List.of("/", "/dev/null", "/proc"), points(dots));
            var pivot = trace().first("pivot_root", "\".\", \".\"");
            assertTrue(pivot.succeeded(), pivot::toString);
            assertTrue(trace().by(pivot.pid()).stream().anyMatch(call -> call.succeeded() && call.name().equals("umount2") && call.arguments().equals("\".\", MNT_DETACH")));
        }

        @Test
        @Verifies("chroot.as-an-ordinary-user")
        @DisplayName("has a neighbour who did it in a user namespace of its own")
        void rootless() throws IOException {
            var rootless = held().process("rootless");
            assertEquals(Set.of("mnt", "user"), rootless.apartFrom(host()));
            assertEquals((long) as().uid(), rootless.uidMap().get(0).outside());
            assertEquals(1, rootless.uidMap().get(0).count());
            assertJailed(rootless);
        }
    }
}
