import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.Nsfs;
import outside.Proc;
import outside.Ran;
import outside.Scratch;
import outside.Snapshot;
import outside.Trace;

/** The eyes of the tests, compared with the machine's own programs: eyes that see nothing would pass every lab. */
@DisplayName("The tests themselves")
class OutsideTest {
    /** A process in namespaces made by unshare(1): no lab's doing. It waits for the end of its input. */
    private static Process unshared(String... options) throws IOException {
        var command = Stream.of(Stream.of("unshare"), Stream.of(options), Stream.of("sh", "-c", "echo ready; exec cat")).flatMap(words -> words).toArray(String[]::new);
        var builder = new ProcessBuilder(command);
        builder.environment().put(Scratch.MARKER, Scratch.RUN + "/eyes/");
        var process = builder.start();
        assertEquals('r', process.getInputStream().read(), () -> "unshare " + String.join(" ", options) + " works here");
        return process;
    }

    private static String[] with(String... options) {
        return As.TESTS_ARE_ROOT ? options : Stream.concat(Stream.of("--user", "--map-root-user"), Stream.of(options)).toArray(String[]::new);
    }

    private static Set<String> types(String... types) {
        return new java.util.TreeSet<>(Stream.concat(Stream.of(types), As.TESTS_ARE_ROOT ? Stream.of() : Stream.of("user")).toList());
    }

    @Test
    @DisplayName("read the same links as readlink(1), and stand apart from nobody")
    void links() {
        var self = Proc.self();
        assertEquals(Ran.command("readlink", "/proc/self/ns/uts").text(), self.link("uts"));
        assertEquals(Ran.command("stat", "-L", "-c", "%d:%i", "/proc/self/ns/net").text(), self.identity("net"));
        assertEquals(Set.of(), self.apartFrom(Proc.of(ProcessHandle.current().pid())));
    }

