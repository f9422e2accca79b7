import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Cgroups;
import outside.Delegated;
import outside.Enter;
import outside.LabChecks;
import outside.Proc;
import outside.Ran;
import outside.Verifies;

/**
 * Looks at the Limits lab from outside: reads the files of its cgroups, and puts programs of the tests' own into them, which then
 * meet the same limits; beside each a control where there is no limit.
 */
@DisplayName("Limits")
class LimitsTest {
    /** More than any limit that the lab sets, and less than any machine has. */
    private static final String HOG = "exec dd if=/dev/zero of=/dev/null bs=48M count=1";

    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends WithoutACgroup {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }
    }

    @Nested
    @DisplayName("as an ordinary user to whom root has given cgroups")
    class AsDelegatedUser extends Checks {
        private final Delegated delegated;

        /** Every run of the lab starts where the tests' JVM stands then; see LabChecks. */
        AsDelegatedUser() {
            super(As.ORDINARY_USER);
            // The account's own processes must not be started in there: they would stay.
            delegated = As.TESTS_ARE_ROOT && As.ORDINARY_USER.obstacle() == null ? new Delegated(As.ORDINARY_USER.uid()) : null;
        }

        @BeforeAll
        void possible() {
            assumeTrue(delegated != null, "only root can give cgroups away");
        }

        @AfterAll
        void takeAway() {
            if (held() != null) held().close();
            if (delegated != null) delegated.close();
        }

        @Test
        @DisplayName("nearly every claim is shown, as by root")
        void nothingIsExcused() {
            for (var process : List.of("plain", "crowd", "busy")) assertTrue(held().has(process), "the lab found no cgroup to put this one in: " + process);
            assertEquals((int) As.ORDINARY_USER.uid(), Cgroups.owner(group("pids", "crowd")));
        }
    }

    /** What anybody may do, who may make no cgroup. */
    abstract static class WithoutACgroup extends LabChecks {
        WithoutACgroup(As as) {
            super("Limits", as);
        }

        @Test
        @DisplayName("the process inside stands apart in its PID and cgroup namespaces, and a neighbour with the same limit in the PID namespace only")
        void apart() {
            assertApartExactlyIn("pid", "cgroup");
            if (held().has("plain")) assertFalse(held().process("plain").apartFrom(outside()).contains("cgroup"));
        }

        @Test
        @Verifies("limits.namespace-alone")
        @DisplayName("the same program runs to its end in a cgroup namespace whose members stand in no limited cgroup")
        void namespaceAlone() {
            var free = held().process("free");
            assertTrue(free.apartFrom(outside()).contains("cgroup"));
            assertEquals(Proc.of(held().lab().pid()).cgroups(), free.cgroups());
            assertEquals(0, Enter.the(free, "cgroup").run("sh", "-c", HOG).exit());
            assertTrue(trace("unshare").succeeded("unshare", "CLONE_NEWCGROUP"));
        }

        @Test
        @Verifies("limits.needs-permission")
        @DisplayName("the kernel refused who does not own the cgroup")
        void needsPermission() {
            var calls = trace("mkdir", "mkdirat", "openat");
            var refused = calls.calls().stream().filter(call -> call.name().startsWith("mkdir") && call.errno().equals("EACCES")).toList();
            assertEquals(1, refused.size(), () -> "mkdir with EACCES in " + calls);
            assertTrue(calls.by(refused.get(0).pid()).stream().anyMatch(call -> call.errno().equals("EACCES") && call.arguments().contains("cgroup.procs\", O_WRONLY")), calls::toString);
            var top = Proc.self().mounts().stream().filter(mount -> mount.type().startsWith("cgroup")).findFirst().orElseThrow().point();
            var mkdir = List.of("mkdir", top + "/nslabs-test");
            if (as() == As.ROOT) mkdir = List.of("setpriv", "--reuid=64999", "--regid=64999", "--clear-groups", "mkdir", top + "/nslabs-test");
            assertNotEquals(0, Ran.command(as().command(mkdir).toArray(String[]::new)).exit());
        }
    }

    abstract static class Checks extends WithoutACgroup {
        Checks(As as) {
            super(as);
        }

        @Test
        @Verifies({"limits.memory-kills", "limits.kill-is-counted"})
        @DisplayName("a program that fills 48 MB is killed in the cgroup of its neighbour, which counts it, and elsewhere is not")
        void memoryKills() {
            var group = group("memory", "plain");
            var limit = Long.parseLong(Cgroups.read(group, Cgroups.v2(group) ? "memory.max" : "memory.limit_in_bytes"));
            assertTrue(limit >= 12 << 20 && limit < 24 << 20, "limit " + limit);
            var before = Cgroups.kills(group);
            assertTrue(before >= 2, () -> "the lab let two programs be killed, and the cgroup has counted " + before);
            assertEquals(128 + 9, Cgroups.run(group, HOG).exit());
            assertEquals(before + 1, Cgroups.kills(group));
            assertEquals(0, Ran.command("sh", "-c", HOG).exit());
        }

        @Test
        @Verifies("limits.same-inside")
        @DisplayName("in the cgroup and in the namespace of the process inside the path is / and the program is killed")
        void sameInside() {
            var group = group("memory", "limited");
            assertEquals(group("memory", "plain"), group);
            assertTrue(inside().apartFrom(outside()).contains("cgroup"));
            var tree = Cgroups.v2(group) ? "0::/" : "memory:/";
            assertTrue(enter("cgroup").text("cat", inside().folder() + "/cgroup").lines().anyMatch(line -> line.endsWith(tree)), "what it reads of itself");
            assertEquals(128 + 9, Cgroups.run(group, "exec nsenter --cgroup=" + inside().folder() + "/ns/cgroup sh -c '" + HOG + "'").exit());
        }

        @Test
        @Verifies("limits.pids-stop-a-bomb")
        @DisplayName("a fork bomb went off where the limit is, never had more processes, and nothing is left of it")
        void pidsStopABomb() {
            var group = group("pids", "crowd").resolveSibling("bombed");
            var max = Long.parseLong(Cgroups.read(group, "pids.max"));
            assertTrue(max >= 5 && max < 16, "pids.max " + max);
            assertTrue(Cgroups.read(group, "pids.events", "max") > 0, "no fork has failed there");
            if (Files.exists(group.resolve("pids.peak"))) assertEquals(max, Long.parseLong(Cgroups.read(group, "pids.peak")));
            assertEquals("", Cgroups.read(group, "cgroup.procs"));
        }

        @Test
        @Verifies("limits.forks-are-counted")
        @DisplayName("a crowd fills its cgroup to the last process; one more that comes in cannot fork, and is counted")
        void forksAreCounted() {
            var group = group("pids", "crowd");
            var max = Long.parseLong(Cgroups.read(group, "pids.max"));
            assertEquals(List.of(max, max), List.of(Long.parseLong(Cgroups.read(group, "pids.current")), Cgroups.read(group, "cgroup.procs").lines().count()));
            var before = Cgroups.read(group, "pids.events", "max");
            assertTrue(before >= 2 * (32 - max + 1), () -> "two crowds wanted 32 processes each, and the cgroup has counted " + before);
            var refused = Cgroups.run(group, "exec timeout 5 true");
            assertTrue(refused.exit() != 0 && refused.stderr().contains("Resource temporarily unavailable"), refused::toString);
            assertEquals(before + 1, Cgroups.read(group, "pids.events", "max"));
            assertEquals(0, Cgroups.run(group.resolveSibling("free"), "exec timeout 5 true").exit());
        }

        @Test
        @Verifies("limits.parent-binds")
        @DisplayName("in a cgroup without a limit below one with a limit, the limit holds")
        void parentBinds() {
            var outer = group("pids", "crowd").resolveSibling("outer");
            var max = Long.parseLong(Cgroups.read(outer, "pids.max"));
            assertEquals("max", Cgroups.read(outer.resolve("inner"), "pids.max"));
            var many = "for i in $(seq " + max + "); do sleep 1 & done";
            var refused = Cgroups.run(outer.resolve("inner"), many);
            assertTrue(refused.exit() != 0 && refused.stderr().contains("fork"), refused::toString);
            assertEquals(0, Cgroups.run(outer.resolveSibling("free"), many).exit());
            eventually("the processes end", () -> Cgroups.read(outer, "pids.current").equals("0") && Cgroups.read(outer.resolveSibling("free"), "pids.current").equals("0"));
        }

        @Test
        @Verifies("limits.cpu-is-throttled")
        @DisplayName("the busy loop is stopped again and again, while one of our own beside it is not and runs longer")
        void cpuIsThrottled() throws IOException {
            var busy = held().process("busy");
            var group = group("cpu", "busy");
            var free = group.resolveSibling("fast");
            var quota = Cgroups.v2(group) ? Cgroups.read(group, "cpu.max") : Cgroups.read(group, "cpu.cfs_quota_us") + " " + Cgroups.read(group, "cpu.cfs_period_us");
            assertTrue(quota.matches("[3-7]000 100000"), quota);
            long throttled = Cgroups.read(group, "cpu.stat", "nr_throttled"), used = ticks(busy);
            assertTrue(throttled >= 5, "throttled " + throttled + " times");
            var loop = new ProcessBuilder("sh", "-c", "echo $$ > " + free + "/cgroup.procs && while :; do :; done").start();
            try {
                // How long that takes depends on who else wants the processors; the quota does not.
                eventually("it is throttled 5 times more, and ours has run twice as long", () -> Cgroups.read(group, "cpu.stat", "nr_throttled") >= throttled + 5
                        && ticks(Proc.of(loop.pid())) >= 2 * (ticks(busy) - used));
                assertEquals(0, Cgroups.read(free, "cpu.stat", "nr_throttled"));
                assertTrue(Cgroups.read(free, "cgroup.procs").lines().anyMatch(("" + loop.pid())::equals), "ours was not there");
            } finally {
                loop.destroyForcibly().onExit().join();
            }
        }

        @Test
        @Verifies("limits.one-processor")
        @DisplayName("the pinned process runs on one processor, and taskset(1) cannot give it another one")
        void oneProcessor() {
            var pinned = held().process("pinned");
            var one = pinned.status().get("Cpus_allowed_list");
            assertTrue(one.matches("\\d+"), one);
            assertEquals(one, Cgroups.read(group("cpuset", "pinned"), "cpuset.cpus"));
            var another = Proc.self().status().get("Cpus_allowed_list").replaceFirst("\\D.*", "");
            assertNotEquals(one, another);
            var refused = Ran.command("taskset", "--pid", "--cpu-list", another, "" + pinned.pid());
            assertTrue(refused.exit() != 0 && refused.stderr().contains("Invalid argument"), refused::toString);
            assertEquals(one, pinned.status().get("Cpus_allowed_list"));
            assertEquals(0, Ran.command("taskset", "--cpu-list", another, "true").exit());
        }

        @Test
        @Verifies("limits.delegated")
        @DisplayName("a cgroup that was given away has one below with a limit of its new owner's, who cannot change the limit above")
        void delegated() {
            var given = group("pids", "crowd").resolveSibling("given");
            var owner = Cgroups.owner(given);
            assertNotEquals(0, owner);
            assertEquals(owner, Cgroups.owner(given.resolve("below")));
            assertTrue(Integer.parseInt(Cgroups.read(given.resolve("below"), "pids.max")) >= 20);
            assertEquals(owner, Cgroups.owner(given.resolve("below/pids.max")));
            var above = given;
            while (Cgroups.owner(above.resolve("pids.max")) == owner) above = above.getParent();
            assertEquals(0, Cgroups.owner(above.resolve("pids.max")));
            assertEquals(owner, Cgroups.owner(above.resolve("cgroup.procs")));
        }

        @Test
        @Verifies("limits.subtree-control")
        @DisplayName("the files of a controller are where the cgroup above lists it, and not one further down")
        void subtreeControl() throws IOException {
            var giver = unified().resolveSibling("giver");
            var controller = Cgroups.read(giver, "cgroup.subtree_control");
            assertTrue(Cgroups.limits(giver.resolve("below"), controller), controller);
            var further = Files.createDirectory(giver.resolve("below/further"));
            try {
                assertFalse(Cgroups.limits(further, controller), controller);
            } finally {
                Files.delete(further);
            }
        }

        @Test
        @Verifies("limits.no-inner-processes")
        @DisplayName("a cgroup with a process cannot give its controller away, and one that gives takes no process")
        void noInnerProcesses() {
            var giver = unified().resolveSibling("giver");
            assertTrue(Cgroups.read(unified(), "cgroup.procs").contains(held().value("full")));
            assertTrue(Cgroups.write(unified(), "cgroup.subtree_control", "+" + Cgroups.read(giver, "cgroup.subtree_control")).contains("busy"));
            assertTrue(Cgroups.write(giver, "cgroup.procs", held().value("full")).contains("busy"));
        }

        @Test
        @Verifies("limits.no-way-out")
        @DisplayName("from inside a cgroup namespace nobody is moved out of it")
        void noWayOut() {
            var out = unified().resolveSibling("out");
            var moved = enter("cgroup").run("sh", "-c", "echo " + held().value("full") + " | tee " + out + "/cgroup.procs");
            assertTrue(moved.exit() != 0 && moved.stderr().contains("No such file"), moved::toString);
        }

        // ---- how these tests look

        /** The cgroup of one of the lab's processes; when the lab has none such, its own word may excuse it (LabChecks). */
        final Path group(String controller, String process) {
            return Cgroups.directory(held().process(process), controller).orElseThrow(() -> new AssertionError("no tree with " + controller + " is mounted"));
        }

        /** The cgroup of the process that stands in the tree of v2. */
        private Path unified() {
            return group("", "full");
        }
    }

    /** Time on a processor, in user mode and in the kernel; proc(5), stat. */
    private static long ticks(Proc proc) {
        var fields = proc.text("stat").replaceFirst(".*\\) ", "").split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
