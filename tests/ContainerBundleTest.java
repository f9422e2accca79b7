import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import outside.As;
import outside.Lab;
import outside.Proc;
import outside.Ran;

/** One OCI bundle in Container, runc and crun; bundles that say what cannot be; bundles that mean harm. */
@Timeout(300)
@DisplayName("Container with an OCI bundle")
class ContainerBundleTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What can be seen of a container from inside, as far as engines agree: how a file is masked, for one, is left to them. */
    private static final String LOOK = """
            hostname; id; pwd; umask; tty; grep -E 'Cap|NoNew|Seccomp:' /proc/self/status; cat /proc/self/uid_map; ulimit -n; env | sort
            while read -r a b c d point options e; do case $point in /proc/*|/sys/*|/dev/[cnzfrut]*) ;; *) echo $point $options;; esac; done </proc/self/mountinfo | sort
            ls -l /dev | cut -c 1-10,57- | grep -v -e core -e total -e console; ls /proc/self/fd; ls /; ls -A /proc/acpi /sys/firmware; wc -c </proc/keys; echo $$; cat /etc/probe
            for file in /proc/sys/kernel/domainname /probe /dev/shm/probe /etc/probe; do (echo x >$file) 2>&1; done; ls /sys/class/net; unshare -U true; nosuch; exit 42
            """;

    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }

        @Test
        @DisplayName("joins a namespace by its path")
        void joins() throws IOException {
            var other = new ProcessBuilder("unshare", "--net", "sleep", "60").start();
            try {
                while (Proc.of(other.pid()).apartFrom(Proc.self()).isEmpty()) Thread.onSpinWait();
                var path = "/proc/" + other.pid() + "/ns/net";
                bundle(config -> {
                    for (var each : config.withArray("/linux/namespaces")) if (each.path("type").asText().equals("network")) ((ObjectNode) each).put("path", path);
                }, "readlink /proc/self/ns/net");
                for (var engine : engines()) assertEquals(Files.readSymbolicLink(Path.of(path)).toString(), run(engine).text(), engine);
            } finally {
                other.destroyForcibly();
            }
        }

        @Test
        @DisplayName("makes another user of it, by a user namespace with maps")
        void users() throws IOException {
            bundle(config -> {
                config.withArray("/linux/namespaces").addObject().put("type", "user");
                for (var map : List.of("uidMappings", "gidMappings")) config.withArray("/linux/" + map).addObject().put("containerID", 0).put("hostID", 100000).put("size", 1000);
                config.withObject("/process/user").put("uid", 7).put("gid", 8).withArray("additionalGids").add(9).add(10);
            }, "id -u; id -g; id -G; cat /proc/self/uid_map; stat -c %u /proc/self; grep CapEff /proc/self/status");
            same();
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
        private Path bundle, runtime;

        Checks(As as) {
            this.as = as;
        }

        @BeforeAll
        void possible() {
            assumeTrue(as.obstacle() == null, () -> as.obstacle());
            assumeTrue(Ran.has("busybox"), "busybox is not installed: no root file system to try");
        }

        @BeforeEach
        void start() throws IOException {
            bundle = as.newFolder();
            runtime = as.newFolder();
            Ran.command("chmod", "700", runtime.toString()).okay();
            var script = "cd \"$0\"; mkdir -p rootfs/bin rootfs/etc rootfs/proc rootfs/dev rootfs/sys rootfs/tmp; cp \"$(command -v busybox)\" rootfs/bin; busybox --install -s rootfs/bin;"
                    + " for file in $(ldd rootfs/bin/busybox 2>/dev/null | grep -o '/[^ ]*'); do mkdir -p rootfs${file%/*}; cp -L $file rootfs$file; done;"
                    + " for name in rootfs/bin/*; do [ -L $name ] && ln -sf busybox $name; done; echo probe >rootfs/etc/probe; echo root:x:0:0::/root:/bin/sh >rootfs/etc/passwd";
            Ran.command(as() ? new String[] {"sh", "-c", script, bundle.toString()} : new String[] {"setpriv", "--reuid", "" + as.uid(), "--regid", "" + as.uid(),
                "--clear-groups", "sh", "-c", script, bundle.toString()}).okay();
        }

        /** Whether this user is who runs the tests. */
        private boolean as() {
            return as == As.ROOT || !As.TESTS_ARE_ROOT;
        }

        /** Writes config.json: runc's own, a little changed, with a command for its shell. */
        void bundle(Consumer<ObjectNode> change, String command) throws IOException {
            var config = (ObjectNode) JSON.readTree(CONFIG);
            config.withArray("/process/args").add("/bin/sh").add("-c").add(command);
            if (as == As.ORDINARY_USER) {
                config.withArray("/linux/namespaces").addObject().put("type", "user");
                for (var map : List.of("uidMappings", "gidMappings")) config.withArray("/linux/" + map).addObject().put("containerID", 0).put("hostID", as.uid()).put("size", 1);
            }
            change.accept(config);
            Files.writeString(bundle.resolve("config.json"), config.toString());
            Ran.command("chmod", "644", bundle.resolve("config.json").toString()).okay();
        }

        Ran run(String engine) {
            var lab = Lab.named("Container").as(as).env("XDG_RUNTIME_DIR", runtime.toString());
            if (engine.equals("Container")) return lab.options("run", "--bundle", bundle.toString()).run();
            // crun knows no v2 tree beside those of v1: it is taken away, for crun alone.
            var hide = engine.equals("crun") && as == As.ROOT ? "umount /sys/fs/cgroup/unified 2>/dev/null; " : "";
            var options = engine.equals("crun") ? "--cgroup-manager=disabled " : "";
            var command = hide + "cd '" + bundle + "'; exec " + engine + " --root '" + runtime + "/state' " + options + "run try </dev/null";
            var line = as.command(as == As.ROOT ? List.of("unshare", "--mount", "sh", "-c", command) : List.of("sh", "-c", command));
            return Ran.command(line.toArray(String[]::new));
        }

        /** Ourselves, and what else is here and works here. */
        List<String> engines() throws IOException {
            var engines = new ArrayList<>(List.of("Container"));
            var kept = Files.exists(bundle.resolve("config.json")) ? Files.readString(bundle.resolve("config.json")) : null;
            bundle(config -> {}, "exit 7");
            for (var engine : List.of("runc", "crun")) if (Ran.has(engine) && run(engine).exit() == 7) engines.add(engine);
            if (kept != null) Files.writeString(bundle.resolve("config.json"), kept);
            return engines;
        }

        /** All engines show the same. */
        void same() throws IOException {
            var engines = engines();
            var ours = run("Container");
            for (var engine : engines) {
                var theirs = run(engine);
                assertEquals(theirs.stdout() + "exit " + theirs.exit(), ours.stdout() + "exit " + ours.exit(), () -> engine + ": " + theirs.stderr() + "\nours: " + ours.stderr());
            }
            assumeTrue(engines.size() > 1, () -> "no other engine to compare with works here " + as + " (runc, crun)");
        }

        @TestFactory
        @DisplayName("shows what the engine shows, if both are told the same:")
        Stream<DynamicTest> equal() {
            return Stream.of("runc", "crun").map(engine -> dynamicTest(engine, () -> {
                assumeTrue(Ran.has(engine), engine + " is not installed");
                bundle(config -> {}, "exit 7");
                var control = run(engine);
                assumeTrue(control.exit() == 7, () -> engine + " does not work here " + as + ": " + control.stderr().strip());
                bundle(config -> {}, LOOK);
                var ours = run("Container");
                assertEquals(42, ours.exit(), ours::toString);
                assertTrue(ours.stdout().contains("probe") && ours.stdout().contains("CapBnd"), ours::toString);
                var theirs = run(engine);
                assertEquals(theirs.stdout() + "exit " + theirs.exit(), ours.stdout() + "exit " + ours.exit());
            }));
        }

        @Test
        @DisplayName("keeps to what the bundle says of process, seccomp, sysctl and devices")
        void details() throws IOException {
            bundle(config -> {
                config.withObject("/process").put("cwd", "/new/folder").put("noNewPrivileges", false).withArray("rlimits").addObject().put("type", "RLIMIT_NOFILE").put("soft", 100).put("hard", 200);
                config.withObject("/process/user").put("umask", 077);
                config.withObject("/root").put("readonly", false);
                config.withArray("/mounts").addObject().put("destination", "/again").put("type", "none").put("source", "rootfs/etc").withArray("options").add("rbind").add("ro");
                config.withObject("/linux/sysctl").put("net.ipv4.ip_forward", "1");
                config.withObject("/linux/seccomp").put("defaultAction", "SCMP_ACT_ALLOW").withArray("syscalls").addObject().put("action", "SCMP_ACT_ERRNO").put("errnoRet", 95)
                        .withArray("names").add("mkdir").add("mkdirat");
            }, "cat /again/probe; pwd; umask; ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_forward; mkdir /x 2>&1; grep -E 'NoNew|Seccomp:' /proc/self/status");
            var ran = run("Container");
            assertEquals("probe\n/new/folder\n0077\n100\n200\n1\nmkdir: can't create directory '/x': Operation not supported\nNoNewPrivs:\t0\nSeccomp:\t2", ran.text());
        }

        @TestFactory
        @DisplayName("names the place in config.json where it is wrong:")
        Stream<DynamicTest> wrong() {
            return Map.<String, Consumer<ObjectNode>>ofEntries(
                    Map.entry("ociVersion", c -> c.put("ociVersion", "2.0")), Map.entry("process.args", c -> c.withObject("/process").remove("args")),
                    Map.entry("process.args[0]", c -> c.withObject("/process").set("args", JSON.createArrayNode().add(7))), Map.entry("process.cwd", c -> c.withObject("/process").put("cwd", "tmp")),
                    Map.entry("process.user.uid", c -> c.withObject("/process/user").put("uid", "root")), Map.entry("process.capabilities.bounding[0]",
                            c -> c.withObject("/process/capabilities").set("bounding", JSON.createArrayNode().add("CAP_NOTHING"))),
                    Map.entry("process.rlimits[0].type", c -> c.withObject("/process").set("rlimits", JSON.createArrayNode().add(JSON.createObjectNode().put("type", "RLIMIT_X")))),
                    Map.entry("root.path", c -> c.withObject("/root").put("path", "nowhere")), Map.entry("mounts[0].destination", c -> ((ObjectNode) c.at("/mounts/0")).put("destination", "proc")),
                    Map.entry("mounts[1].options[0]", c -> ((ObjectNode) c.at("/mounts/1")).set("options", JSON.createArrayNode().add("idmap"))),
                    Map.entry("mounts[2]", c -> ((ObjectNode) c.at("/mounts/2")).put("type", "nosuchfs")), Map.entry("linux.namespaces[0].type", c -> ((ObjectNode) c.at("/linux/namespaces/0")).put("type", "disk")),
                    Map.entry("linux.namespaces", c -> c.withObject("/linux").set("namespaces", JSON.createArrayNode())),
                    Map.entry("linux.sysctl.kernel.panic", c -> c.withObject("/linux/sysctl").put("kernel.panic", "1")),
                    Map.entry("linux.seccomp.defaultAction", c -> c.withObject("/linux/seccomp").put("defaultAction", "SCMP_ACT_HOPE")),
                    Map.entry("linux.rootfsPropagation", c -> c.withObject("/linux").put("rootfsPropagation", "often")),
                    Map.entry("linux.maskedPaths[0]", c -> c.withObject("/linux").set("maskedPaths", JSON.createArrayNode().add("proc/keys"))),
                    Map.entry("hostname", c -> ((ArrayNode) c.at("/linux/namespaces")).remove(3))).entrySet().stream().map(each -> dynamicTest(each.getKey(), () -> {
                        bundle(each.getValue(), "echo started");
                        var ran = run("Container");
                        assertEquals(125, ran.exit(), ran::toString);
                        assertEquals("", ran.stdout());
                        assertTrue(("\n" + ran.stderr()).contains("\nERROR " + each.getKey()) && !ran.stderr().contains("\tat "), ran::toString);
                    }));
        }

        @Test
        @DisplayName("says aloud what it leaves out")
        void notes() throws IOException {
            bundle(config -> {
                config.withObject("/hooks").withArray("poststop").addObject().put("path", "/bin/true");
                config.withObject("/process").put("apparmorProfile", "x");
                config.withObject("/linux/resources/blockIO").put("weight", 10);
                config.withObject("/linux/intelRdt").put("closID", "x");
            }, "echo started");
            var ran = run("Container");
            assertEquals("started", ran.text());
            for (var path : List.of("hooks", "process.apparmorProfile", "linux.resources.blockIO", "linux.intelRdt"))
                assertTrue(ran.stderr().contains("note: " + path + " is not supported"), ran::toString);
        }

        @Test
        @DisplayName("follows no link out of the root")
        void escape() throws IOException {
            var outside = as.newFolder();
            Ran.command("sh", "-c", "rmdir \"$0\"/rootfs/dev; ln -s \"$1\" \"$0\"/rootfs/dev; ln -s ../../../../../../../../../../..\"$1\" \"$0\"/rootfs/data", bundle.toString(), outside.toString()).okay();
            bundle(config -> config.withArray("/mounts").addObject().put("destination", "/data/made").put("type", "tmpfs"), "ls " + outside + "; ls -d " + outside + "/made/");
            var ran = run("Container");
            assertEquals(0, Ran.names(outside).count(), ran::toString);
            assertTrue(ran.stdout().contains("null") && ran.stdout().contains("/made/"), ran::toString); // in the container such a path is its own
        }

        @Test
        @DisplayName("runs nothing when a step fails")
        void closed() throws IOException {
            bundle(config -> config.withArray("/mounts").addObject().put("destination", "/data").put("type", "bind").put("source", "/nonexistent"), "echo started");
            var ran = run("Container");
            assertTrue(ran.exit() == 125 && ran.stdout().isEmpty() && ran.stderr().contains("ERROR mounts[6]: mount("), ran::toString);
        }
    }

    /** What runc spec writes, without rlimits, for which not every root has the right, and without the mount of cgroups. */
    private static final String CONFIG = """
            {"ociVersion": "1.0.2", "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "cwd": "/", "noNewPrivileges": true, "env": ["PATH=/usr/bin:/bin", "TERM=xterm"],
              "capabilities": {"bounding": ["CAP_AUDIT_WRITE", "CAP_KILL"], "effective": ["CAP_AUDIT_WRITE", "CAP_KILL"], "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL"]}},
             "root": {"path": "rootfs", "readonly": true}, "hostname": "bundled",
             "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
              {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
              {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
              {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
              {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
              {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}],
             "linux": {"namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}],
              "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
              "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
              "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}}}
            """;
}
