import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Mount;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Mount lab from outside: mount lists and roots in /proc, and what the kernel answered to mount(2). */
@DisplayName("Mount")
class MountTest {
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
            super("Mount", as);
        }

        /** The process that stands where the lab's host stands. */
        private Proc host() {
            return held().process("host");
        }

        private Trace trace() {
            return trace("clone", "unshare", "setns", "mount", "umount2", "rmdir", "unlinkat", "chdir", "chroot");
        }

        /** A file as a process finds it, by /proc/PID/root. */
        private static Path in(Proc proc, String path) {
            return Path.of(proc.root() + path);
        }

        private static boolean mounted(Proc proc, String point) {
            return proc.mountAt(point).isPresent();
        }

        /** The errno, or "", of a mount(2) with these words in the child that a clone(2) with exactly these flags made. */
        private String answer(Set<String> flags, String... words) {
            var children = trace().of("clone").stream()
                    .filter(call -> Set.of(call.arguments().replaceFirst(".*flags=([A-Z_|]+).*", "$1").split("\\|")).equals(flags)).map(Trace.Call::result).toList();
            return trace().of("mount").stream()
                    .filter(call -> children.contains(String.valueOf(call.pid())) && List.of(words).stream().allMatch(call.arguments()::contains))
                    .findFirst().orElseThrow(() -> new AssertionError("no child with " + flags + " called mount with " + List.of(words) + trace())).errno();
        }

        private Trace.Call call(String name, String words) {
            return trace().of(name).stream().filter(call -> call.arguments().contains(words)).findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " with " + words + trace()));
        }

        /** A command where the process inside stands, run by whoever ran the lab: that one is root in there. */
        private Ran asItsRoot(String... command) {
            var line = new ArrayList<>(List.of("nsenter", "--mount=" + inside().folder() + "/ns/mnt"));
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user=" + inside().folder() + "/ns/user", "--preserve-credentials"));
            line.addAll(List.of(command));
            return Ran.command(as().command(line).toArray(String[]::new));
        }

        @Test
        @DisplayName("stands apart in its mount namespace and in no other, and so does its host")
        void apart() {
            assertApartExactlyIn("mnt");
            assertEquals(Set.of("mnt"), inside().apartFrom(host()));
            assertNotEquals(outside().link("mnt"), host().link("mnt"));
        }

        @Test
        @Verifies("mount.starts-as-a-copy")
        @DisplayName("has its host's mount points, but for what it changed, and no mount ID of anybody else")
        void copy() {
            var expected = new ArrayList<>(host().mounts().stream().map(Mount::point).toList());
            assertTrue(expected.remove("/mnt/cd"), expected::toString);
            expected.addAll(List.of("/mnt/usb", "/mnt/album/holiday", "/mnt/plain", "/mnt/deep", "/mnt/deep/holiday", "/mnt/read-only"));
            assertEquals(expected.stream().sorted().toList(), inside().mounts().stream().map(Mount::point).sorted().toList());
            var ids = inside().mounts().stream().map(Mount::id).toList();
            assertTrue(Collections.disjoint(ids, host().mounts().stream().map(Mount::id).toList()), "IDs in common with the host");
            assertTrue(Collections.disjoint(ids, outside().mounts().stream().map(Mount::id).toList()), "IDs in common with the machine");
        }

        @Test
        @Verifies("mount.invisible-outside")
        @DisplayName("has a tmpfs on /mnt/usb that is mounted nowhere else")
        void invisible() {
            assertEquals("tmpfs", inside().mountAt("/mnt/usb").orElseThrow().type());
            assertTrue(inside().mountAt("/mnt/usb").orElseThrow().isPrivate());
            assertFalse(mounted(host(), "/mnt/usb"), "on the lab's host");
            var device = inside().mountAt("/mnt/usb").orElseThrow().device();
            assertFalse(outside().mounts().stream().anyMatch(mount -> mount.device().equals(device)), "on the machine");
        }

        @Test
        @Verifies("mount.list-is-per-process")
        @DisplayName("is described by its own mounts, mountinfo and mountstats")
        void lists() {
            for (var file : List.of("mounts", "mountinfo", "mountstats")) {
                assertTrue(inside().text(file).contains(" /mnt/usb "), file);
                assertFalse(host().text(file).contains(" /mnt/usb "), "the host's " + file);
            }
        }

        @Test
        @Verifies("mount.file-only-inside")
        @DisplayName("has a file that only /proc/PID/root leads to")
        void file() throws IOException {
            assertTrue(Files.readString(in(inside(), "/mnt/usb/secret")).matches("[0-9a-f]{8}"));
            assertTrue(Files.isDirectory(in(host(), "/mnt/usb")));
            assertFalse(Files.exists(in(host(), "/mnt/usb/secret")), "on the lab's host");
            assertFalse(Files.exists(Path.of("/mnt/usb/secret")), "on the machine");
        }

        @Test
        @Verifies("mount.contents-not-isolated")
        @DisplayName("shares the files of a file system that both sides have mounted")
        void contents() throws IOException {
            assertEquals(inside().mountAt("/mnt").orElseThrow().device(), host().mountAt("/mnt").orElseThrow().device());
            assertEquals(Files.readString(in(inside(), "/mnt/note")), Files.readString(in(host(), "/mnt/note")));
            assertEquals(Files.readString(in(host(), "/mnt/answer")), Files.readString(in(inside(), "/mnt/answer")));
            var text = UUID.randomUUID().toString();
            Files.writeString(in(inside(), "/mnt/data/file"), text); // a new one would need an owner, and uid 0 may have no place in there
            assertEquals(text, Files.readString(in(host(), "/mnt/data/file")));
        }

        @Test
        @Verifies("mount.umount-only-inside")
        @DisplayName("has unmounted /mnt/cd, and its host still has it")
        void umount() {
            assertTrue(mounted(host(), "/mnt/cd"));
            assertFalse(mounted(inside(), "/mnt/cd"));
            assertEquals(call("mount", "\"usb\"").pid(), call("umount2", "\"/mnt/cd\"").pid());
            assertNotEquals(call("mount", "\"cd\"").pid(), call("umount2", "\"/mnt/cd\"").pid());
        }

        @Test
        @Verifies("mount.mount-point-removed")
        @DisplayName("lost a mount when its mount point was removed outside")
        void removed() {
            assertFalse(mounted(inside(), "/mnt/gone"));
            assertFalse(Files.exists(in(inside(), "/mnt/gone")));
            var mount = call("mount", "\"/mnt/gone\"");
            var rmdirs = trace().calls().stream().filter(call -> List.of("rmdir", "unlinkat").contains(call.name()) && call.arguments().contains("\"/mnt/gone\"")).toList();
            assertTrue(mount.succeeded(), mount::toString);
            assertEquals(List.of("EBUSY", ""), rmdirs.stream().map(Trace.Call::errno).toList(), rmdirs::toString);
            assertEquals(mount.pid(), rmdirs.get(0).pid());
            assertNotEquals(mount.pid(), rmdirs.get(1).pid());
        }

        @Test
        @Verifies("mount.recursive-bind")
        @DisplayName("has the mount below in the recursive bind mount only")
        void recursive() {
            assertEquals(inside().mountAt("/mnt/album/holiday").orElseThrow().device(), inside().mountAt("/mnt/deep/holiday").orElseThrow().device());
            assertEquals("/album", inside().mountAt("/mnt/plain").orElseThrow().root());
            assertTrue(Files.isDirectory(in(inside(), "/mnt/plain/holiday")));
            assertFalse(mounted(inside(), "/mnt/plain/holiday"));
            assertFalse(mounted(host(), "/mnt/album/holiday"));
        }

        @Test
        @Verifies("mount.read-only-in-two-steps")
        @DisplayName("could write on its read-only bind mount until the second step")
        void readOnly() throws IOException {
            var bind = inside().mountAt("/mnt/read-only").orElseThrow();
            assertEquals(inside().mountAt("/mnt").orElseThrow().device(), bind.device());
            assertTrue(List.of(bind.options().split(",")).contains("ro"), bind::toString);
            var refused = assertThrows(FileSystemException.class, () -> Files.writeString(in(inside(), "/mnt/read-only/file"), ""));
            assertEquals("Read-only file system", refused.getReason());
            Files.writeString(in(inside(), "/mnt/data/file"), "");
            var calls = trace("mount", "openat").calls().stream().filter(call -> call.arguments().contains("\"/mnt/read-only"))
                    .map(call -> call.name() + (call.arguments().contains("MS_REMOUNT") ? " again" : "") + call.errno()).toList();
            assertEquals(List.of("mount", "openat", "mount again", "openatEROFS"), calls.subList(0, 4));
            assertTrue(trace().succeeded("mount", "\"/mnt/data\", \"/mnt/read-only\"", "MS_RDONLY|MS_BIND"), trace()::toString);
        }

        @Test
        @Verifies("mount.locked-flags")
        @DisplayName("could make it writable again, but its child in another user namespace could not")
        void locked() {
            assertEquals("", answer(Set.of("CLONE_NEWNS", "SIGCHLD"), "\"/mnt/read-only\"", "MS_REMOUNT|MS_BIND"));
            assertEquals("EPERM", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "SIGCHLD"), "\"/mnt/read-only\"", "MS_REMOUNT|MS_BIND"));
            var writable = "mount -o remount,bind,rw /mnt/read-only && : > /mnt/read-only/file";
            var same = asItsRoot("unshare", "--mount", "sh", "-c", writable);
            assertEquals(0, same.exit(), same::toString);
            var other = asItsRoot("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", writable);
            assertTrue(other.exit() != 0 && other.stderr().contains("permission denied"), other::toString);
        }

        @Test
        @Verifies("mount.own-root-and-cwd")
        @DisplayName("has a thread that was moved by another one, but only until it had a mount namespace of its own")
        void ownDirectory() throws IOException {
            assertEquals("/mnt/usb", Files.readSymbolicLink(held().process("one").folder().resolve("cwd")).toString());
            assertEquals("/mnt/data", Files.readSymbolicLink(held().process("two").folder().resolve("cwd")).toString());
            var moves = trace().of("chdir");
            var one = call("chdir", "\"/mnt/data\"").pid();
            assertEquals(one, call("chdir", "\"/mnt/usb\"").pid());
            var unshares = trace().calls().subList(trace().calls().indexOf(call("chdir", "\"/mnt/data\"")), trace().calls().indexOf(call("chdir", "\"/mnt/usb\"")))
                    .stream().filter(call -> call.name().equals("unshare")).toList();
            assertEquals(1, unshares.size(), unshares::toString);
            var two = unshares.get(0).pid();
            assertNotEquals(one, two);
            assertFalse(moves.stream().anyMatch(call -> call.pid() == two), "it went to /mnt/data by itself" + trace());
        }

        @Test
        @Verifies("mount.setns-resets-root-and-cwd")
        @DisplayName("has a thread that left its root and its working directory behind by setns(2)")
        void moved() throws IOException {
            var mover = held().process("mover");
            assertEquals(inside().link("mnt"), mover.link("mnt"));
            assertEquals("/", Files.readSymbolicLink(mover.root()).toString());
            assertEquals("/", Files.readSymbolicLink(mover.folder().resolve("cwd")).toString());
            var pid = call("chroot", "\"/mnt\"").pid();
            var calls = trace().calls().stream().filter(call -> call.pid() == pid && call.succeeded()).map(Trace.Call::name).toList();
            assertEquals(List.of("unshare", "chroot", "chdir", "setns"), calls);
        }

        @Test
        @Verifies("mount.needs-cap-sys-admin")
        @DisplayName("was refused mount(2) and umount(2) without CAP_SYS_ADMIN")
        void capability() {
            assertTrue(trace().failed("mount", "EPERM", "\"mine\", \"/mnt/point\", \"tmpfs\""), trace()::toString);
            assertTrue(trace().failed("umount2", "EPERM", "\"/mnt/usb\""), trace()::toString);
        }

        @Test
        @Verifies("mount.user-ns-mounts")
        @DisplayName("had a child in a user namespace that could mount what is harmless")
        void harmless() {
            var flags = Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "CLONE_NEWIPC", "SIGCHLD");
            for (var type : List.of("tmpfs", "ramfs", "devpts", "mqueue")) assertEquals("", answer(flags, "\"/mnt/point\", \"" + type + "\""), type);
            assertEquals("", answer(flags, "\"/mnt/data\", \"/mnt/point\", NULL, MS_BIND"), "bind");
            assertFalse(mounted(host(), "/mnt/point"));
        }

        @Test
        @Verifies("mount.no-block-devices")
        @DisplayName("had a child in a user namespace that could not mount a file system of a block device")
        void blockDevices() throws IOException {
            var types = Files.readAllLines(Path.of("/proc/filesystems")).stream().filter(line -> !line.startsWith("nodev")).map(String::strip).toList();
            var refused = trace().of("mount").stream().filter(call -> types.stream().anyMatch(type -> call.arguments().contains(", \"" + type + "\","))).toList();
            assertEquals(List.of("EPERM"), refused.stream().map(Trace.Call::errno).toList(), trace()::toString);
            assertEquals("EPERM", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "SIGCHLD"), "\"/dev/no-such-device\""));
        }

        @Test
        @Verifies("mount.proc-needs-a-pid-namespace")
        @DisplayName("had children in a user namespace of which only the one with a PID namespace could mount proc")
        void proc() {
            assertEquals("EPERM", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "SIGCHLD"), "\"/mnt/point\", \"proc\""));
            assertEquals("", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "CLONE_NEWPID", "SIGCHLD"), "\"/mnt/point\", \"proc\""));
        }

        @Test
        @Verifies("mount.sysfs-needs-a-net-namespace")
        @DisplayName("had children in a user namespace of which only the one with a network namespace could mount sysfs")
        void sysfs() {
            assertEquals("EPERM", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "SIGCHLD"), "\"/mnt/point\", \"sysfs\""));
            assertEquals("", answer(Set.of("CLONE_NEWNS", "CLONE_NEWUSER", "CLONE_NEWNET", "SIGCHLD"), "\"/mnt/point\", \"sysfs\""));
        }
    }
}
