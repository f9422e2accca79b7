import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import outside.Coverage;

/** The gate: claims, labs, tests and curriculum fit together. What does not fails with its name. */
@DisplayName("The claims")
class ClaimsTest {
    private static Coverage coverage;

    @BeforeAll
    static void look() throws ClassNotFoundException {
        coverage = Coverage.look();
    }

    @TestFactory
    @DisplayName("are each well made and verified from outside:")
    Stream<DynamicTest> each() {
        // An empty table would make this gate an open door.
        assertFalse(coverage.claims().isEmpty(), "no lab has a claim");
        return coverage.claims().stream().map(claim -> dynamicTest(claim.id(), () -> assertAll(
                () -> assertTrue(claim.id().matches("[a-z]+\\.[a-z0-9]+(-[a-z0-9]+)*"), "the id has the form lab.what-happens"),
                () -> assertFalse(claim.rows().isEmpty(), "it names a row of the curriculum"),
                () -> assertTrue(claim.rows().stream().allMatch(row -> row.matches("[A-Z]{3}-[0-9]{2}")), () -> "rows have the form AAA-NN: " + claim.rows()),
                () -> assertTrue(claim.sentence().matches("\\S.*\\."), () -> "it is a sentence with a full stop: " + claim.sentence()),
                () -> assertTrue(coverage.tests().containsKey(claim.id()), "no test method has @Verifies(\"" + claim.id() + "\")"))));
    }

    @Test
    @DisplayName("have ids that no two share")
    void unique() {
        var labs = new HashMap<String, String>();
        var twice = new TreeSet<String>();
        for (var claim : coverage.claims()) {
            var other = labs.put(claim.id(), claim.lab());
            if (other != null) twice.add(claim.id() + " in " + other + " and " + claim.lab());
        }
        assertEquals(Set.of(), twice);
    }

    @Test
    @DisplayName("are the only ones that tests verify")
    void known() {
        var unknown = new TreeSet<>(coverage.tests().keySet());
        unknown.removeAll(coverage.claims().stream().map(Coverage.Claim::id).collect(toSet()));
        assertEquals(Set.of(), unknown, "@Verifies of a claim that no lab makes");
    }

    @Test
    @DisplayName("name only rows that the curriculum has")
    void rows() {
        assertEquals(List.of(), coverage.unknownRows().toList());
    }

    @Test
    @DisplayName("cover every core row")
    void core() {
        assertEquals(Set.of(), coverage.rows("core", false), "core rows without a claim");
    }

    @Test
    @DisplayName("cover at least two thirds of the other rows")
    void others() {
        var covered = new TreeSet<String>();
        var missing = new TreeSet<String>();
        for (var rank : List.of("intermediate", "advanced")) {
            covered.addAll(coverage.rows(rank, true));
            missing.addAll(coverage.rows(rank, false));
        }
        assertTrue(covered.size() >= 2 * missing.size(), () -> covered.size() + " of " + (covered.size() + missing.size()) + "; without a claim: " + missing);
    }
}
