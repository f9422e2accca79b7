import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/**
 * Looks at the Cgroup lab from outside: the same /proc files read by a process of the tests' own namespace and by one that
 * nsenter(1) has put into the lab's, the directories of the mounted trees, and what the kernel answered to its calls.
 */
@DisplayName("Cgroup")
class CgroupTest {
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
            super("Cgroup", as);
        }

        @Test
        @DisplayName("the process inside stands apart in the cgroup namespace only, and its companion in none")
        void apart() {
            assertApartExactlyIn("cgroup");
            assertEquals(as() == As.ORDINARY_USER ? Set.of("user") : Set.of(), plain().apartFrom(outside()));
        }

        @Test
        @Verifies("cgroup.path-becomes-root")
        @DisplayName("who reads inside sees / in every tree, where who reads outside sees a longer path in one at least")
        void pathBecomesRoot() {
            assertTrue(inside().cgroups().values().stream().anyMatch(path -> path.length() > 1), () -> "outside: " + inside().cgroups());
            readInside(inside()).forEach((tree, path) -> assertEquals("/", path, () -> "tree " + tree));
            assertEquals(inside().cgroups(), plain().cgroups());
        }

        @Test
        @Verifies("cgroup.unified-too")
        @DisplayName("so it is in the tree of cgroup v2")
        void unified() {
            assertTrue(inside().cgroups().get("").length() > 1, () -> "outside: " + inside().cgroups());
            assertEquals("/", readInside(inside()).get(""));
        }

        @Test
        @Verifies("cgroup.outside-sees-the-path")
        @DisplayName("outside, its paths are those of its companion, which are the paths below the one of who started the lab")
        void outsideSeesThePath() {
            assertEquals(plain().cgroups(), inside().cgroups());
            var started = held().lab().pid();
            Proc.of(started).cgroups().forEach((tree, path) -> assertTrue(Path.of(inside().cgroups().get(tree)).startsWith(path), () -> tree + ": " + inside().cgroups()));
            assertTrue(inside().cgroups().values().stream().anyMatch(path -> path.length() > 1), () -> "outside: " + inside().cgroups());
        }

        @Test
        @Verifies("cgroup.nothing-moves")
        @DisplayName("the directory of its cgroup lists it beside its companion, in every tree")
        void nothingMoves() throws IOException {
            assertFalse(directories(inside()).isEmpty());
            for (var directory : directories(inside()).values()) {
                var procs = Files.readAllLines(directory.resolve("cgroup.procs"));
                assertTrue(procs.containsAll(List.of("" + inside().pid(), "" + plain().pid())), () -> directory + ": " + procs);
            }
        }

        @Test
        @Verifies("cgroup.nothing-is-limited")
        @DisplayName("it is limited exactly as its companion is")
        void nothingIsLimited() {
            assertEquals(directories(plain()), directories(inside()));
            assertEquals(plain().text("limits"), inside().text("limits"));
            for (var field : List.of("Cpus_allowed", "Mems_allowed")) assertEquals(plain().status().get(field), inside().status().get(field));
            assertNotEquals(plain().identity("cgroup"), inside().identity("cgroup"));
        }

        @Test
        @Verifies("cgroup.cgroups-limit")
        @DisplayName("a limit set from outside holds for who stands in the namespace and for who does not")
        void cgroupsLimit() throws IOException {
            var directory = directories(inside()).get("");
            var limit = directory.resolve("cgroup.max.descendants");
            var mkdir = new String[] {"mkdir", directory.resolve("below").toString()};
            Files.writeString(limit, "0");
            assertNotEquals(0, enter("cgroup").run(mkdir).exit());
            assertNotEquals(0, Ran.command(mkdir).exit());
            Files.writeString(limit, "max");
            assertEquals(0, enter("cgroup").run(mkdir).exit());
            Files.delete(directory.resolve("below"));
            var refused = calls().calls().stream().filter(call -> call.name().startsWith("mkdir") && call.errno().equals("EAGAIN")).toList();
            assertEquals(2, refused.stream().map(Trace.Call::pid).distinct().count(), () -> "processes of the lab that were refused: " + refused);
        }

        @Test
        @Verifies("cgroup.dots-lead-out")
        @DisplayName("who reads inside sees every process by the way from the root of the namespace, and /.. for some")
        void dotsLeadOut() {
            boolean dots = false;
            for (var other : List.of(Proc.self(), plain(), Proc.of(held().lab().pid()), Proc.of(1))) {
                var expected = new LinkedHashMap<String, String>();
                other.cgroups().forEach((tree, path) -> expected.put(tree, way(inside().cgroups().get(tree), path)));
                assertEquals(expected, readInside(other), () -> "cgroups of " + other);
                dots |= expected.values().stream().anyMatch(path -> path.startsWith("/.."));
            }
            assertTrue(dots, "nobody stands outside of its root");
        }

        @Test
        @Verifies("cgroup.mountinfo-root")
        @DisplayName("the roots of the cgroup mounts are told by the way from the root of the namespace, and some by /..")
        void mountinfoRoot() {
            var seen = enter("cgroup").text("cat", inside().folder() + "/mountinfo").lines().filter(line -> line.contains(" - cgroup")).map(line -> line.split(" ")).toList();
            assertTrue(seen.stream().anyMatch(fields -> fields[3].startsWith("/..")), () -> "roots: " + seen.stream().map(fields -> fields[3]).toList());
            for (var fields : seen) {
                var tree = inside().mountAt(fields[4]).orElseThrow();
                assertEquals(way(inside().cgroups().get(name(tree)), tree.root()), fields[3], () -> "root of " + tree);
            }
        }

        @Test
        @Verifies("cgroup.mount-shows-own-root")
        @DisplayName("a cgroup file system mounted inside has the process inside in its top directory")
        void mountShowsOwnRoot() {
            var directories = directories(inside());
            var tree = inside().cgroups().getOrDefault("", "/").length() > 1 ? "" : inside().cgroups().entrySet().stream()
                    .filter(each -> each.getValue().length() > 1 && directories.containsKey(each.getKey())).findFirst().orElseThrow(() -> new AssertionError("every path is /")).getKey();
            var mount = tree.isEmpty() ? "mount -t cgroup2 none /mnt" : "mount -t cgroup -o " + tree + " none /mnt";
            var script = mount + " && grep -cx " + inside().pid() + " /mnt/cgroup.procs && awk '$5 == \"/mnt\" {print $4}' /proc/self/mountinfo";
            assertEquals("1\n/", enter("cgroup").text("unshare", "--mount", "--propagation", "private", "sh", "-c", script));
            assertTrue(calls().succeeded("mount", "\"cgroup"), () -> "the lab mounted none: " + calls());
        }

        @Test
        @Verifies("cgroup.moved-to-a-sibling")
        @DisplayName("a process that is moved beside the root of the namespace is told by /.. inside")
        void movedToASibling() throws IOException {
            assertTrue(inside().cgroups().get("").length() > 1, () -> "outside: " + inside().cgroups());
            var own = directories(inside()).get("");
            var beside = Files.createDirectory(own.resolveSibling("beside"));
            try {
                Files.writeString(beside.resolve("cgroup.procs"), "" + plain().pid());
                assertEquals("/../beside", readInside(plain()).get(""));
                assertEquals(Path.of(inside().cgroups().get("")).resolveSibling("beside").toString(), plain().cgroups().get(""));
            } finally {
                Files.writeString(own.resolve("cgroup.procs"), "" + plain().pid());
                Files.delete(beside);
            }
            assertTrue(calls().of("openat").stream().anyMatch(call -> call.succeeded() && call.arguments().contains("/sibling/cgroup.procs\"")), "the lab moved nobody");
        }

        @Test
        @Verifies({"cgroup.needs-cap-sys-admin", "cgroup.user-ns-suffices"})
        @DisplayName("the kernel refused a cgroup namespace without CAP_SYS_ADMIN, and made one with a user namespace")
        void privilege() {
            assertTrue(calls().failed("unshare", "EPERM", "CLONE_NEWCGROUP"), () -> "" + calls());
            assertTrue(calls().succeeded("unshare", "CLONE_NEWCGROUP"), () -> "" + calls());
            assertTrue(calls().succeeded("clone", "CLONE_NEWUSER", "CLONE_NEWCGROUP"), () -> "" + calls());
            var powerless = as() == As.ROOT ? List.of("setpriv", "--inh-caps=-all", "--bounding-set=-sys_admin") : List.of("env");
            assertNotEquals(0, as(powerless, "unshare", "--cgroup", "true").exit());
            var link = as(powerless, "unshare", "--user", "--map-root-user", "--cgroup", "readlink", "/proc/self/ns/cgroup").text();
            assertTrue(link.startsWith("cgroup:[") && !link.equals(outside().link("cgroup")), link);
        }

        @Test
        @Verifies("cgroup.rootless-mounts")
        @DisplayName("an ordinary user mounts cgroup2 and may not write there what belongs to root")
        void rootlessMounts() {
            var nobody = as() == As.ROOT ? List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all") : List.of("env");
            var script = "mount -t cgroup2 none /mnt && awk '$5 == \"/mnt\" {print $4}' /proc/self/mountinfo && ls /mnt/cgroup.procs && ! sh -c 'echo 0 > /mnt/cgroup.procs' 2>/dev/null";
            assertEquals("/\n/mnt/cgroup.procs", as(nobody, "unshare", "--user", "--map-root-user", "--mount", "--cgroup", "sh", "-c", script).text());
            var mount = calls().of("mount").stream().filter(call -> call.succeeded() && call.arguments().contains("\"cgroup2\"")).map(Trace.Call::pid).toList();
            assertTrue(calls().of("openat").stream().anyMatch(call -> mount.contains(call.pid()) && call.errno().equals("EACCES")
                    && call.arguments().contains("cgroup.procs\", O_WRONLY")), () -> "mounted by " + mount);
        }

        // ---- how these tests look

        private Proc plain() {
            return held().process("plain");
        }

        private Trace calls() {
            return trace("unshare", "clone", "mount", "mkdir", "mkdirat", "openat");
        }

        /** The cgroups of a process as a reader in the lab's namespace sees them. */
        private Map<String, String> readInside(Proc who) {
            var cgroups = new LinkedHashMap<String, String>();
            enter("cgroup").text("cat", who.folder() + "/cgroup").lines().map(line -> line.split(":", 3)).forEach(fields -> cgroups.put(fields[1], fields[2]));
            return cgroups;
        }

        private Ran as(List<String> powerless, String... command) {
            var line = new ArrayList<>(powerless);
            line.addAll(List.of(command));
            return Ran.command(as().command(line).toArray(String[]::new));
        }
    }

    /** From one cgroup to another: up by /.. and then down; cgroup_namespaces(7). */
    private static String way(String from, String to) {
        return "/" + Path.of(from).relativize(Path.of(to));
    }

    /** What /proc/PID/cgroup calls the tree of a mount: its controllers, or its name, or nothing for v2. */
    private static String name(Mount mount) {
        if (mount.type().equals("cgroup2")) return "";
        var options = List.of(mount.superOptions().split(","));
        return Proc.self().cgroups().keySet().stream().filter(tree -> !tree.isEmpty() && options.containsAll(List.of(tree.split(",")))).findFirst().orElse("?");
    }

    /** The directory of a process's cgroup in each tree that is mounted here. */
    private static Map<String, Path> directories(Proc who) {
        var directories = new LinkedHashMap<String, Path>();
        var cgroups = who.cgroups();
        for (var mount : Proc.self().mounts()) {
            if (!mount.type().startsWith("cgroup")) continue;
            var path = cgroups.get(name(mount));
            if (path != null && Path.of(path).startsWith(mount.root())) directories.put(name(mount), Path.of(mount.point(), Path.of(mount.root()).relativize(Path.of(path)).toString()));
        }
        return directories;
    }
}
