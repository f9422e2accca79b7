import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import outside.As;
import outside.Engine;
import outside.Enter;
import outside.Lab;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Verifies;

/** Looks at the containers of the Docker lab from outside: every engine that this machine has must be among them. */
@DisplayName("Docker")
class DockerTest {
    private static final List<String> ENGINES = List.of("docker", "podman", "runc", "crun", "bwrap");
    /** Those that obey the OCI specification; ours does too. */
    private static final Set<String> OCI = Set.of("own", "docker", "podman", "runc", "crun");
    private static Engine dockerd;
    private static String noDockerd;

    /** Without a daemon all the rest is still to be tested. */
    @BeforeAll
    static void startDocker() {
        try {
            dockerd = Engine.start();
        } catch (TestAbortedException e) {
            noDockerd = e.getMessage();
        }
    }

    @AfterAll
    static void stopDocker() {
        if (dockerd != null) dockerd.close();
    }

    private static Lab lab(As as) {
        var lab = Lab.named("Docker").as(as);
        return dockerd == null ? lab : lab.env("DOCKER_HOST", dockerd.host());
    }

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
            super(DockerTest.lab(as));
        }

        /** All containers of the lab by name: the seed's recipe, its own, and those of the engines. */
        private Map<String, Proc> containers() {
            var containers = new LinkedHashMap<>(Map.of("own", inside(), "recipe", held().process("recipe")));
            for (var engine : ENGINES) if (held().has(engine)) containers.put(engine, held().process(engine));
            return containers;
        }

        /** Those of them that an ordinary user may look into: not docker's, which are root's. */
        private Map<String, Proc> readable() {
            var containers = containers();
            if (!As.TESTS_ARE_ROOT) containers.remove("docker");
            return containers;
        }

        @TestFactory
        @DisplayName("has made a container with")
        Stream<DynamicTest> engines() {
            return ENGINES.stream().map(engine -> dynamicTest(engine, () -> {
                assumeTrue(Ran.has(engine) || Files.isExecutable(Path.of("/usr/sbin", engine)), () -> engine + " is not installed");
                if (held().has(engine)) {
                    assertTrue(held().process(engine).alive());
                    return;
                }
                var said = lab().options("--json").run().stderr().lines().filter(line -> line.startsWith(engine + " makes no container")).findFirst().orElse(engine + " was not asked");
                assumeTrue(!engine.equals("docker") || dockerd != null, () -> noDockerd + "; " + said);
                assumeTrue(!said.contains("cgroup") || cgroupsCanBeMade(), said);
                // What a container or another machine without privileges answers; here all of them work.
                assumeTrue(!said.matches("(?i).*(not permitted|permission denied|no space left).*"), said);
                throw new AssertionError(said);
            }));
        }

        /** By who runs the tests, in all trees: so engines want it. */
        private static boolean cgroupsCanBeMade() {
            var trees = Proc.self().mounts().stream().filter(mount -> mount.type().startsWith("cgroup")).toList();
            return !trees.isEmpty() && trees.stream().allMatch(tree -> Files.isWritable(Path.of(tree.point())));
        }

        @Test
        @Verifies("docker.root-is-pivoted")
        @DisplayName("who enters the mount namespace of a container stands in its root directory, and above the recipe's")
        void root() throws IOException {
            for (var each : readable().entrySet()) {
                var container = each.getValue();
                var top = Enter.the(container, "mnt").text("stat", "-c", "%d:%i", "/");
                var root = Files.getAttribute(container.root(), "unix:dev") + ":" + Files.getAttribute(container.root(), "unix:ino");
                assertEquals(!each.getKey().equals("recipe"), top.equals(root), each::getKey);
                assertEquals(!each.getKey().equals("recipe"), container.mountAt("/").isPresent(), () -> each.getKey() + " has a mount at its root");
            }
        }

        @Test
        @Verifies({"docker.five-namespaces", "docker.never-time", "docker.user-is-optional"})
        @DisplayName("containers stand apart in five namespaces, not in time, and in user only when they are an ordinary user's")
        void namespaces() {
            readable().forEach((name, container) -> {
                var apart = container.apartFrom(outside());
                assertTrue(apart.containsAll(Set.of("mnt", "pid", "net", "ipc", "uts")), () -> name + ": " + apart);
                assertFalse(apart.contains("time"), () -> name + ": " + apart);
                assertEquals(as() == As.ORDINARY_USER && !name.equals("docker"), apart.contains("user"), () -> name + ": " + apart);
            });
        }

        @Test
        @Verifies("docker.hostname")
        @DisplayName("all have the hostname that they were told, and the machine has not")
        void hostname() {
            var expected = Enter.the(inside(), "uts").text("uname", "-n");
            assertTrue(expected.startsWith("c-"), expected);
            readable().forEach((name, container) -> assertEquals(expected, Enter.the(container, "uts").text("uname", "-n"), name));
            assertNotEquals(expected, Ran.command("uname", "-n").text());
        }

        @Test
        @Verifies({"docker.first-process", "docker.process-of-the-host"})
        @DisplayName("each is a process of the machine's with a second PID, which is 1, but after bwrap")
        void process() {
            containers().forEach((name, container) -> {
                var pids = container.nsPids();
                assertTrue(pids.size() > 1 && container.alive(), () -> name + ": " + pids);
                assertEquals(container.pid(), pids.get(0));
                assertEquals(!name.equals("bwrap"), pids.get(pids.size() - 1) == 1, () -> name + ": " + pids);
            });
        }

        @Test
        @Verifies("docker.own-cgroup")
        @DisplayName("who may make cgroups has made one for each OCI container")
        void cgroup() {
            var may = as() == As.ROOT && cgroupsCanBeMade();
            containers().forEach((name, container) -> assertEquals(OCI.contains(name) && (may || name.equals("docker")),
                    !container.cgroups().equals(outside().cgroups()), () -> name + ": " + container.cgroups()));
        }

        @Test
        @Verifies("docker.fewer-capabilities")
        @DisplayName("each OCI container lacks capabilities in its effective and in its bounding set, and the recipe none")
        void capabilities() {
            long full = outside().capabilities("CapBnd");
            containers().forEach((name, container) -> {
                for (var set : List.of("CapEff", "CapBnd")) {
                    long is = container.capabilities(set);
                    if (OCI.contains(name)) assertTrue(is != 0 && (is & ~full) == 0 && is != full, () -> name + " " + set + " " + Long.toHexString(is));
                    else assertEquals(full, is & full, () -> name + " " + set);
                }
            });
            if (held().has("docker")) assertEquals(0, held().process("docker").capabilities("CapBnd") & 1L << 21, "CAP_SYS_ADMIN of docker's");
        }

        private void assumeFree() {
            assumeTrue("0".equals(outside().status().get("Seccomp")), "the tests themselves stand under a filter");
            assumeTrue("0".equals(outside().status().get("NoNewPrivs")), "the tests themselves have no_new_privs");
        }

        /** What of these there is. */
        private List<Proc> those(String... names) {
            var those = Stream.of(names).filter(held()::has).map(held()::process).toList();
            assertFalse(those.isEmpty(), () -> "a container of " + String.join(" or ", names));
            return those;
        }

        @Test
        @Verifies({"docker.seccomp-filter", "docker.no-new-privs-optional"})
        @DisplayName("docker's and podman's stand under a seccomp filter, and no_new_privs is off")
        void defaults() {
            assumeFree();
            for (var container : those("docker", "podman")) {
                assertEquals("2", container.status().get("Seccomp"), container::toString);
                assertEquals("0", container.status().get("NoNewPrivs"), container::toString);
            }
        }

        @Test
        @Verifies("docker.config-decides")
        @DisplayName("runc's and crun's have no_new_privs and a filter just if \"runc spec\" writes so")
        void configuration() throws IOException {
            assumeFree();
            those("runc", "crun");
            for (var engine : List.of("runc", "crun")) {
                if (!held().has(engine)) continue;
                var folder = as().newFolder();
                Ran.command("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; cd " + folder + " && " + engine + " spec").okay();
                var config = Files.readString(folder.resolve("config.json"));
                var status = held().process(engine).status();
                assertEquals(config.matches("(?s).*\"noNewPrivileges\":\\s*true.*"), status.get("NoNewPrivs").equals("1"), engine);
                assertEquals(config.contains("\"seccomp\""), status.get("Seccomp").equals("2"), engine);
            }
        }

        @Test
        @Verifies("docker.bwrap-leaves")
        @DisplayName("bwrap's has the starter's cgroups and capabilities, nothing hidden in /proc, no filter, and bwrap as PID 1")
        void bubblewrap() {
            var container = those("bwrap").get(0);
            assertEquals(outside().cgroups(), container.cgroups());
            assertEquals(0, outside().capabilities("CapBnd") & ~container.capabilities("CapEff"));
            assertTrue(container.mounts().stream().noneMatch(mount -> mount.point().startsWith("/proc/") && (mount.type().equals("tmpfs") || mount.root().equals("/null"))));
            assertEquals(outside().status().get("Seccomp"), container.status().get("Seccomp"));
            var parent = Proc.of(container.parent());
            assertTrue(parent.commandLine().get(0).endsWith("bwrap") && parent.status().get("NSpid").endsWith("\t1"), parent::toString);
        }

        @Test
        @Verifies("docker.masked-paths")
        @DisplayName("/proc/sys is read-only and a file of /proc is empty in OCI containers, and in the recipe neither")
        void masks() {
            readable().forEach((name, container) -> {
                var masked = OCI.contains(name);
                assertEquals(masked, container.mountAt("/proc/sys").filter(mount -> mount.options().startsWith("ro")).isPresent(), name);
                var keys = container.mountAt("/proc/keys").or(() -> container.mountAt("/proc/kcore")).or(() -> container.mountAt("/sys/firmware"));
                assertEquals(masked, keys.isPresent(), () -> name + " has a mask");
                if (masked) assertEquals("", Ran.command("sh", "-c", "cat " + container.root() + "/proc/keys 2>/dev/null").stdout(), name);
            });
            if (as() == As.ROOT && Files.exists(Path.of("/proc/timer_list"))) // root of a user namespace reads it nowhere
                readable().forEach((name, container) -> assertEquals(!OCI.contains(name),
                        !Ran.command("head", "-c", "9", container.root() + "/proc/timer_list").text().isEmpty(), () -> "/proc/timer_list of " + name));
        }

        @Test
        @Verifies("docker.label-needs-the-host")
        @DisplayName("without a module that labels processes nobody has a label, and with one docker's has another one")
        void label() {
            var ours = label(outside());
            if (ours.isEmpty()) readable().forEach((name, container) -> assertEquals("", label(container), name));
            else assertFalse(Set.of("", ours).contains(label(those("docker").get(0))));
        }

        /** Empty where the kernel has no such module: EINVAL. */
        private static String label(Proc proc) {
            return Ran.command("cat", proc.folder() + "/attr/current").stdout().strip();
        }

        @Test
        @Verifies("docker.sentence-is-too-short")
        @DisplayName("the recipe has all that the seed names, and lacks the rest")
        void recipe() {
            var recipe = held().process("recipe");
            assertTrue(recipe.apartFrom(outside()).containsAll(Set.of("mnt", "pid", "net", "ipc", "uts")));
            assertNotEquals("0", recipe.status().get("Seccomp"));
            assertTrue(recipe.mountAt("/").isEmpty() && recipe.mountAt("/proc/sys").isEmpty(), () -> recipe.mounts().toString());
            assertEquals(outside().cgroups(), recipe.cgroups());
            assertEquals(0, outside().capabilities("CapBnd") & ~recipe.capabilities("CapEff"));
        }
    }
}
