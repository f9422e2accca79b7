import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import outside.As;
import outside.Lab;
import outside.Proc;
import outside.Ran;
import outside.Sabotage;
import outside.Sandbox;
import outside.Snapshot;

/** The Container lab as a tool: exit codes, signals, a terminal, detached containers, limits, and what is left of them. */
@Timeout(300)
@DisplayName("Container as a tool")
class ContainerToolTest {
    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }

        @Test
        @DisplayName("keeps a limit, also for what joins later, and removes the cgroup")
        void limits() {
            var pid = detached("limited", "--pids", "5", "--memory", "64m", "--cpus", "0.5");
            var cgroups = Proc.of(pid).cgroups();
            var own = cgroups.values().stream().filter(path -> path.contains("/nslabs-")).distinct().toList();
            assumeTrue(!own.isEmpty(), "no cgroup is told by name here");
            var file = Ran.command("find", "/sys/fs/cgroup", "-path", "*/nslabs-*", "(", "-name", "pids.max", "-o", "-name", "memory.max", "-o", "-name", "memory.limit_in_bytes",
                    "-o", "-name", "cpu.max", "-o", "-name", "cpu.cfs_quota_us", ")").text().lines().filter(path -> own.stream().anyMatch(path::contains)).toList();
            var values = file.stream().map(path -> Ran.command("cat", path).text()).sorted().toList();
            assertTrue(values.contains("5") && values.contains("67108864") && (values.contains("50000") || values.contains("50000 100000")), () -> file + " hold " + values);
            var many = tool("exec", "limited", "sh", "-c", "for i in 1 2 3 4 5 6 7; do sleep 3 & done").run();
            assertTrue(many.stderr().contains("fork"), many::toString);
            tool("rm", "limited").run().okay();
            for (var path : file) assertFalse(Files.exists(Path.of(path)), path);
        }

        @Test
        @DisplayName("gets a way out by NAT if told to, and the host, here a network namespace, is as before")
        void nat() {
            assumeTrue(Ran.has("iptables"), "iptables is not installed");
            var ran = tool("run", "--network", "nat", "--", "sh", "-c", "ip -o -4 addr show eth0; ip route").under("unshare", "--net", "sh", "-c",
                    "\"$@\"; echo code $?; iptables -t nat -S POSTROUTING; cat /proc/sys/net/ipv4/ip_forward; ip -o link | wc -l", "-").run();
            assertTrue(ran.stdout().contains("inet 10.89.") && ran.stdout().contains("default via 10.89."), ran::toString);
            assertTrue(ran.stdout().endsWith("code 0\n-P POSTROUTING ACCEPT\n0\n1\n"), ran::toString);
        }

        @Test
        @DisplayName("runs a command as another user, who has no capability")
        void user() {
            var ran = tool("run", "--user", "1000:1001", "--", "sh", "-c", "id -u; id -g; while read -r name value; do case $name in CapEff:) echo $value;; esac; done </proc/self/status").run();
            assertEquals("1000\n1001\n0000000000000000", ran.text());
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends Checks {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }

        @Test
        @DisplayName("says what it cannot do, and does nothing of it")
        void cannot() {
            for (var words : List.of(List.of("--network", "nat"), List.of("--user", "1000"))) {
                var ran = tool("run", words.get(0), words.get(1), "--", "echo", "started").run();
                assertTrue(Set.of(77, 125).contains(ran.exit()) && ran.stderr().startsWith("ERROR ") && ran.stdout().isEmpty(), ran::toString);
            }
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Checks {
        private final As as;
        private Path runtime;

        Checks(As as) {
            this.as = as;
        }

        @BeforeAll
        void possible() {
            assumeTrue(as.obstacle() == null, () -> as.obstacle());
        }

        @BeforeEach
        void start() {
            runtime = as.newFolder();
            Ran.command("chmod", "700", runtime.toString()).okay();
        }

        @AfterEach
        void end() {
            for (var line : tool("ps").run().text().lines().skip(1).toList()) tool("rm", line.split(" ")[0]).run();
            assertEquals(0, Ran.names(runtime.resolve("namespace-labs")).count(), "state that is left");
        }

        Lab tool(String... words) {
            return Lab.named("Container").as(as).env("XDG_RUNTIME_DIR", runtime.toString()).options(words);
        }

        /** Starts one that sleeps: the PID of its first process. */
        long detached(String name, String... options) {
            var words = new java.util.ArrayList<>(List.of("run", "--detach", "--name", name));
            words.addAll(List.of(options));
            words.addAll(List.of("--", "sh", "-c", "echo up; sleep 1000; exit 3"));
            assertEquals(name, tool(words.toArray(String[]::new)).run().text());
            return Long.parseLong(tool("ps").run().text().lines().filter(line -> line.startsWith(name + " ")).findFirst().orElseThrow().split(" +")[1]);
        }

        @Test
        @DisplayName("gives the command's exit code, and docker's where there is none")
        void codes() {
            assertEquals(5, tool("run", "--", "sh", "-c", "exit 5").run().exit());
            assertEquals(137, tool("run", "--init", "--", "sh", "-c", "kill -KILL $$").run().exit());
            assertEquals(127, tool("run", "no-such-program").run().exit());
            assertEquals(126, tool("run", "/etc/passwd").run().exit());
            assertEquals(125, tool("exec", "nobody", "true").run().exit());
            assertEquals(125, tool("run", "--bundle", "/nonexistent").run().exit());
            for (var words : List.of(List.of("run", "--frobnicate"), List.of("exec"), List.of("rm"), List.of("run", "--network", "x"), List.of("run", "--rootfs", "/", "--bundle", "/"))) {
                var ran = tool(words.toArray(String[]::new)).run();
                assertTrue(ran.exit() == 2 && ran.stdout().isEmpty() && ran.stderr().contains("--help") && ran.stderr().lines().count() <= 3, ran::toString);
            }
        }

        @Test
        @DisplayName("has a --help for each word")
        void help() {
            for (var word : List.of("run", "exec", "ps", "logs", "rm", "spec")) assertTrue(tool(word, "--help").run().text().startsWith("Usage: Container " + word), word);
        }

        @Test
        @DisplayName("passes input, output and errors, and the machine is as before")
        void streams() {
            tool("ps").run().okay();
            var before = Snapshot.take();
            var ran = tool("run", "--hostname", "box", "--env", "A=b c", "--workdir", "/tmp", "--", "sh", "-c", "cat; hostname; echo \"$A\"; pwd; echo wrong >&2").input("typed\n").run();
            assertEquals("typed\nbox\nb c\n/tmp\n", ran.stdout());
            assertEquals("wrong\n", ran.stderr());
            // Others make cgroups and write to /tmp meanwhile; those of a container have its word in their names.
            assertEquals(List.of(), Snapshot.settled(before, 2).stream().filter(line -> !line.matches("(cgroup|file in /(var/)?tmp) new: .*") || line.contains("container")).toList());
        }

        @Test
        @DisplayName("passes SIGTERM to the command, also behind an init")
        void signals() {
            for (var options : List.of("", "--init")) {
                var script = "cd \"$0\"; rm -f out; \"$@\" >out & p=$!; until grep -qs up out; do sleep 0.05; done; kill -TERM $p; wait $p; echo code $?; cat out";
                var words = new java.util.ArrayList<>(List.of("run"));
                if (!options.isEmpty()) words.add(options);
                words.addAll(List.of("--", "sh", "-c", "trap 'echo heard; exit 9' TERM; echo up; while :; do sleep 0.05; done"));
                var ran = tool(words.toArray(String[]::new)).under("sh", "-c", script, runtime.toString()).run();
                assertEquals("code 9\nup\nheard", ran.text(), options);
            }
        }

        @Test
        @DisplayName("gives it a terminal of its own where we have one")
        void terminal() {
            assumeTrue(Ran.has("script"), "script(1) is not installed");
            var ran = tool("run", "--", "sh", "-c", "tty; ls /dev/pts; stty -a | head -1; exit 4").onTerminal().run();
            assertEquals(4, ran.exit(), ran::toString);
            // script(1) types the end of its input. Typed before the tool takes the terminal over, it becomes a NUL, as with every program that does so.
            assertTrue(ran.stdout().replace("^@", "").startsWith("/dev/pts/0\r\n0"), ran::toString);
            assertTrue(ran.stdout().contains("ptmx"), ran::toString);
        }

        @Test
        @DisplayName("leaves a detached one running, lets others join it, prints its log, ends it")
        void detached() {
            var first = Proc.of(detached("box"));
            assertEquals(1, first.nsPids().get(first.nsPids().size() - 1));
            var other = tool("run", "--name", "box", "--", "true").run();
            assertTrue(other.exit() == 125 && other.stderr().contains("box"), other::toString);
            var said = tool("exec", "--env", "A=b", "box", "--", "sh", "-c", "for t in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$t; done; while read -r a b; do"
                    + " case $a in CapEff:|CapBnd:|NoNewPrivs:|Seccomp:) echo $a $b;; esac; done </proc/self/status; echo $A; ls /proc/self/fd | wc -l; exit 6").run();
            assertEquals(6, said.exit(), said::toString);
            var lines = said.stdout().lines().toList();
            var types = List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts");
            for (int i = 0; i < types.size(); i++) assertEquals(first.link(types.get(i)), lines.get(i), types.get(i));
            assertEquals(List.of("NoNewPrivs: 1", "Seccomp: 2"), lines.stream().filter(line -> line.matches("(NoNew|Seccomp).*")).sorted().toList());
            for (var set : List.of("CapEff", "CapBnd")) assertTrue(lines.contains(set + ": " + String.format("%016x", first.capabilities(set))), lines::toString);
            assertEquals(List.of("b", "4"), lines.subList(lines.size() - 2, lines.size()), "A, and open files with the one of ls"); // 0, 1, 2 and the directory
            assertEquals("up", tool("logs", "box").run().text());
            assertEquals("box", tool("rm", "box").run().text());
            assertFalse(first.alive());
        }

        @Test
        @DisplayName("keeps the exit code of a detached one that has ended, but not with --rm")
        void ended() throws InterruptedException {
            tool("run", "--detach", "--name", "kept", "--", "sh", "-c", "echo done; exit 3").run().okay();
            tool("run", "--detach", "--rm", "--name", "forgotten", "--", "true").run().okay();
            var listed = "";
            for (int i = 0; i < 50 && !(listed.contains("exited (3)") && !listed.contains("forgotten")); i++) listed = tool("ps").run().text();
            assertTrue(listed.contains("exited (3)") && !listed.contains("forgotten"), listed);
            assertEquals("done", tool("logs", "kept").run().text());
            assertEquals(125, tool("exec", "kept", "true").run().exit());
        }

        @Test
        @DisplayName("dies with its supervisor, and the next command clears its name away")
        void killed() {
            var first = Proc.of(detached("orphan"));
            var supervisor = ProcessHandle.of(first.parent()).orElseThrow();
            supervisor.destroyForcibly();
            supervisor.onExit().join();
            for (int i = 0; i < 500 && first.alive(); i++) Thread.onSpinWait();
            assertEquals("ID             PID      STATUS         COMMAND", tool("ps").run().text());
            assertFalse(first.alive());
            assertEquals("again", tool("run", "--name", "orphan", "--", "echo", "again").run().text());
        }

        @Test
        @DisplayName("shows what it is told to of the host, and protects it")
        void volumes() {
            var folder = as.newFolder();
            var ran = tool("run", "--volume", folder + ":/data", "--volume", folder + ":/look:ro", "--read-only", "--", "sh", "-c",
                    "echo x >/data/file; cat /look/file; echo y >/look/file || echo y >/file || echo refused").run();
            assertEquals("x\nrefused", ran.text());
        }

        @Test
        @DisplayName("prints a config.json that it runs itself")
        void spec() {
            var config = tool("spec", "--hostname", "box", "--cap-drop", "ALL").run().record();
            assertEquals("box", config.path("hostname").asText());
            assertEquals(0, config.path("process").path("capabilities").path("bounding").size());
        }

        @Test
        @DisplayName("refuses to start, with the machine untouched, when namespaces do nothing")
        void sabotaged() {
            tool("ps").run().okay();
            var run = Sandbox.run(EnumSet.allOf(Sabotage.Type.class), tool("run", "--", "sh", "-c", "echo started; hostname harmed"));
            assumeTrue(run.made(), () -> "this machine cannot make a sandbox: " + run.ran().stderr().strip());
            assertEquals(125, run.ran().exit(), run.ran()::toString);
            assertEquals("", run.ran().stdout());
            assertTrue(run.ran().stderr().contains("reported success"), run.ran()::toString);
            assertEquals(List.of(), run.differences());
        }
    }
}
