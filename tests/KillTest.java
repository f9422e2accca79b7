import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import outside.As;
import outside.Killed;
import outside.Lab;
import outside.Scratch;
import outside.Snapshot;

/**
 * A lab that is killed half-way leaves the host as it was, because the kernel cleans up and not the lab.
 * The moments are random, one in each of as many equal parts of the lab's run time as there are kills.
 *
 * <p>NSLABS_KILLS (5) is the number of kills per lab, user and variant; NSLABS_SEED repeats the moments of an earlier run.
 */
@Timeout(1200)
@DisplayName("Killed half-way,")
class KillTest {
    private static final int KILLS = Integer.parseInt(System.getenv().getOrDefault("NSLABS_KILLS", "5"));
    private static final long SEED = Long.parseLong(System.getenv().getOrDefault("NSLABS_SEED", "" + new Random().nextInt(1_000_000)));
    /** How long the kernel, and what dies with its parent, may take. */
    private static final long SECONDS = 5;

    @TestFactory
    @DisplayName("no lab leaves anything behind")
    Stream<DynamicNode> no_lab_leaves_anything_behind() {
        return Arrays.stream(As.values()).map(as -> dynamicContainer(as.toString(), labs(as)));
    }

    private static Stream<DynamicNode> labs(As as) {
        if (as.obstacle() != null) return Stream.of(dynamicTest("any lab", () -> assumeTrue(false, as.obstacle())));
        return Lab.all().stream().map(name -> {
            var lab = Lab.named(name).as(as).options("--json");
            // The seed stands in the name, because the name is what a failure shows.
            var tests = new ArrayList<DynamicNode>(List.of(dynamicTest(KILLS + " times, seed " + SEED, () -> killedWhileItRuns(lab))));
            if (!name.equals("Doctor")) tests.add(dynamicTest("while it holds its namespaces open", () -> killedWhileItHolds(lab)));
            return dynamicContainer(name, tests);
        });
    }

    private static void killedWhileItRuns(Lab lab) {
        var whole = lab.run(); // this one may build; the next is measured
        assumeTrue(whole.exit() != 77, () -> "this machine cannot: " + whole.stderr().strip());
        var start = System.nanoTime();
        lab.run();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        var left = leftAfterKills(lab, millis);
        // Others write to /tmp, too, and have cgroups. What they did by chance in this minute they will hardly do again in the next.
        if (!left.isEmpty() && left.stream().allMatch(line -> line.matches("(file in|cgroup|after kills) .*"))) left = leftAfterKills(lab, millis);
        assertEquals(List.of(), left);
    }

    /** Kills it at the moments that belong to the seed, and says what is left of that; ends what should have ended. */
    private static List<String> leftAfterKills(Lab lab, long millis) {
        var random = new Random(SEED ^ lab.toString().hashCode());
        var before = Snapshot.take();
        var moments = IntStream.range(0, KILLS).mapToObj(i -> (long) ((i + random.nextDouble()) * millis / KILLS)).toList();
        var kills = moments.parallelStream().map(moment -> Killed.after(moment, lab)).toList(); // some at the same time: that is one more thing that can happen
        var log = IntStream.range(0, KILLS).mapToObj(i -> moments.get(i) + (kills.get(i).inTime() ? "" : " (had ended)")).toList();
        assertTrue(kills.stream().anyMatch(Killed::inTime), () -> "none of the kills came in time: " + log);
        var left = new ArrayList<>(left(before));
        kills.forEach(killed -> killed.survivors(SECONDS).forEach(survivor -> left.add("survivor: " + survivor)));
        kills.forEach(Killed::end);
        if (!left.isEmpty()) left.add("after kills at " + log + " of " + millis + " ms");
        return left;
    }

    /** What is new. A cgroup or a file that went is no left-over: a later run clears away what an earlier one had to leave. */
    private static List<String> left(Snapshot before) {
        return Snapshot.settled(before, SECONDS).stream().filter(line -> !line.matches("(cgroup|file in \\S+) gone: .*")).toList();
    }

    private static void killedWhileItHolds(Lab lab) {
        var before = Snapshot.take();
        try (var held = Lab.named(lab.name()).as(lab.user()).hold()) {
            held.lab().destroyForcibly();
            assertEquals(List.of(), left(before), () -> "left by " + lab + " --hold, killed");
        }
    }

    /** The controls: commands that leave something behind, each of another kind. */
    @Nested
    @DisplayName("a command that leaves something is found out:")
    class A_command_that_leaves_something {
        @Test
        @DisplayName("a process")
        void a_process() {
            var before = Snapshot.take();
            var killed = Killed.after(300, "sh", "-c", "sleep 60 & wait");
            try {
                assertFound("process new: .*sleep 60", Snapshot.settled(before, 1));
            } finally {
                killed.end();
            }
            assertEquals(List.of(), Snapshot.settled(before, SECONDS), "after its end");
        }

        @Test
        @DisplayName("a process that has lost its parent and its environment")
        void a_hidden_process() {
            var killed = Killed.after(300, "sh", "-c", "env -i sleep 60 & wait");
            try {
                assertFound("[0-9]+: sleep 60", killed.survivors(0));
            } finally {
                killed.end();
            }
            assertEquals(List.of(), killed.survivors(SECONDS), "after its end");
        }

        @Test
        @DisplayName("a System V queue")
        void a_queue() throws InterruptedException {
            assumeTrue(As.TESTS_ARE_ROOT, "needs root for an IPC namespace to leave it in");
            var differences = new ArrayList<String>();
            // A thread with an IPC namespace of its own plays the host, and the queue ends with it.
            var host = new Thread(() -> {
                NativeLibrary.getInstance("c").getFunction("unshare").invokeInt(new Object[] {0x08000000});
                var before = Snapshot.take();
                Killed.after(500, "sh", "-c", "ipcmk --queue; exec sleep 60").end();
                differences.addAll(Snapshot.settled(before, 0));
            });
            host.start();
            host.join(30_000);
            assertFound("System V object new: msg .*", differences);
        }

        @Test
        @DisplayName("a file")
        void a_file() throws IOException {
            var file = Path.of("/tmp", "left-by-a-lab-" + Scratch.RUN);
            var before = Snapshot.take();
            var killed = Killed.after(300, "sh", "-c", "> " + file + "; sleep 60 & wait");
            killed.end();
            try {
                assertFound("file in /tmp new: left-by-a-lab.*", Snapshot.settled(before, 1));
            } finally {
                Files.deleteIfExists(file);
            }
        }

        private static void assertFound(String pattern, List<String> differences) {
            assertTrue(differences.stream().anyMatch(line -> line.matches(pattern)), () -> pattern + " is not in " + differences);
        }
    }
}
