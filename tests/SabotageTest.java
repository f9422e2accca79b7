import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import outside.As;
import outside.Lab;
import outside.Sabotage.Type;
import outside.Sabotage;
import outside.Sandbox;
import outside.Scratch;

/**
 * A lab must not believe itself. Here unshare, setns and clone succeed and do nothing ({@link Sabotage}), in a sandbox that takes
 * the harm ({@link Sandbox}): a lab that still sees isolation never looked, and one that acts without looking hits the host.
 *
 * <p>NSLABS_SABOTAGE=all also takes away each single type from each lab, not only the mount namespace.
 */
@Timeout(600)
@DisplayName("When the namespace calls do nothing,")
class SabotageTest {
    /** Doctor makes no claims; it asks what would be allowed. */
    private static final Set<String> NO_LABS = Set.of("Doctor");
    private static final Set<Type> ALL = EnumSet.allOf(Type.class);
    private static final Set<Type> NONE = Set.of();

    private final Map<String, Sandbox.Run> controls = new ConcurrentHashMap<>();

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("no lab is fooled,")
    Stream<DynamicNode> no_lab_is_fooled() {
        return Arrays.stream(As.values()).map(as -> dynamicContainer("run " + as + ":", labs(as)));
    }

    private Stream<DynamicNode> labs(As as) {
        if (as.obstacle() != null) return Stream.of(dynamicTest("any lab", () -> assumeTrue(false, as.obstacle())));
        return Lab.all().stream().filter(name -> !NO_LABS.contains(name)).map(name -> {
            var lab = Lab.named(name).as(as).options("--json");
            var tests = new ArrayList<DynamicNode>();
            tests.add(dynamicTest("works in the sandbox as long as nothing is sabotaged", () -> worksInTheSandbox(lab)));
            tests.add(dynamicTest("says of every claim that it does not hold, and touches nothing", () -> failsEverywhere(lab)));
            for (var type : "all".equals(System.getenv("NSLABS_SABOTAGE")) ? ALL : EnumSet.of(Type.MOUNT))
                tests.add(dynamicTest("misses a " + type + " namespace that is not there", () -> missesOne(lab, type)));
            return dynamicContainer(name, tests);
        });
    }

    private void worksInTheSandbox(Lab lab) {
        var run = control(lab);
        assertEquals(0, run.ran().exit(), run.ran()::toString);
        assertTrue(claims(run).stream().anyMatch(claim -> claim.path("holds").asBoolean()), () -> "no claim holds: " + run.ran());
        assertEquals(List.of(), run.differences(), "changed by " + lab);
    }

    private void failsEverywhere(Lab lab) {
        control(lab);
        var run = Sandbox.run(ALL, lab);
        assertFalse(run.calls().isEmpty(), () -> "it made no namespace call at all: " + run.ran());
        assertEquals(List.of(), run.differences(), () -> "changed by " + lab + "\n" + run.ran());
        assertEquals(1, run.ran().exit(), () -> "exit code of " + run.ran());
        assertEquals("fails", run.ran().record().path("verdict").asText(), () -> "verdict of " + run.ran());
        assertFalse(claims(run).isEmpty(), () -> "no claims: " + run.ran());
        assertEquals(List.of(), claims(run).stream().filter(claim -> !claim.path("holds").isBoolean() || claim.path("holds").asBoolean())
                .map(claim -> claim.path("id").asText() + " holds: " + claim.path("holds")).toList(), () -> "of " + run.ran());
        assertNoStackTrace(run);
    }

    private void missesOne(Lab lab, Type type) {
        control(lab);
        var run = Sandbox.run(EnumSet.of(type), lab);
        assertEquals(List.of(), run.differences(), () -> "changed by " + lab + "\n" + run.ran());
        assertNoStackTrace(run);
        // A lab that never asked for this type has lost nothing, and may say so.
        if (!run.calls().isEmpty()) assertNotEquals(0, run.ran().exit(), () -> run.calls() + " did nothing, and yet: " + run.ran());
    }

    /** The same run without sabotage: if this fails, the failures of the others prove nothing. */
    private Sandbox.Run control(Lab lab) {
        var run = controls.computeIfAbsent(lab.toString(), key -> {
            lab.options("--help").run(); // built now, because the sandbox has no network and the class archive belongs out here
            return Sandbox.run(NONE, lab);
        });
        assumeTrue(run.made(), () -> "this machine cannot make a sandbox: " + run.ran().stderr().strip());
        assumeTrue(run.ran().exit() != 77, () -> "cannot run in a sandbox: " + run.ran().stderr().strip());
        return run;
    }

    private static List<JsonNode> claims(Sandbox.Run run) {
        var claims = new ArrayList<JsonNode>();
        run.ran().record().path("claims").forEach(claims::add);
        return claims;
    }

