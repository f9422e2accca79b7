import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.Enter;
import outside.LabChecks;
import outside.Mount;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Sabotage.Type;
import outside.Sandbox;
import outside.Scratch;
import outside.Trace;
import outside.Verifies;

/**
 * Looks at the container of the ContainerByHand lab from outside: at its process 1 and at the shell that plays the host, what each
 * has for links, mounts, devices and files; and at the container that the lab's script makes without the lab.
 */
@DisplayName("ContainerByHand")
class ContainerByHandTest {
    private static final Set<String> APART = Set.of("cgroup", "ipc", "mnt", "net", "pid", "uts");
    private static final List<String> MOUNTS = List.of("/", "/proc", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/tty");

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

        @Test
        @DisplayName("where pivot_root(8) does nothing the lab stops before it goes on in the wrong root, and so does its script")
        void stopsInTheWrongRoot() throws IOException {
            var folder = as().newFolder();
            var script = folder.resolve("box.sh");
            lab().options("--json", "--script", script.toString()).run().okay();
            assertTrue(Files.writeString(folder.resolve("pivot_root"), "#!/bin/sh\n").toFile().setExecutable(true, false));
            var careless = lab().env("PATH", folder + ":" + System.getenv("PATH")).trace("umount2", "pivot_root");
            assertEquals(1, careless.ran().exit());
            assertTrue(careless.calls().stream().noneMatch(call -> call.name().equals("pivot_root") || call.arguments().contains("old\"")), careless::toString);
            var stopped = Ran.command(as().command(List.of("env", "PATH=" + folder + ":" + System.getenv("PATH"), "sh", script.toString())).toArray(String[]::new));
            assertEquals("1 ", stopped.exit() + " " + stopped.stdout(), stopped::toString);
        }
    }

    abstract static class Checks extends LabChecks {
        Checks(As as) {
            super("ContainerByHand", as);
        }

        @Test
        @DisplayName("process 1 of the container stands apart in six types from the machine, and the one that plays the host in four")
        void apart() {
            assertApartExactlyIn("cgroup", "ipc", "mnt", "net", "pid", "uts");
            assertTrue(host().apartFrom(outside()).containsAll(List.of("ipc", "mnt", "net", "uts")), () -> "" + host().apartFrom(outside()));
        }

