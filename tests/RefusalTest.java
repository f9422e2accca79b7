import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import outside.As;
import outside.Lab;
import outside.Ran;
import outside.Seccomp;

/**
 * A machine that cannot: each lab is started where the kernel really refuses, and must say so with 77, the cause that it found and a
 * remedy, or show what can be shown and give the cause with each claim that cannot. Never a stack trace, never a claim that fails.
 *
 * <p>The refusals need no change of the machine: a user namespace of one's own has limits, mounts and capabilities to play with.
 * NSLABS_REFUSALS=all tries each lab with each of the eight limits, not only with those of its own type and of user namespaces.
 */
@Timeout(600)
@DisplayName("On a machine that refuses,")
class RefusalTest {
    private static final List<String> TYPES = List.of("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts");
    /** The programs that labs call, with the Debian package that has them. */
    private static final Map<String, String> PROGRAMS = Map.ofEntries(Map.entry("ip", "iproute2"), Map.entry("ping", "iputils-ping"),
            Map.entry("ps", "procps"), Map.entry("ipcs", "util-linux"), Map.entry("ipcmk", "util-linux"), Map.entry("nsenter", "util-linux"),
            Map.entry("unshare", "util-linux"), Map.entry("lsns", "util-linux"), Map.entry("pivot_root", "util-linux"), Map.entry("busybox", "busybox"),
            Map.entry("podman", "podman"), Map.entry("runc", "runc"), Map.entry("crun", "crun"), Map.entry("bwrap", "bubblewrap"));
    /** What the ERROR line, the cause and the remedy look like (docs: "Errors"). */
    private static final Pattern ERROR = Pattern.compile("^ERROR .+: E[A-Z0-9]+ \\(\\d+\\) \\S.*\\Rcause: \\S.*\\Rremedy: \\S.*$", Pattern.MULTILINE);

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by a limit of 0 for namespaces,")
    Stream<DynamicNode> limits() {
        return eachLab(Stream.of(ordinaryUser()), lab -> {
            var main = lab.type().orElse(null);
            var types = new TreeSet<>("all".equals(System.getenv("NSLABS_REFUSALS")) || main == null ? TYPES : List.of(main, "user"));
            if ("user".equals(main)) types.remove("user"); // starts as an ordinary user: see no_way_in
            return types.stream().map(type -> dynamicTest("user.max_" + type + "_namespaces", () -> {
                var ran = lab.under(limited(type)).run();
                if (type.equals(main)) assertRefused(ran, "ENOSPC", "user.max_" + type + "_namespaces");
                else assertSane(ran);
            }));
        });
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by no capability and no user namespace,")
    Stream<DynamicNode> no_way_in() {
        return tests(Stream.of(ordinaryUser()), lab -> assertRefused(lab.under(NO_WAY_IN).run(), "ENOSPC", "user.max_user_namespaces"));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("where root lacks a capability, it goes on as an ordinary user would:")
    Stream<DynamicNode> no_capability() {
        return Stream.of("sys_admin", "net_admin", "net_raw", "sys_time").map(capability -> dynamicContainer("CAP_" + capability.toUpperCase(Locale.ROOT),
                tests(Stream.of(As.ROOT), lab -> assertSane(lab.under("setpriv", "--bounding-set=-" + capability, "--inh-caps=-" + capability).run()))));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("where root lacks another capability, so do the labs that need it:")
    Stream<DynamicNode> other_capability() {
        // In the labs that went wrong without it; the four above stand for the rest.
        var needed = Map.of("chown", List.of("Overlay", "Limits"), "dac_override", List.of("Overlay"), "kill", List.of("User", "Capabilities", "Container"),
                "net_bind_service", List.of("Seccomp"), "setfcap", List.of("Uts", "Unshare"), "setpcap", List.of("Capabilities", "Container"),
                "setuid", List.of("User", "Overlay"), "sys_chroot", List.of("Setns", "Chroot", "Threads", "ContainerByHand", "Docker"));
        return eachLab(Stream.of(As.ROOT), lab -> needed.keySet().stream().sorted().filter(capability -> needed.get(capability).contains(lab.name()))
                .map(capability -> dynamicTest("CAP_" + capability.toUpperCase(Locale.ROOT), () -> assertSane(lab.under("setpriv",
                        "--bounding-set=-" + capability, "--inh-caps=-" + capability).run()))));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by a seccomp filter,")
    Stream<DynamicNode> seccomp() {
        return tests(Arrays.stream(As.values()), lab -> assertRefused(lab.under(seccompFilter()).run(), "EPERM", "seccomp"));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by hiding a part of /proc,")
    Stream<DynamicNode> masked_proc() {
        return tests(Stream.of(ordinaryUser()), lab -> {
            var ran = lab.under(MASKED_PROC).run();
            assertSane(ran);
            if (lab.name().equals("Pid")) assertTrue(reasons(ran).contains("/proc"), () -> "no cause speaks of /proc: " + ran);
        });
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by hidepid=2,")
    Stream<DynamicNode> hidepid() {
        return tests(Stream.of(ordinaryUser()), lab -> assertSane(lab.under("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork",
                "--kill-child", "--mount-proc", "sh", "-c", "mount -o remount,hidepid=2 none /proc && exec \"$@\"", "-").run()));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by having no such program,")
    Stream<DynamicNode> programs() {
        // In the labs that call it; one that manages without is fine, too.
        var used = Map.ofEntries(Map.entry("Network", List.of("ip", "ping")), Map.entry("Veth", List.of("ip", "ping")), Map.entry("Ipc", List.of("ipcs", "ipcmk")),
                Map.entry("Pid", List.of("ps", "nsenter")), Map.entry("Unshare", List.of("unshare")), Map.entry("Setns", List.of("nsenter")),
                Map.entry("Threads", List.of("ip")), Map.entry("Lifetime", List.of("lsns")), Map.entry("Pinned", List.of("unshare")), Map.entry("Tree", List.of("lsns")),
                Map.entry("ContainerByHand", List.of("ip", "nsenter", "pivot_root", "busybox")), Map.entry("Container", List.of("ip", "busybox")),
                Map.entry("Docker", List.of("podman", "runc", "crun", "bwrap", "busybox")), Map.entry("Chroot", List.of("busybox")),
                Map.entry("Escapes", List.of("busybox")), Map.entry("Overlay", List.of("busybox")));
        return eachLab(Stream.of(ordinaryUser()), lab -> used.getOrDefault(lab.name(), List.of()).stream().map(program -> dynamicTest(program, () -> {
            var ran = lab.under(without(program)).run();
            assertSane(ran);
            var more = new ArrayList<>(notShown(ran));
            more.removeAll(notShown(lab.under(USER_NAMESPACE).run())); // what an ordinary user cannot be shown anyway
            if (ran.exit() == 77 || !more.isEmpty()) {
                var said = reasons(ran) + ran.stderr();
                assertTrue(said.contains("'" + program + "'"), () -> "does not name the program: " + ran);
                assertTrue(said.contains("install " + PROGRAMS.get(program)), () -> "does not name the package " + PROGRAMS.get(program) + ": " + ran);
            }
        })));
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("nothing, but is laid out otherwise: /tmp and /mnt are mounts, PATH has no /bin, and the umask is 077,")
    Stream<DynamicNode> layout() {
        return tests(Arrays.stream(As.values()), lab -> {
            var place = lab.user() == As.ROOT ? new String[0] : USER_NAMESPACE;
            var ran = lab.under(join(place.length == 0 ? new String[] {"unshare"} : place, "--mount", "sh", "-c",
                    "for place in /mnt /tmp; do mount --bind $place $place; done; PATH=$(echo $PATH | tr : '\\n' | grep -vx '/s\\?bin' | paste -sd :); umask 077; exec \"$@\"", "-")).run();
            assertSane(ran);
            assertEquals(lab.under(place).run().exit(), ran.exit(), ran::toString);
        });
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by being a bubblewrap container,")
    Stream<DynamicNode> bubblewrap() {
        return tests(Stream.of(ordinaryUser()), lab -> {
            assumeTrue(installed("bwrap"), "no bwrap: install bubblewrap");
            assertSane(lab.under("bwrap", "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--die-with-parent").run());
        });
    }

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("by being a container of Docker's default profile,")
    Stream<DynamicNode> docker() {
        if (!installed("docker") || Ran.command("docker", "version").exit() != 0)
            return Stream.of(dynamicTest("any lab", () -> assumeTrue(false, "no Docker engine runs here")));
        // An image without files of its own: the programs come from this machine, read-only.
        Ran.command("sh", "-c", "d=$(mktemp -d) && chmod 755 $d && cd $d && for l in bin sbin lib lib64; do ln -s usr/$l $l; done && mkdir proc && mkdir -m 1777 tmp && "
                + "tar -c . | docker import - nslabs-empty && cd / && rm -r $d").text();
        return tests(Stream.of(As.ROOT), lab -> {
            var clone = lab.user().workbook().toString();
            assertRefused(lab.under("docker", "run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", "-v", "/etc:/etc:ro", "-v", clone + ":" + clone + ":ro",
                    "nslabs-empty").run(), "EPERM", "seccomp");
        });
    }

    // ---- the means

    private static final String[] USER_NAMESPACE = {"unshare", "--user", "--map-root-user"};

    private static String[] limited(String type) {
        return join(USER_NAMESPACE, "sh", "-c", "echo 0 > /proc/sys/user/max_" + type + "_namespaces && exec \"$@\"", "-");
    }

    /** The capability to set the limit is kept over the shell's execve, and then given up: an ordinary user, with its own id. */
    private static final String[] NO_WAY_IN = {"unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c",
        "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --ambient-caps=-all --inh-caps=-all \"$@\"", "-"};

    private static String[] seccompFilter() {
        return Seccomp.refuses(List.of()).toArray(String[]::new);
    }

    /** The second unshare locks the mount over /proc/tty: then the kernel mounts no fresh proc in there; mount_namespaces(7). */
    private static final String[] MASKED_PROC = join(USER_NAMESPACE, "--mount", "sh", "-c",
            "mount -t tmpfs none /proc/tty && exec unshare --user --map-root-user --mount \"$@\"", "-");

    /** A file that cannot be executed, over the program in every place where a shell, or a lab, would look. */
    private static String[] without(String program) {
        return join(USER_NAMESPACE, "--mount", "sh", "-c", """
                program=$0
                for place in $(echo "$PATH" | tr : ' ') /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
                    if [ -x "$place/$program" ]; then mount --bind /dev/null "$place/$program"; fi
                done
                exec "$@\"""", program);
    }

    private static String[] join(String[] first, String... more) {
        return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
    }

    /** The controls: each means refuses exactly what it should, whoever asks, and without it the same command succeeds. */
    @TestFactory
    @DisplayName("the refusal is real:")
    Stream<DynamicNode> the_means() {
        String[] newProc = join(USER_NAMESPACE, "--pid", "--fork", "--mount-proc", "true");
        return Stream.of(
                means("a limit of 0 for UTS namespaces", limited("uts"), "No space left on device", join(USER_NAMESPACE, "--uts", "true")),
                means("a limit of 0 leaves the other types alone", limited("uts"), "", join(USER_NAMESPACE, "--ipc", "true")),
                means("the seccomp filter", seccompFilter(), "Operation not permitted", join(USER_NAMESPACE, "true")),
                means("the seccomp filter lets threads start", seccompFilter(), "", System.getProperty("java.home") + "/bin/java", "-version"),
                means("no way in", NO_WAY_IN, "No space left on device", join(USER_NAMESPACE, "true")),
                means("the masked /proc", MASKED_PROC, "ount", newProc), // "mount failed" or "cannot mount", by version
                means("the missing program", without("ip"), "ermission denied", "sh", "-c", "ip -V"));
    }

    private static DynamicNode means(String name, String[] refusing, String message, String... command) {
        return dynamicTest(name, () -> {
            assertEquals(0, Ran.command(command).exit(), "without it: " + Ran.command(command));
            var ran = Ran.command(join(refusing, command));
            assertEquals(message.isEmpty(), ran.exit() == 0, ran::toString);
            assertTrue(ran.stderr().contains(message), ran::toString);
        });
    }

    // ---- what is expected

    /** Refused as a whole: 77, and the cause names the culprit. */
    private static void assertRefused(Ran ran, String errno, String culprit) {
        assertSane(ran);
        assertEquals(77, ran.exit(), () -> "exit code of " + ran);
        assertEquals("cannot", ran.record().path("verdict").asText(), () -> "verdict of " + ran);
        assertEquals(errno, ran.record().path("error").path("name").asText(), () -> "errno of " + ran);
        assertTrue(ran.record().path("error").path("cause").asText().contains(culprit), () -> "the cause does not name " + culprit + ": " + ran);
    }

    /** What holds whatever the machine refuses. */
    private static void assertSane(Ran ran) {
        assertFalse(ran.stderr().matches("(?s).*(\\R\\s+at \\S+\\(|Exception|hs_err).*"), () -> "a stack trace: " + ran);
        assertTrue(ran.exit() == 0 || ran.exit() == 77, () -> "exit code of " + ran);
        var claims = claims(ran);
        assertFalse(claims.isEmpty(), () -> "no claims: " + ran);
        for (var claim : claims) {
            assertFalse(claim.path("holds").isBoolean() && !claim.path("holds").asBoolean(), () -> "a refusal is no failure: " + claim);
            assertFalse(claim.path("holds").isNull() && claim.path("reason").asText().isBlank(), () -> "no reason: " + claim);
        }
        if (ran.exit() == 77) {
            var error = ran.record().path("error");
            assertTrue(ERROR.matcher(ran.stderr()).find(), () -> "no ERROR, cause and remedy on stderr: " + ran);
            for (var part : List.of("cause", "remedy")) assertTrue(ran.stderr().contains(part + ": " + error.path(part).asText()), () -> part + " of " + ran);
        }
    }

    private static String reasons(Ran ran) {
        return ran.record().path("error").path("cause").asText() + ran.record().path("error").path("remedy").asText()
                + String.join("", claims(ran).stream().map(claim -> "\n" + claim.path("reason").asText()).toList());
    }

    private static List<String> notShown(Ran ran) {
        return claims(ran).stream().filter(claim -> claim.path("holds").isNull()).map(claim -> claim.path("id").asText()).toList();
    }

    private static List<JsonNode> claims(Ran ran) {
        var claims = new ArrayList<JsonNode>();
        ran.record().path("claims").forEach(claims::add);
        return claims;
    }

    // ---- the labs

    /** What needs no privilege is tried without one. */
    private static As ordinaryUser() {
        return As.ORDINARY_USER.obstacle() == null ? As.ORDINARY_USER : As.ROOT;
    }

    private static Stream<DynamicNode> tests(Stream<As> users, Consumer<Lab> test) {
        return users.map(as -> dynamicContainer(as.toString(), as.obstacle() != null ? Stream.of(skipped(as))
                : labs(as).map(lab -> dynamicTest(lab.name(), () -> test.accept(lab)))));
    }

    private static Stream<DynamicNode> eachLab(Stream<As> users, java.util.function.Function<Lab, Stream<? extends DynamicNode>> tests) {
        return users.map(as -> dynamicContainer(as.toString(), as.obstacle() != null ? Stream.of(skipped(as))
                : labs(as).map(lab -> dynamicContainer(lab.name(), tests.apply(lab)))));
    }

    private static DynamicNode skipped(As as) {
        return dynamicTest("any lab", () -> assumeTrue(false, as.obstacle()));
    }

    /** Doctor makes no claims, and its table of refusals has a test of its own. */
    private static Stream<Lab> labs(As as) {
        return Lab.all().stream().filter(name -> !name.equals("Doctor")).map(name -> Lab.named(name).as(as).options("--json"));
    }

    private static boolean installed(String program) {
        return Ran.command("sh", "-c", "command -v " + program).exit() == 0;
    }
}
