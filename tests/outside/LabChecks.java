package outside;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * What the tests of every lab share: the lab is started and held before the first test, looked at by all, released by the
 * last one, which then compares the lab's own word with what it promised.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LabChecks.Cannot.class)
public abstract class LabChecks {
    private final Lab lab;
    private final Map<List<String>, Trace> traces = new HashMap<>();
    private Held held;
    private JsonNode record;

    protected LabChecks(String lab, As as) {
        this(Lab.named(lab).as(as));
    }

    /** For a lab that is started with options or in an environment of its own. */
    protected LabChecks(Lab lab) {
        this.lab = lab;
    }

    @BeforeAll
    void start() {
        Assumptions.assumeTrue(lab.user().obstacle() == null, () -> lab.user().obstacle());
        held = lab.hold();
    }

    @AfterAll
    void end() {
        if (held != null) held.close();
    }

    /** The lab that stands open. */
    protected Held held() {
        return held;
    }

    /** The process inside. */
    protected Proc inside() {
        return held.inside();
    }

    /** Where the lab was started: what every namespace of {@link #inside} is compared with. */
    protected Proc outside() {
        return held.outside();
    }

    /** A command inside namespaces of the process inside: {@code enter("uts").text("hostname")}. */
    protected Enter enter(String... types) {
        return Enter.the(inside(), types);
    }

    /** The lab, to start it again with other options. */
    protected Lab lab() {
        return lab;
    }

    protected As as() {
        return lab.user();
    }

    /** The calls of a run of its own; traced once for the same set of names. */
    protected Trace trace(String... calls) {
        return traces.computeIfAbsent(List.of(calls), names -> lab.trace(calls));
    }

    /**
     * First rule of every check: the process inside stands apart in exactly these types and shares all others. The user
     * namespace is added for an ordinary user, who cannot do without.
     */
    protected void assertApartExactlyIn(String... types) {
        var expected = new java.util.TreeSet<>(List.of(types));
        if (as() == As.ORDINARY_USER) expected.add("user");
        assertEquals(expected, inside().apartFrom(outside()), () -> "types in which " + inside() + " stands apart from " + outside());
    }

    /** Waits for a condition, 30 s at most. */
    protected static void eventually(String what, BooleanSupplier condition) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(30));
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + Scratch.patience(30) + " s: " + what);
            Processes.sleep(10);
        }
    }

    @TestFactory
    @Order(Integer.MAX_VALUE)
    @DisplayName("and at the end says of itself")
    Stream<DynamicTest> and_at_the_end_says_of_itself() {
        var end = held.release();
        record = end.record();
        var exit = dynamicTest("that it succeeded", () -> assertEquals(0, end.exit(), () -> "exit code; stderr: " + end.stderr()));
        var silent = dynamicTest("something about every claim that it announces", () ->
                assertEquals(ids(lab.options("--claims").run().record()), ids(record.path("claims"))));
        return Stream.concat(Stream.of(exit, silent), claims(record).map(claim -> dynamicTest("that " + claim.path("id").asText() + " holds", () -> {
            if (claim.path("holds").isNull()) abort(claim.path("reason").asText());
            assertTrue(claim.path("holds").asBoolean(), () -> claim.path("sentence").asText() + " Expected " + claim.path("expected") + ", saw " + claim.path("saw"));
        })));
    }

    private JsonNode record() {
        if (record == null) record = lab.options("--json").run().record();
        return record;
    }

    private static Stream<JsonNode> claims(JsonNode record) {
        return StreamSupport.stream(record.path("claims").spliterator(), false);
    }

    private static List<String> ids(JsonNode claims) {
        return StreamSupport.stream(claims.spliterator(), false).map(claim -> claim.path("id").asText()).sorted().toList();
    }

    /**
     * A failed check of a claim about which the lab itself says "this machine cannot show it" becomes a skip, with the
     * lab's reason. Only a failed one, and only if all of its claims are such: a lab cannot talk its way out of a check
     * that would pass, and every such skip is counted and named.
     */
    static final class Cannot implements TestExecutionExceptionHandler {
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            var verifies = context.getRequiredTestMethod().getAnnotation(Verifies.class);
            if (failure instanceof TestAbortedException || verifies == null) throw failure;
            var checks = (LabChecks) context.getRequiredTestInstance();
            var verified = List.of(verifies.value());
            var excused = claims(checks.record()).filter(claim -> verified.contains(claim.path("id").asText()) && claim.path("holds").isNull()).toList();
            if (excused.size() < verified.size()) throw failure;
            throw new TestAbortedException(excused.get(0).path("reason").asText());
        }
    }
}