        @Test
        @Verifies("containerbyhand.stands-apart")
        @DisplayName("it stands apart in six types from the one that plays the host, and unshare(1) made five of them at once")
        void standsApart() {
            assertEquals(APART, inside().apartFrom(host()));
            assertTrue(calls().succeeded("unshare", "CLONE_NEWNS", "CLONE_NEWCGROUP", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWPID"), calls()::toString);
        }

        @Test
        @Verifies("containerbyhand.private-mounts")
        @DisplayName("no mount of the host's is a peer or slave of another, for unshare(1) has made them private")
        void privateMounts() {
            assertEquals(List.of(), host().mounts().stream().filter(mount -> !mount.isPrivate()).toList());
            assertTrue(calls().succeeded("mount", "MS_REC|MS_SHARED"), "the lab made none shared, so there was nothing to make private");
            assertTrue(calls().of("mount").stream().filter(call -> call.succeeded() && call.arguments().contains("MS_REC|MS_PRIVATE")).map(call -> call.pid()).distinct().count() > 1,
                    calls()::toString);
        }

        @Test
        @Verifies("containerbyhand.named-network")
        @DisplayName("the container's network namespace is bound to a file of the host's, and such a one has lo only")
        void namedNetwork() {
            var bound = host().mountAt(place() + "/net").orElseThrow();
            assertEquals("nsfs " + inside().link("net"), bound.type() + " " + bound.root());
            assertNotEquals(host().link("net"), inside().link("net"));
            var seen = Ran.command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none " + place() + " && cd " + place()
                    + " && touch net && unshare --net=net true && nsenter --net=net cat /proc/self/net/dev").text().lines().skip(2).toList();
            assertTrue(seen.stream().anyMatch(line -> line.strip().startsWith("lo:")), seen::toString);
            assertTrue(seen.stream().noneMatch(line -> line.contains("eth") || line.contains("veth")), seen::toString);
        }

        @Test
        @Verifies("containerbyhand.first-process")
        @DisplayName("it is process 1 of its PID namespace, and has another number here")
        void firstProcess() {
            var pids = inside().nsPids();
            assertEquals(List.of(inside().pid(), 1L), pids.subList(pids.size() - 2, pids.size()));
        }

        @Test
        @Verifies("containerbyhand.own-session")
        @DisplayName("it leads its session and its process group, which have number 1 inside")
        void ownSession() {
            for (var field : List.of("NSsid", "NSpgid")) assertEquals(inside().pid() + "\t1", inside().status().get(field), field);
        }

        @Test
        @Verifies("containerbyhand.no-queues")
        @DisplayName("the host has a message queue, and the container none")
        void noQueues() {
            assertEquals(2, Enter.the(host(), "ipc").text("cat", "/proc/sysvipc/msg").lines().count());
            assertEquals(1, enter("ipc").text("cat", "/proc/sysvipc/msg").lines().count());
        }

        @Test
        @Verifies("containerbyhand.own-name")
        @DisplayName("the container, the host and the machine have three names")
        void ownName() {
            var names = List.of(enter("uts").text("uname", "-n"), Enter.the(host(), "uts").text("uname", "-n"), Ran.command("uname", "-n").text());
            assertTrue(names.get(0).matches("box-[0-9a-f]{8}") && names.get(1).matches("host-[0-9a-f]{8}") && !names.get(2).matches("(box|host)-[0-9a-f]{8}"), names::toString);
        }

        @Test
        @Verifies("containerbyhand.cable")
        @DisplayName("each side has one end of the cable, and a ping goes through from either side")
        void cable() {
            assertTrue(inside().netDevices().containsAll(Set.of("lo", "eth0")) && !inside().netDevices().contains("to-box"), () -> "" + inside().netDevices());
            assertTrue(host().netDevices().containsAll(Set.of("lo", "to-box")) && !host().netDevices().contains("eth0"), () -> "" + host().netDevices());
            assertFalse(outside().netDevices().contains("to-box"));
            var net = enter("net").text("ip", "-4", "-o", "address", "show", "eth0").replaceAll("(?s).* inet (\\S+)\\.2/24 .*", "$1");
            assumeTrue(Ran.has("ping"), "no ping(8)");
            assertEquals(0, Enter.the(host(), "net").run("ping", "-c", "1", "-w", "10", net + ".2").exit());
            assertEquals(0, enter("net").run("ping", "-c", "1", "-w", "10", net + ".1").exit());
        }

        @Test
        @Verifies({"containerbyhand.old-proc", "containerbyhand.own-proc"})
        @DisplayName("its /proc has process 1 alone; without a mount of its own a PID namespace leaves /proc as it was")
        void proc() throws IOException {
            assertEquals(Set.of("1"), Ran.names(root().resolve("proc")).filter(name -> name.matches("\\d+")).collect(Collectors.toSet()));
            assertEquals("proc", inside().mountAt("/proc").orElseThrow().type());
            var test = List.of("test", "-d", "/proc/" + ProcessHandle.current().pid());
            for (var mount : List.of("--mount", "--mount-proc")) {
                var line = new ArrayList<>(List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", mount));
                line.addAll(test);
                assertEquals(mount.equals("--mount") ? 0 : 1, Ran.command(line.toArray(String[]::new)).exit(), mount);
            }
            assertTrue(calls().succeeded("mount", "\"" + place() + "/root/proc\"", "\"proc\""), calls()::toString);
        }

        @Test
        @Verifies({"containerbyhand.not-a-mount", "containerbyhand.old-root-is-left"})
        @DisplayName("pivot_root was refused for a mere directory, went through after the bind mount, and left the old root to be unmounted")
        void pivotRoot() throws IOException {
            var calls = calls();
            var turn = calls.calls().stream().filter(call -> call.name().equals("pivot_root") || call.name().equals("umount2") && call.arguments().startsWith("\"/old\"")
                    || call.name().equals("mount") && call.succeeded() && call.arguments().startsWith("\"" + place() + "/root\", \"" + place() + "/root\"")).map(call ->
                    call.name() + (call.succeeded() ? "" : " " + call.errno())).toList();
            assertEquals(List.of("pivot_root EINVAL", "mount", "pivot_root", "umount2"), turn, calls::toString);
            assertTrue(Files.isSameFile(host().root().resolve(place().substring(1) + "/root"), root()));
        }

        @Test
        @Verifies("containerbyhand.old-root-is-gone")
        @DisplayName("nothing of the host's mounts is left in the container, and no directory of the old root")
        void oldRootIsGone() {
            assertEquals(MOUNTS, inside().mounts().stream().map(Mount::point).toList());
            assertEquals(Set.of("bin", "dev", "etc", "proc", "root", "sys", "tmp"), Ran.names(root()).filter(name -> !name.startsWith("lib") && !name.equals("usr")).collect(Collectors.toSet()));
            assertEquals("tmpfs", inside().mountAt("/").orElseThrow().type());
        }

        @Test
        @Verifies("containerbyhand.mounts-stay")
        @DisplayName("the host has none of the container's mounts, and the machine none of the host's")
        void mountsStay() {
            var points = host().mounts().stream().map(Mount::point).filter(point -> point.equals(place()) || point.startsWith(place() + "/root") || point.equals(place() + "/net")).toList();
            assertEquals(List.of(place(), place() + "/net"), points);
            assertFalse(outside().mounts().stream().anyMatch(mount -> mount.point().equals(place() + "/net")));
        }

        @Test
        @Verifies("containerbyhand.same-files")
        @DisplayName("the file that the container has made is below the host's directory, and so is one that we make in it")
        void sameFiles() throws IOException {
            var below = host().root().resolve(place().substring(1) + "/root/root");
            assertTrue(Files.readString(below.resolve("note")).matches("[0-9a-f]{8}\\R"));
            assertEquals(Files.readString(below.resolve("note")), Files.readString(root().resolve("root/note")));
            assertEquals("ours", within(inside(), "/bin/sh", "-c", "echo ours > /root/ours; cat /root/ours").text());
            assertEquals("ours\n", Files.readString(below.resolve("ours")));
        }

        @Test
        @Verifies("containerbyhand.enter")
        @DisplayName("who enters by nsenter(1) is a further process with the container's name and root")
        void entered() {
            var said = enter("cgroup", "ipc", "uts", "net", "pid", "mnt").text("/bin/sh", "-c", "echo $$ $(/bin/uname -n) /*").split(" ", 3);
            assertTrue(Integer.parseInt(said[0]) > 1, said[0]);
            assertEquals(enter("uts").text("uname", "-n"), said[1]);
            assertTrue(said[2].startsWith("/bin /dev /etc"), said[2]);
        }

        @Test
        @Verifies("containerbyhand.ends-with-init")
        @DisplayName("when process 1 is killed nobody is left, and when the file is unmounted the host's end of the cable goes")
        void endsWithInit() {
            try (var held = lab().hold()) {
                var host = held.process("host");
                var namespace = held.inside().link("pid");
                var place = host.mounts().stream().filter(mount -> mount.type().equals("nsfs")).findFirst().orElseThrow().point();
                assertTrue(host.netDevices().contains("to-box"));
                ProcessHandle.of(held.pid()).orElseThrow().destroyForcibly();
                eventually("nobody is in its PID namespace", () -> Processes.members(namespace).isEmpty());
                assertTrue(host.netDevices().contains("to-box"), "the file did not hold the network namespace");
                within(host, "umount", place).okay();
                eventually("the cable is gone", () -> !host.netDevices().contains("to-box"));
            }
        }

        @Test
        @DisplayName("the script that it writes makes the same container without the lab, and does nothing where it is not isolated")
        void script() throws IOException {
            var script = as().newFolder().resolve("box.sh");
            lab().options("--json", "--script", script.toString()).run().okay();
            var process = new ProcessBuilder(as().command(List.of("sh", script.toString()))).redirectErrorStream(true).redirectOutput(Scratch.newPath("script").toFile()).start();
            try (var input = process.outputWriter()) {
                eventually("its process 1 has its root", () -> Processes.first(process).filter(box -> box.mounts().stream().map(Mount::point).toList().equals(MOUNTS)).isPresent());
                var box = Processes.first(process).orElseThrow();
                var apart = new TreeSet<>(APART);
                if (as() == As.ORDINARY_USER) apart.add("user");
                assertEquals(apart, box.apartFrom(outside()));
                assertTrue(Enter.the(box, "uts").text("uname", "-n").matches("box-[0-9a-f]{8}"));
                assertEquals(inside().netDevices(), box.netDevices());
                input.write("exit 42\n");
            }
            eventually("it ends", () -> !process.isAlive());
            assertEquals(42, process.exitValue());
            var careless = Sandbox.run(EnumSet.allOf(Type.class), "sh", script.toString());
            assumeTrue(careless.made(), () -> "this machine cannot make a sandbox: " + careless.ran().stderr());
            assertFalse(careless.calls().isEmpty());
            assertNotEquals(0, careless.ran().exit());
            assertEquals(List.of(), careless.differences(), () -> "" + careless.ran());
        }

        // ---- how these tests look

        /** The shell that plays the host. */
        private Proc host() {
            return held().process("host");
        }

        private Path root() {
            return inside().root();
        }

        /** Where the host has its files. */
        private String place() {
            return host().mounts().stream().filter(mount -> mount.type().equals("nsfs") && mount.point().endsWith("/net") && mount.root().startsWith("net:")).findFirst()
                    .orElseThrow().point().replaceFirst("/net$", "");
        }

        /** Runs a command where a process has its mounts, as root of what is the lab's: only so may it write there. */
        private Ran within(Proc who, String... command) {
            var line = new ArrayList<>(List.of("nsenter", "--target", "" + who.pid(), "--mount"));
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user", "--preserve-credentials"));
            line.addAll(List.of(command));
            return Ran.command(as().command(line).toArray(String[]::new));
        }

        private Trace calls() {
            return trace("unshare", "mount", "umount2", "pivot_root");
        }
    }
}