    private static void assertNoStackTrace(Sandbox.Run run) {
        assertFalse(run.ran().stderr().contains("\n\tat ") || run.ran().stderr().contains("Exception in thread"), () -> "a stack trace: " + run.ran());
    }

    @Nested
    @DisplayName("the sabotage itself")
    class The_sabotage_itself {
        private static final String TWICE = "readlink /proc/self/ns/%1$s; %2$s readlink /proc/self/ns/%1$s";

        @Test
        @DisplayName("lets a command run as if nothing were, when nothing is taken away")
        void takes_nothing_when_not_asked() {
            assertNotEquals(1, links(NONE, "uts", "unshare --uts").distinct().count(), "unshare --uts made a new namespace");
        }

        @Test
        @DisplayName("turns unshare(2) into nothing")
        void turns_unshare_into_nothing() {
            assertEquals(1, links(ALL, "uts", "unshare --uts").distinct().count(), "unshare --uts made no namespace");
        }

        @Test
        @DisplayName("reaches what a child's child calls, in any program")
        void reaches_descendants() {
            assertEquals(1, links(ALL, "net", "sh -c 'timeout 5 unshare --net --fork \"$@\" & wait' -").distinct().count());
        }

        @Test
        @DisplayName("turns setns(2) into nothing")
        void turns_setns_into_nothing() {
            var command = new ArrayList<>(List.of("sh", "-c", """
                    unshare --net sleep 20 & sleep 0.5
                    enter="nsenter --net=/proc/$!/ns/net readlink /proc/self/ns/net"
                    readlink /proc/self/ns/net; $enter; "$@" $enter; kill $!""", "-"));
            command.addAll(Sabotage.only(ALL, Scratch.newPath("log"), List.of()));
            var seen = sandboxed(NONE, command.toArray(String[]::new)).lines().toList();
            assertNotEquals(seen.get(0), seen.get(1), "nsenter enters");
            assertEquals(seen.get(0), seen.get(2), "nsenter, sabotaged, stays");
        }

        @Test
        @DisplayName("can take away one type and leave the others")
        void takes_away_one_type() {
            assertEquals(1, links(Set.of(Type.MOUNT), "mnt", "unshare --mount --uts").distinct().count(), "mount namespaces");
            assertEquals(2, links(Set.of(Type.MOUNT), "uts", "unshare --mount --uts").distinct().count(), "UTS namespaces");
        }

        @Test
        @DisplayName("passes the exit code on")
        void passes_the_exit_code_on() {
            assertEquals(42, Sandbox.run(ALL, "sh", "-c", "exit 42").ran().exit());
            assertEquals(137, Sandbox.run(ALL, "sh", "-c", "kill -KILL $$").ran().exit());
        }

        @Test
        @DisplayName("ends what the command leaves running")
        void ends_what_is_left() {
            var left = sandboxed(NONE, Stream.concat(Stream.of("sh", "-c", "\"$@\"; pgrep -x sleep || echo none", "-"),
                    Sabotage.all(Scratch.newPath("log"), List.of("sh", "-c", "sleep 60 >/dev/null 2>&1 &")).stream()).toArray(String[]::new));
            assertEquals("none", left);
        }

        /** The control of this whole class: a program that does not look is seen to do harm. */
        @Test
        @DisplayName("shows the harm that a careless program does")
        void shows_the_harm_of_a_careless_program() {
            var careless = new String[] {"unshare", "--uts", "--mount", "--ipc", "sh", "-c",
                "hostname isolated && mount -t tmpfs careless /mnt && ipcmk --queue >/dev/null && echo '{\"verdict\":\"holds\"}'"};
            assertEquals(List.of(), Sandbox.run(NONE, careless).differences(), "not sabotaged");
            var harm = Sandbox.run(ALL, careless);
            assertEquals(0, harm.ran().exit(), harm.ran()::toString);
            assertTrue(harm.differences().contains("+ hostname isolated"), harm.differences()::toString);
            assertTrue(harm.differences().stream().anyMatch(line -> line.startsWith("+ mount ") && line.contains("careless")), harm.differences()::toString);
            assertTrue(harm.differences().stream().anyMatch(line -> line.startsWith("+ sysv-msg ")), harm.differences()::toString);
        }

        private static Stream<String> links(Set<Type> sabotaged, String type, String command) {
            return sandboxed(sabotaged, "sh", "-c", TWICE.formatted(type, command)).lines();
        }

        private static String sandboxed(Set<Type> sabotaged, String... command) {
            var run = Sandbox.run(sabotaged, command);
            assumeTrue(run.made(), () -> "this machine cannot make a sandbox: " + run.ran().stderr().strip());
            return run.ran().text();
        }
    }
}
