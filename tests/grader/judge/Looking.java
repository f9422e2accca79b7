package grader.judge;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import grader.model.ClaimResult;
import grader.model.Verdict;
import grader.plan.PlannedClaim;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;
import outside.Verifies;

/** One look at what is to be judged: JUnit runs the tests of a class, and what finished is counted against the plan. */
public final class Looking implements TestExecutionListener {
    private static final LauncherConfig CONFIG = LauncherConfig.builder().enableTestEngineAutoRegistration(false).addTestEngines(new JupiterTestEngine())
            .enableTestExecutionListenerAutoRegistration(false).enableLauncherDiscoveryListenerAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false).enablePostDiscoveryFilterAutoRegistration(false).build();

    /** By claim: how each of its tests ended. */
    private final Map<String, List<TestExecutionResult>> results = new HashMap<>();

    private final Class<?> tests;
    private final String read;

    private Looking(Class<?> tests, String read) {
        this.tests = tests;
        this.read = read;
    }

    /**
     * What the claims look like now.
     *
     * @param tests JUnit tests with a parameter for the subject, and {@code @Verifies}
     * @param read where to read about it
     */
    public static List<ClaimResult> at(Class<?> tests, Object subject, List<PlannedClaim> claims, String read) {
        var id = UUID.randomUUID().toString();
        SubjectParameter.SUBJECTS.put(id, subject);
        try {
            var looking = new Looking(tests, read);
            var request = LauncherDiscoveryRequestBuilder.request().selectors(selectClass(tests)).configurationParameter(SubjectParameter.KEY, id).build();
            LauncherFactory.create(CONFIG).execute(request, looking);
            return claims.stream().map(looking::result).toList();
        } finally {
            SubjectParameter.SUBJECTS.remove(id);
        }
    }

    /** The claims that the tests of a class verify. */
    static List<String> verified(Class<?> tests) {
        var ids = new ArrayList<String>();
        for (var method : tests.getDeclaredMethods()) {
            var verifies = method.getAnnotation(Verifies.class);
            if (verifies != null) ids.addAll(List.of(verifies.value()));
        }
        return ids;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest()) return;
        var method = ((MethodSource) test.getSource().orElseThrow()).getJavaMethod();
        for (var id : method.getAnnotation(Verifies.class).value()) results.computeIfAbsent(id, none -> new ArrayList<>()).add(result);
    }

    private ClaimResult result(PlannedClaim claim) {
        int count = (int) verified(tests).stream().filter(claim.id()::equals).count();
        var done = results.getOrDefault(claim.id(), List.of());
        var verdict = done.isEmpty() || done.size() < count ? Verdict.NOT_RUN : Verdict.PASS;
        Throwable why = null;
        for (var each : done) {
            var thrown = each.getThrowable().orElse(null);
            var its = each.getStatus() == TestExecutionResult.Status.SUCCESSFUL ? Verdict.PASS
                    : thrown instanceof TestAbortedException ? Verdict.NOT_RUN : thrown instanceof AssertionError || gone(thrown) ? Verdict.FAIL : Verdict.INFRA;
            if (its != Verdict.PASS && (why == null || Verdict.worst(List.of(its, verdict)) == its)) why = thrown;
            verdict = Verdict.worst(List.of(its, verdict));
        }
        if (why != null && !(why instanceof AssertionError) && System.getenv("NSLABS_DEBUG") != null) why.printStackTrace();
        if (why != null && gone(why)) why = new AssertionError("a process or thread of yours ended while it was looked at");
        String expected = null, saw = null, reason = verdict == Verdict.PASS ? null : why == null ? "this was not tested to its end" : String.valueOf(why.getMessage());
        if (why instanceof AssertionFailedError failure && failure.isExpectedDefined() && failure.isActualDefined()) {
            reason = reason.replaceFirst("(?s)(?: ==> )?expected: .*", "").strip();
            if (!(failure.getExpected().getValue() instanceof Boolean)) {
                expected = cut(failure.getExpected().getStringRepresentation());
                saw = cut(failure.getActual().getStringRepresentation());
            }
            if (reason.isEmpty()) reason = "what was seen is not what was expected";
        } else if (verdict == Verdict.INFRA) {
            reason = "the judge failed: " + why;
        }
        return new ClaimResult(claim.id(), claim.sentence(), verdict, verdict == Verdict.PASS ? claim.points() : 0, claim.points(), expected, saw, reason, read);
    }

    /** Whether a file in /proc could not be read: an answer's processes may end at any time, and that is its own affair. */
    private static boolean gone(Throwable thrown) {
        return thrown instanceof UncheckedIOException && String.valueOf(thrown.getMessage()).contains("/proc/");
    }

    private static String cut(String text) {
        return text.length() > 1000 ? text.substring(0, 1000) + "..." : text;
    }
}