    @Test
    @DisplayName("see in which types a process stands apart, and enter them")
    void apart() throws IOException {
        var process = unshared(with("--uts", "--net", "--mount"));
        try {
            var inside = Proc.of(process.pid());
            assertEquals(types("mnt", "net", "uts"), inside.apartFrom(Proc.self()));
            assertEquals(Set.of("lo"), inside.netDevices());
            assertEquals(inside.link("uts"), Enter.the(inside, "uts").text("readlink", "/proc/self/ns/uts"));
            Enter.the(inside, "uts").text("hostname", "renamed-by-the-tests");
            assertEquals("renamed-by-the-tests", Enter.the(inside, "uts").text("hostname"));
            assertNotEquals("renamed-by-the-tests", Ran.command("hostname").text());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName("know who owns a namespace, and whose id an id is")
    void owner() throws IOException {
        assumeTrue(Ran.command("unshare", "--user", "true").exit() == 0, "no user namespace is allowed here");
        var process = unshared("--user", "--map-root-user", "--uts");
        try {
            var inside = Proc.of(process.pid());
            assertEquals(inside.link("user"), Nsfs.ownerOf(inside.folder().resolve("ns/uts")));
            assertEquals(Proc.self().link("user"), Nsfs.parentOf(inside.folder().resolve("ns/user")));
            assertEquals(0x10000000, Nsfs.typeOf(inside.folder().resolve("ns/user")), "CLONE_NEWUSER");
            long uid = Proc.self().uids().get(1);
            assertEquals(uid, Nsfs.ownerUidOf(inside.folder().resolve("ns/user")));
            assertEquals(List.of(new Proc.IdRange(0, uid, 1)), inside.uidMap());
            assertEquals("deny", inside.setgroups());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName("read mounts with their tags as findmnt(8) does")
    void mounts() throws IOException {
        assumeTrue(Ran.has("findmnt"), "findmnt(8) is not installed");
        var process = unshared(with("--mount", "--propagation", "private"));
        try {
            var inside = Proc.of(process.pid());
            var folder = As.TESTS_ARE_ROOT ? As.ROOT.newFolder() : As.ORDINARY_USER.newFolder();
            Enter.the(inside, "mnt").text("mount", "-t", "tmpfs", "-o", "size=64k", "a name", folder.toString());
            assertTrue(inside.mountAt(folder.toString()).orElseThrow().isPrivate());
            assertEquals("a name", inside.mountAt(folder.toString()).orElseThrow().source());
            Enter.the(inside, "mnt").text("mount", "--make-shared", folder.toString());
            assertTrue(inside.mountAt(folder.toString()).orElseThrow().peerGroup() > 0);
            assertEquals("shared", Enter.the(inside, "mnt").text("findmnt", "-no", "PROPAGATION", folder.toString()));
            assertTrue(Proc.self().mountAt(folder.toString()).isEmpty());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    @DisplayName("notice a process, a file and a queue that are left behind, and only then")
    void snapshot() throws IOException, InterruptedException {
        var before = Snapshot.take();
        var left = unshared(with("--uts"));
        var file = Files.createTempFile("left-behind", "");
        var queue = Ran.command("ipcmk", "-Q").text().replaceAll("\\D", "");
        try {
            var differences = Snapshot.differences(before, Snapshot.take());
            assertTrue(differences.stream().anyMatch(line -> line.startsWith("process new: " + left.pid() + " ")), differences::toString);
            assertTrue(differences.contains("file in /tmp new: " + file.getFileName()), differences::toString);
            assertTrue(differences.stream().anyMatch(line -> line.startsWith("System V object new: msg ") && line.contains(" " + queue + " ")), differences::toString);
        } finally {
            Ran.command("ipcrm", "-q", queue);
            Files.delete(file);
            left.destroyForcibly().waitFor();
        }
        assertEquals(List.of(), Snapshot.settled(before, 10));
    }

    @Test
    @DisplayName("put together what strace(1) tells in halves")
    void trace() {
        var calls = Trace.parse(List.of(
                "7  unshare(CLONE_NEWUTS <unfinished ...>",
                "8  sethostname(\"a (b) = c\", 9) = -1 EPERM (Operation not permitted)",
                "7  <... unshare resumed>)            = 0",
                "8  --- SIGCHLD {si_signo=SIGCHLD} ---",
                "9  mount(\"x\", \"/y\", 0x0, MS_REC|MS_PRIVATE, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)",
                "8  clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD <unfinished ...>",
                "8  +++ killed by SIGKILL +++",
                "9  readlink(\"/proc/9/ns/uts\",  <unfinished ...>",
                "9  <... readlink resumed>\"uts:[4026531838]\", 4097) = 16",
                "10 execve(\"/bin/sh\", [\"/bin/sh\"], 0x7ffdfcfc0d60 /* 42 vars */ <detached ...>"));
        assertEquals(List.of("8 sethostname(\"a (b) = c\", 9) = -1 EPERM", "7 unshare(CLONE_NEWUTS) = 0",
                "9 mount(\"x\", \"/y\", 0x0, MS_REC|MS_PRIVATE, NULL) = ? ERESTARTSYS", "9 readlink(\"/proc/9/ns/uts\", \"uts:[4026531838]\", 4097) = 16",
                "8 clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = ?",
                "10 execve(\"/bin/sh\", [\"/bin/sh\"], 0x7ffdfcfc0d60 /* 42 vars */) = ?"),
                calls.stream().map(Trace.Call::toString).toList());
        assertFalse(calls.get(2).succeeded());
        assertTrue(calls.get(1).succeeded());
    }

    @Test
    @DisplayName("start an ordinary user's lab with no privilege at all")
    void ordinary() {
        assumeTrue(As.ORDINARY_USER.obstacle() == null, () -> As.ORDINARY_USER.obstacle());
        var ran = Ran.command(As.ORDINARY_USER.command(List.of("sh", "-c", "id -u; grep CapEff /proc/self/status; cat /proc/1/environ")).toArray(String[]::new));
        var lines = ran.stdout().lines().toList();
        assertEquals(String.valueOf(As.ORDINARY_USER.uid()), lines.get(0), ran::toString);
        assertNotEquals("0", lines.get(0));
        assertEquals("CapEff:\t0000000000000000", lines.get(1), ran::toString);
        assertNotEquals(0, ran.exit(), "may read the environment of process 1");
    }
}
