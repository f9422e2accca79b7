import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import outside.As;
import outside.Delegated;
import outside.Grader;
import outside.Home;
import outside.Ran;
import outside.Solutions;

/** The authors' gate: every starter fails, every reference solution passes, every cheat gets the verdict that it states. */
@Timeout(1800)
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@DisplayName("The exercises' gate")
class GateTest {
    @TestFactory
    @DisplayName("finds as it should be")
    Stream<DynamicNode> gate() {
        return Stream.concat(Arrays.stream(As.values()).map(as -> as.obstacle() == null ? dynamicContainer(as.toString(), lines(as))
                : dynamicTest(as.toString(), () -> assumeTrue(false, as.obstacle()))), Stream.of(given()));
    }

    /** What an ordinary user cannot judge alone: exercises that need a cgroup. Root gives him some, as systemd does. */
    private static DynamicNode given() {
        var name = "as an ordinary user who has been given cgroups";
        var obstacle = As.TESTS_ARE_ROOT ? As.ORDINARY_USER.obstacle() : As.ROOT.obstacle();
        if (obstacle != null) return dynamicTest(name, () -> assumeTrue(false, obstacle));
        var exercises = Ran.names(Home.path().resolve("labs/exercises")).filter(GateTest::needsCgroup).map(file -> file.replaceFirst("\\.\\w+$", "")).toArray(String[]::new);
        try (var delegated = new Delegated(As.ORDINARY_USER.uid())) {
            return dynamicContainer(name, lines(As.ORDINARY_USER, exercises));
        }
    }

    private static boolean needsCgroup(String file) {
        try {
            return Files.readString(Home.path().resolve("labs/exercises").resolve(file)).contains("| needs cgroup");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<DynamicNode> lines(As as, String... exercises) {
        var ran = Grader.run(as, 1500, Stream.concat(Stream.of("gate"), Stream.of(exercises)).toArray(String[]::new));
        var tests = new ArrayList<DynamicNode>();
        String what = null;
        var text = new StringBuilder();
        for (var line : Stream.concat(ran.stdout().lines(), Stream.of("ok     ")).toList()) {
            boolean begins = line.startsWith("ok     ") || line.startsWith("FAILED ") || line.startsWith("cannot ");
            if (begins && what != null) {
                var good = what.startsWith("ok     ");
                var told = text.toString();
                boolean judged = !what.startsWith("cannot ");
                tests.add(dynamicTest(what.substring(7).replaceFirst(":.*", ""), () -> {
                    assumeTrue(judged, told.replaceFirst("(?s)[^:]*: ", "").strip());
                    assertTrue(good, told);
                }));
            }
            if (begins) {
                what = line;
                text.setLength(0);
            }
            text.append(line).append('\n');
        }
        var wanted = List.of(exercises);
        int files = count("labs/exercises", wanted) + count("tests/solutions", wanted)
                + Ran.names(Home.path().resolve("tests/cheats")).mapToInt(folder -> count("tests/cheats/" + folder, wanted)).sum()
                + Ran.names(Home.path().resolve("tests/solutions")).filter(name -> !name.contains(".")).mapToInt(folder -> count("tests/solutions/" + folder, wanted)).sum();
        // What is not judged can not be wrong: each file must have had its line, and each exercise one for its header.
        tests.add(dynamicTest("the number of files judged", () -> assertEquals(files + count("labs/exercises", wanted), tests.size() - 1, ran::toString)));
        return tests.stream();
    }

    /** How many answers a folder holds: to these exercises, or to all. */
    private static int count(String folder, List<String> exercises) {
        return (int) Ran.names(Home.path().resolve(folder)).filter(name -> name.matches("\\w+\\.(java|sh)"))
                .filter(name -> exercises.isEmpty() || exercises.contains(name.replaceFirst("\\..*", ""))).count();
    }
}
