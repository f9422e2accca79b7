import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Mount;
import outside.Place;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/** Looks at the Overlay lab from outside: into the layers by /proc/PID/root, at the mount lists, and what the kernel answered. */
@DisplayName("Overlay")
class OverlayTest {
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
            super("Overlay", as);
        }

        /** The process that stands where the lab's host stands: it sees the layers, and no overlay. */
        private Proc host() {
            return held().process("host");
        }

        private Trace trace() {
            return trace("mount", "umount2", "rename", "renameat", "mkdir", "mkdirat", "pivot_root", "clone");
        }

        private String place() {
            return Place.of(host(), outside()).path();
        }

        /** A file as the host finds it, in a layer. */
        private Path layer(String path) {
            return Place.of(host(), outside()).file(path);
        }

        /** A file as the process inside finds it, in an overlay. */
        private Path seen(String path) {
            return Place.of(host(), outside()).file(inside(), path);
        }

        /** The directory that only the lab's image has. */
        private String own() {
            return Ran.names(layer("image")).filter(name -> name.startsWith("overlay-lab-")).findFirst().orElseThrow();
        }

        private static boolean there(Path file) {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        }

        private static long number(Path file, String attribute) throws IOException {
            return ((Number) Files.getAttribute(file, "unix:" + attribute, LinkOption.NOFOLLOW_LINKS)).longValue();
        }

        private static void assertWhiteout(Path file) throws IOException {
            assertEquals(0020000, number(file, "mode") & 0170000, () -> file + " is a character device");
            assertEquals(0, number(file, "rdev"));
        }

        /** The upper layer or the lower ones, as the options of an overlay name them. */
        private static String option(Mount overlay, String name) {
            return overlay.superOptions().replaceFirst("(^|.*,)" + name + "=([^,]*).*", "$2");
        }

        /** The errnos of the calls with such arguments, in their order; on aarch64 mkdir is mkdirat. */
        private List<String> answers(String name, String pattern) {
            return trace().calls().stream().filter(call -> call.name().startsWith(name) && call.arguments().matches(pattern)).map(Trace.Call::errno).toList();
        }

        /** Shell commands in a directory below the place, where the process inside stands, run by whoever ran the lab: that one is root in there. */
        private Ran asItsRoot(String directory, String commands) {
            var line = new ArrayList<>(List.of("nsenter", "--mount=" + inside().folder() + "/ns/mnt"));
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user=" + inside().folder() + "/ns/user", "--preserve-credentials"));
            line.addAll(List.of("sh", "-ec", "cd " + place() + "/" + directory + "; " + commands));
            return Ran.command(as().command(line).toArray(String[]::new));
        }

        @Test
        @DisplayName("stands apart in its mount namespace and in no other, and so does its host")
        void apart() {
            assertApartExactlyIn("mnt");
            assertEquals(Set.of("mnt"), inside().apartFrom(host()));
            assertEquals(List.of(), host().mounts().stream().filter(mount -> mount.point().startsWith(place() + "/") && mount.type().equals("overlay")).toList());
        }

        @Test
        @Verifies("overlay.layers-in-one")
        @DisplayName("has an overlay with the names of all of its layers")
        void one() throws IOException {
            var overlay = inside().mountAt(place() + "/b/root").orElseThrow();
            assertEquals("overlay", overlay.type());
            assertEquals(place() + "/patch:" + place() + "/image", option(overlay, "lowerdir"));
            var names = new TreeSet<>(Ran.names(layer("image/etc")).toList());
            assertTrue(names.addAll(Ran.names(layer("patch/etc")).toList()), "the patch has a name that the image has not");
            assertEquals(names, new TreeSet<>(Ran.names(seen("b/root/etc")).toList()));
            assertEquals(Files.readString(layer("image/etc/motd")), Files.readString(seen("b/root/etc/motd")));
        }

        @Test
        @Verifies("overlay.topmost-wins")
        @DisplayName("has the patch's file where the image has one, too")
        void topmost() throws IOException {
            assertNotEquals(Files.readString(layer("image/etc/version")), Files.readString(layer("patch/etc/version")));
            assertEquals(Files.readString(layer("patch/etc/version")), Files.readString(seen("b/root/etc/version")));
        }

        @Test
        @Verifies("overlay.copy-up")
        @DisplayName("has the whole file in the upper layer of which it wrote eight bytes")
        void copyUp() throws IOException {
            byte[] image = Files.readAllBytes(layer("image/data/large")), upper = Files.readAllBytes(layer("a/upper/data/large"));
            assertEquals(image.length + 8, upper.length);
            assertArrayEquals(image, java.util.Arrays.copyOf(upper, image.length));
            assertFalse(there(layer("b/upper/data/large")));
        }

        @Test
        @Verifies("overlay.mapped-before")
        @DisplayName("has the original in its memory still, where the file with the original's inode number is the copy")
        void mapped() throws IOException {
            assertEquals(number(layer("image/etc/motd"), "ino"), number(seen("a/root/etc/motd"), "ino"));
            assertNotEquals(number(layer("a/upper/etc/motd"), "ino"), number(seen("a/root/etc/motd"), "ino"));
            var original = Files.readString(layer("image/etc/motd"));
            assertEquals(Files.readString(layer("a/upper/etc/motd")), Files.readString(seen("a/root/etc/motd")));
            assertNotEquals(original, Files.readString(seen("a/root/etc/motd")));
            assertEquals(List.of(original), mappingsOf("/a/root/etc/motd"));
            assertTrue(asItsRoot("b/root", "exec 5< etc/passwd; echo more >> etc/passwd; cat <&5").text().endsWith("more"), "who has it open reads the copy");
        }

        /** The first eight bytes of each mapping that a process of the lab has of a file, from its memory. */
        private List<String> mappingsOf(String file) throws IOException {
            var texts = new ArrayList<String>();
            for (var process : held().processes())
                for (var line : process.lines("maps").stream().filter(map -> map.endsWith(file)).toList())
                    try (var memory = new RandomAccessFile(process.folder().resolve("mem").toFile(), "r")) {
                        var bytes = new byte[8];
                        memory.seek(Long.parseUnsignedLong(line.substring(0, line.indexOf('-')), 16));
                        memory.readFully(bytes);
                        texts.add(new String(bytes, US_ASCII));
                    }
            return texts;
        }

        @Test
        @Verifies("overlay.whiteout")
        @DisplayName("has a whiteout for the file that it removed")
        void whiteout() throws IOException {
            assertTrue(Files.isRegularFile(layer("image/data/other")));
            assertWhiteout(layer("a/upper/data/other"));
            assertEquals(List.of("large"), Ran.names(seen("a/root/data")).toList());
        }

        @Test
        @Verifies("overlay.rename-directory")
        @DisplayName("could rename a file of the image and no directory")
        void rename() throws IOException {
            assertEquals(List.of("EXDEV", ""), answers("rename", ".*/a/root/.*"));
            assertTrue(Files.isDirectory(seen("a/root/sys")));
            assertArrayEquals(Files.readAllBytes(layer("image/etc/group")), Files.readAllBytes(layer("a/upper/etc/groups")));
            assertWhiteout(layer("a/upper/etc/group"));
            assertFalse(there(seen("a/root/etc/group")));
        }

        @Test
        @Verifies("overlay.opaque")
        @DisplayName("has an empty directory over a full one, which says that it is opaque")
        void opaque() throws IOException {
            assertEquals(List.of("entry"), Ran.names(layer("image/cache")).toList());
            assertEquals(List.of(), Ran.names(seen("a/root/cache")).toList());
            assertTrue(Files.isDirectory(layer("a/upper/cache"), LinkOption.NOFOLLOW_LINKS));
            var value = new byte[1];
            var length = NativeLibrary.getInstance("c").getFunction("lgetxattr").invokeLong(new Object[] {layer("a/upper/cache").toString(),
                    (as() == As.ROOT ? "trusted" : "user") + ".overlay.opaque", value, 1L});
            assertEquals("1 y", length + " " + new String(value, US_ASCII));
        }

        @Test
        @Verifies("overlay.read-only")
        @DisplayName("could not write to an overlay without an upper layer")
        void readOnly() {
            assertEquals(List.of(""), answers("mount", "\"overlay\", \"[^\"]*/shown\", .*\"lowerdir=[^\"]*/patch:[^\"]*/image\""));
            assertEquals(List.of("EROFS"), answers("mkdir", ".*/shown/.*"));
        }

        @Test
        @Verifies("overlay.work-beside-upper")
        @DisplayName("was refused a work directory on another mount, and the upper layer itself")
        void work() {
            assertTrue(trace().succeeded("mount", "\"elsewhere\", ", "/elsewhere\", \"tmpfs\""));
            assertEquals(List.of("EINVAL"), answers("mount", "\"overlay\", .*upperdir=[^\"]*/c/upper,workdir=[^\"]*/elsewhere[,\"].*"));
            assertEquals(List.of("EINVAL"), answers("mount", "\"overlay\", .*upperdir=[^\"]*/c/upper,workdir=[^\"]*/c/upper[,\"].*"));
            assertEquals(List.of("", ""), answers("mount", "\"overlay\", .*upperdir=[^\"]*/c/upper,workdir=[^\"]*/c/work[,\"].*"));
        }

        @Test
        @Verifies("overlay.on-an-overlay")
        @DisplayName("could lay an overlay over an overlay, but not below one, nor a third one")
        void stacked() {
            assertEquals(List.of(""), answers("mount", "\"overlay\", \"[^\"]*/shown\", .*\"lowerdir=[^\"]*/a/root:[^\"]*\""));
            assertEquals(List.of("EINVAL"), answers("mount", "\"overlay\", .*upperdir=[^\"]*/a/root/tmp,workdir=[^\"]*/a/root/sys[,\"].*"));
            assertEquals(List.of("EINVAL"), answers("mount", "\"overlay\", \"[^\"]*/c/root\", .*\"lowerdir=[^\"]*/shown:[^\"]*\""));
        }

        @Test
        @Verifies("overlay.container-root")
        @DisplayName("has a container without a program that the image has")
        void container() throws IOException {
            var a = held().process("a");
            assertEquals("overlay", a.mountAt("/").orElseThrow().type());
            assertEquals(List.of("/", "/dev/null"), a.mounts().stream().map(Mount::point).sorted().toList());
            assertEquals(List.of("program"), Ran.names(layer("image/" + own())).toList());
            assertEquals(List.of("changed-in-a"), Ran.names(a.root().resolve(own())).toList());
            assertWhiteout(layer("a/upper/" + own() + "/program"));
        }

        @Test
        @Verifies("overlay.shared-lower")
        @DisplayName("has two containers on one image that do not see each other's changes")
        void shared() {
            Proc a = held().process("a"), b = held().process("b");
            assertEquals(option(a.mountAt("/").orElseThrow(), "lowerdir"), option(b.mountAt("/").orElseThrow(), "lowerdir"));
            assertNotEquals(option(a.mountAt("/").orElseThrow(), "upperdir"), option(b.mountAt("/").orElseThrow(), "upperdir"));
            assertTrue(there(layer("a/upper/" + own() + "/changed-in-a")) && there(layer("b/upper/" + own() + "/changed-in-b")));
            assertEquals(List.of("changed-in-b", "program"), Ran.names(b.root().resolve(own())).sorted().toList());
            assertEquals(List.of("changed-in-a"), Ran.names(a.root().resolve(own())).toList());
            assertEquals(List.of("changed-in-b"), Ran.names(layer("b/upper/" + own())).toList());
        }

        @Test
        @Verifies("overlay.in-a-user-namespace")
        @DisplayName("has a neighbour in a user namespace with an overlay of its own, and a change in it")
        void rootless() throws IOException {
            var rootless = held().process("rootless");
            assertEquals(Set.of("mnt", "user"), rootless.apartFrom(inside()));
            assertEquals((long) as().uid(), rootless.uidMap().get(0).outside());
            assertEquals("overlay", rootless.mountAt(place() + "/c/root").orElseThrow().type());
            assertTrue(inside().mountAt(place() + "/c/root").isEmpty());
            assertEquals(Files.readString(layer("c/upper/etc/motd")), Files.readString(Path.of(rootless.root() + place() + "/c/root/etc/motd")));
            assertNotEquals(Files.readString(layer("image/etc/motd")), Files.readString(layer("c/upper/etc/motd")));
        }

        @Test
        @Verifies("overlay.id-mapped-layer")
        @DisplayName("has a file with two owners, by two paths")
        void idMapped() throws IOException {
            var mount = inside().mountAt(place() + "/shown").orElseThrow();
            assertTrue(List.of(mount.options().split(",")).contains("idmapped") && mount.root().equals("/empty"), mount::toString);
            assertEquals(number(layer("empty/file"), "ino"), number(seen("shown/file"), "ino"));
            long shown = number(seen("shown/file"), "uid"), stored = number(seen("empty/file"), "uid");
            assertNotEquals(stored, shown);
            if (as() == As.ORDINARY_USER) assertEquals(List.of(as().uid(), 65534L), List.of(stored, shown));
            else assertTrue(stored >= 1000 && stored < 30000 && shown >= 30000 && shown < 60000, stored + " " + shown);
            assertEquals(stored, number(layer("empty/file"), "uid"));
        }

        @Test
        @Verifies("overlay.lower-never-written")
        @DisplayName("leaves the lower layers alone, whatever is done in an overlay")
        void lower() throws IOException {
            assertTrue(trace().of("mount").stream().noneMatch(call -> call.arguments().matches(".*(upper|work)dir=[^,\"]*/(image|patch)[,\"].*")), trace()::toString);
            assertEquals(Files.readString(layer("image/data/other")), Files.readString(layer("image/etc/motd")));
            var times = "find image patch -exec stat -c '%n %z' {} +"; // ctime: nobody can set it back
            var before = asItsRoot("", times).text();
            assertTrue(before.lines().count() > 20, before);
            asItsRoot("b/root", "echo more >> etc/version; chmod 600 data/large; rm data/other; mv cache cash; mkdir cache; ls -R . > tmp/list; rmdir sys").okay();
            assertEquals(before, asItsRoot("", times).text());
            assertWhiteout(layer("b/upper/data/other"));
        }
    }
}
