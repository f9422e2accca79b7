import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.TestAbortedException;
import outside.As;
import outside.Engine;
import outside.Held;
import outside.Lab;
import outside.Proc;
import outside.Ran;

/** The Docker lab as a tool: what it says of processes that are named by PID, and what it leaves when it is killed. */
@DisplayName("X-ray")
class XrayTest {
    private static final List<String> NAMES = List.of("recipe", "own", "docker", "podman", "runc", "crun", "bwrap");
    private static Engine dockerd;

    @BeforeAll
    static void startDocker() {
        try {
            dockerd = Engine.start();
        } catch (TestAbortedException e) {
            dockerd = null; // DockerTest counts it, and all the rest is still to be tested
        }
    }

    @AfterAll
    static void stopDocker() {
        if (dockerd != null) dockerd.close();
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

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Checks {
        private final As as;
        private Lab lab;
        private Held held;

        Checks(As as) {
            this.as = as;
        }

        @BeforeAll
        void start() {
            assumeTrue(as.obstacle() == null, () -> as.obstacle());
            lab = Lab.named("Docker").as(as);
            if (dockerd != null) lab = lab.env("DOCKER_HOST", dockerd.host());
            held = lab.hold();
        }

        @AfterAll
        void end() {
            if (held == null) return;
            held.release(); // so that what it has made in docker is gone
            held.close();
        }

        @Test
        @DisplayName("--pid X-rays containers that run, and says of each what the kernel says")
        void byPid() {
            Map<String, Proc> containers = new LinkedHashMap<>();
            NAMES.stream().filter(held::has).filter(name -> as == As.ROOT || !name.equals("docker")) // which is root's: a user may not look into it
                    .forEach(name -> containers.put(name, held.process(name)));
            var pids = String.join(",", containers.values().stream().map(each -> "" + each.pid()).toList());
            var ran = lab.options("--pid", pids).run().okay();
            containers.forEach((name, container) -> {
                var column = "PID " + container.pid();
                for (var type : Proc.TYPES)
                    assertEquals(container.apartFrom(held.outside()).contains(type) ? "apart" : "shared", cell(ran, type + " namespace", column), () -> name + " " + type);
                assertEquals(name.equals("recipe") ? "chroot" : "pivoted", cell(ran, "root directory", column), name);
                assertEquals("" + container.nsPids().get(container.nsPids().size() - 1), cell(ran, "PID inside", column), name);
                assertEquals(name.equals("bwrap") ? "bwrap" : "itself", cell(ran, "PID 1 there is", column), name);
                assertEquals("" + container.uidMap().get(0).outside(), cell(ran, "root there is uid", column), name);
                for (var set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                    int count = Long.bitCount(container.capabilities(set));
                    assertEquals(count == 0 ? "none" : "" + count, cell(ran, set, column), () -> name + " " + set);
                }
                assertEquals(container.status().get("NoNewPrivs"), cell(ran, "no_new_privs", column), name);
                assertEquals(container.status().get("Seccomp").equals("0"), cell(ran, "seccomp", column).equals("none"), name);
                assertEquals(container.cgroups().equals(held.outside().cgroups()) ? "shared" : "apart", cell(ran, "cgroup", column), name);
                assertEquals(!List.of("recipe", "bwrap").contains(name), !cell(ran, "masked paths", column).equals("none"), name);
                assertEquals(container.text("oom_score_adj").strip(), cell(ran, "oom_score_adj", column), name);
            });
        }

        @Test
        @DisplayName("--pid X-rays what is no container, --engines asks only some, and wrong ones are wrong usage")
        void options() throws IOException, InterruptedException {
            var flags = new ArrayList<>(List.of("unshare", "--uts", "--mount"));
            if (as == As.ORDINARY_USER) flags.addAll(List.of("--user", "--map-root-user"));
            flags.addAll(List.of("sleep", "100"));
            var other = new ProcessBuilder(as.command(flags)).start();
            try {
                for (int i = 0; i < 500 && !Proc.of(other.pid()).commandLine().contains("sleep"); i++) Thread.sleep(10);
                while (Proc.of(other.pid()).commandLine().contains("unshare")) Thread.sleep(10);
                var ran = lab.options("--pid", "" + other.pid()).run().okay();
                var column = "PID " + other.pid();
                assertEquals("apart", cell(ran, "uts namespace", column));
                assertEquals("apart", cell(ran, "mnt namespace", column));
                assertEquals("shared", cell(ran, "net namespace", column));
                assertEquals("shared", cell(ran, "root directory", column), "the copy of a root directory is no other one");
                assertEquals(List.of("host", "recipe", "own", column), columns(ran));
            } finally {
                other.destroyForcibly().waitFor();
            }
            var few = lab.options("--engines", "bwrap").run().okay();
            assertEquals(held.has("bwrap") ? List.of("host", "recipe", "own", "bwrap") : List.of("host", "recipe", "own"), columns(few));
            for (var wrong : List.of(List.of("--engines", "rkt"), List.of("--pid", "" + other.pid()), List.of("--pid", "x"))) {
                var ran = lab.options(wrong.toArray(String[]::new)).run();
                assertEquals(2, ran.exit(), ran::toString);
                assertTrue(ran.stderr().contains(wrong.get(1)) && !ran.stderr().contains("Exception"), ran::toString);
            }
        }

        /** The table's first line names the columns; two blanks or more stand between cells. */
        private static List<String> columns(Ran ran) {
            return List.of(ran.stdout().lines().filter(line -> line.strip().startsWith("host ")).findFirst().orElseThrow().strip().split(" {2,}"));
        }

        private static String cell(Ran ran, String row, String column) {
            var line = ran.stdout().lines().map(each -> each.strip().split(" {2,}")).filter(cells -> cells[0].equals(row)).findFirst().orElseThrow();
            return line[1 + columns(ran).indexOf(column)];
        }

        @Test
        @DisplayName("killed, it leaves no container, no image and no cgroup, in docker neither")
        void killed() throws InterruptedException {
            String processes = docker("ps"), images = docker("images");
            List<Proc> containers = new ArrayList<>();
            List<Path> cgroups;
            try (var doomed = lab.hold()) {
                for (var name : NAMES) if (doomed.has(name)) containers.add(doomed.process(name));
                cgroups = containers.stream().flatMap(XrayTest::ownCgroups).distinct().toList();
                assertEquals(containers.stream().anyMatch(each -> !each.cgroups().equals(held.outside().cgroups())), !cgroups.isEmpty(), "cgroups of their own");
                assertEquals(dockerd != null, !images.equals(docker("images")), "there is an image of the lab's");
                doomed.lab().destroyForcibly().waitFor(10, TimeUnit.SECONDS);
                for (int i = 0; i < 100 && (containers.stream().anyMatch(Proc::alive) || cgroups.stream().anyMatch(Files::exists) || !images.equals(docker("images"))); i++) Thread.sleep(100);
            }
            assertEquals(List.of(), containers.stream().filter(Proc::alive).toList());
            assertEquals(List.of(), cgroups.stream().filter(Files::exists).toList());
            assertEquals(processes, docker("ps"));
            assertEquals(images, docker("images"));
        }

        private static String docker(String list) {
            return dockerd == null ? "" : dockerd.docker(list, "--quiet").text();
        }
    }

    /** The directories of the cgroups in which a process stands and the tests do not. */
    private static Stream<Path> ownCgroups(Proc container) {
        var trees = Proc.self().mounts().stream().filter(mount -> mount.type().startsWith("cgroup")).toList();
        return container.cgroups().entrySet().stream().filter(each -> !each.getValue().equals(Proc.self().cgroups().get(each.getKey())))
                .flatMap(each -> trees.stream().map(tree -> Path.of(tree.point() + each.getValue()))).filter(Files::exists);
    }
}
