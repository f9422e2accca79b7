import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import outside.As;
import outside.Grader;
import outside.Home;
import outside.Ran;

/** The authors' gate: every starter fails, every reference solution passes, every cheat gets the verdict that it states. */
@Timeout(1800)
@DisplayName("The exercises' gate")
class GateTest {
    @TestFactory
    @DisplayName("finds as it should be")
    Stream<DynamicNode> gate() {
        return Arrays.stream(As.values()).map(as -> as.obstacle() == null ? dynamicContainer(as.toString(), lines(as))
                : dynamicTest(as.toString(), () -> assumeTrue(false, as.obstacle())));
    }

    private static Stream<DynamicNode> lines(As as) {
        var ran = Grader.run(as, 1500, "gate");
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
        int files = count("labs/exercises") + count("tests/solutions") + Ran.names(Home.path().resolve("tests/cheats")).mapToInt(folder -> count("tests/cheats/" + folder)).sum()
                + Ran.names(Home.path().resolve("tests/solutions")).filter(name -> !name.contains(".")).mapToInt(folder -> count("tests/solutions/" + folder)).sum();
        // What is not judged can not be wrong: each file must have had its line, and each exercise one for its header.
        tests.add(dynamicTest("the number of files judged", () -> assertEquals(files + count("labs/exercises"), tests.size() - 1, ran::toString)));
        return tests.stream();
    }

    private static int count(String folder) {
        return (int) Ran.names(Home.path().resolve(folder)).filter(name -> name.matches("\\w+\\.(java|sh)")).count();
    }
}
