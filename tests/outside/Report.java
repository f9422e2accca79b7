package outside;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.opentest4j.AssertionFailedError;

/**
 * Prints the tests as a tree of sentences while they run, and counts. A test that was planned and never heard of again
 * counts as failed: a run that lost some of its tests did not succeed.
 *
 * <p>Plans may follow one another, and several tests run at the same time. Their lines stand in the order in which they began: those of one that is faster
 * than another before it wait.
 */
public final class Report implements TestExecutionListener {
    private final PrintStream out;
    private final boolean terminal;
    private final boolean colour;
    private final List<String> failures = new ArrayList<>();
    /** The names by their reason: one cause often takes many. */
    private final Map<String, List<String>> skips = new LinkedHashMap<>();
    private final Set<String> open = new HashSet<>();
    private final Map<String, Long> started = new HashMap<>();
    private final Map<String, Lines> lines = new HashMap<>();
    private final Lines all = new Lines();
    private TestPlan plan;
    private int planned;
    private int passed;
    private boolean finished;
    /** Set by the summary: when the JVM is being ended from outside, tests go on for a moment, and must not print after it. */
    private volatile boolean silent;

    /** What is told of a test or a container: texts, and in a container the lines of what is in it. */
    private static final class Lines {
        private final List<Object> parts = new ArrayList<>();
        private int printed;
        private boolean ended;
    }

    /** @param terminal whether a person looks on: then a line of progress is shown, and colours unless NO_COLOR is set */
    public Report(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
        this.colour = terminal && System.getenv("NO_COLOR") == null;
    }

    public int passed() {
        return passed;
    }

    public int failed() {
        return failures.size();
    }

    public int skipped() {
        return skips.values().stream().mapToInt(List::size).sum();
    }

    /** True when the run came to its end, which System.exit in a test would prevent. */
    public boolean finished() {
        return finished;
    }

    /** Counts a failure that no test can report. */
    public void lost(String what) {
        failures.add(what);
    }

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan plan) {
        this.plan = plan;
        finished = false;
        for (var root : plan.getRoots()) for (var each : plan.getDescendants(root)) if (each.isTest() && open.add(each.getUniqueId())) planned++;
    }

    @Override
    public synchronized void dynamicTestRegistered(TestIdentifier test) {
        if (test.isTest() && open.add(test.getUniqueId())) planned++;
    }

    @Override
    public synchronized void executionStarted(TestIdentifier what) {
        started.put(what.getUniqueId(), System.nanoTime());
        var own = new Lines();
        of(plan.getParent(what).orElse(null)).parts.add(own);
        lines.put(what.getUniqueId(), own);
        if (what.isContainer() && depth(what) >= 0) line(what, 0, "", what.getDisplayName());
        if (what.isTest()) progress(what);
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier what, String reason) {
        skip(what, reason);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier what, TestExecutionResult result) {
        var thrown = result.getThrowable().orElse(null);
        switch (result.getStatus()) {
            case ABORTED -> skip(what, thrown == null ? "aborted" : thrown.getMessage());
            case FAILED -> fail(what, thrown);
            case SUCCESSFUL -> {
                if (what.isTest() && open.remove(what.getUniqueId())) {
                    passed++;
                    line(what, 0, paint("32", "✔ "), what.getDisplayName() + time(what));
                }
            }
        }
        of(what).ended = true;
        print(all);
    }

    @Override
    public synchronized void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        line(test, 1, "", entry.getKeyValuePairs().toString());
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan plan) {
        finished = true;
        countLost();
    }

    private void countLost() {
        for (var lost : List.copyOf(open)) {
            open.remove(lost);
            failures.add(name(plan.getTestIdentifier(UniqueId.parse(lost))) + "\n    planned, but never finished");
        }
    }

    /** The failures and skips again, at the end where they are looked for, and the line of numbers as the very last. */
    public synchronized void summary() {
        lines.values().forEach(each -> each.ended = true); // what waited for another waits no more
        print(all);
        progress(null);
        silent = true;
        if (!finished && plan != null) countLost();
        skips.forEach((why, names) -> out.println("\nSkipped: " + why.replace("\n", "\n  ") + "\n    " + String.join("\n    ", names)));
        if (!failures.isEmpty()) out.println("\nFailed:\n  " + String.join("\n  ", failures));
        if (!finished) out.println("\nThe run was cut short: something ended the JVM.");
    }

    /** The last line of a run. */
    public String totals() {
        return passed + " passed, " + failed() + " failed, " + skipped() + " skipped";
    }

    /** A test is skipped once; a container takes with it every test in it that has not run. */
    private void skip(TestIdentifier what, String reason) {
        var why = reason == null || reason.isBlank() ? "no reason given" : reason.strip().replaceFirst("^Assumption failed: ", "");
        if (what.isTest()) line(what, 0, paint("33", "↷ "), what.getDisplayName() + " (skipped: " + first(why) + ")");
        else line(what, 1, paint("33", "↷ "), "skipped: " + first(why));
        var all = concerned(what);
        // A container without planned tests (a factory) that is skipped is still something that did not happen.
        for (var test : all.isEmpty() ? List.of(what) : all) skips.computeIfAbsent(why, none -> new ArrayList<>()).add(name(test));
    }

    private void fail(TestIdentifier what, Throwable thrown) {
        var why = explain(thrown);
        line(what, 0, paint("31", "✘ "), what.getDisplayName() + time(what));
        // Here the gist; the whole text stands at the end, where it is looked for.
        for (var text : why.subList(0, Math.min(6, why.size()))) line(what, 2, "", text.length() > 300 ? text.substring(0, 300) + "…" : text);
        if (why.size() > 6) line(what, 2, "", "…");
        failures.add(name(what) + "\n    " + String.join("\n    ", why));
        for (var test : concerned(what)) if (test != what) failures.add(name(test) + "\n    did not run, because of the failure above");
    }

    /** The tests at or below that have not ended; they end with it. */
    private List<TestIdentifier> concerned(TestIdentifier what) {
        var all = new ArrayList<TestIdentifier>();
        if (open.remove(what.getUniqueId())) all.add(what);
        for (var each : plan.getDescendants(what)) if (open.remove(each.getUniqueId())) all.add(each);
        all.sort(java.util.Comparator.comparing(this::name));
        return all;
    }

    /** Expected and saw, then where in the tests it was found out. */
    private static List<String> explain(Throwable thrown) {
        if (thrown == null) return List.of("no cause given");
        var why = new ArrayList<String>();
        if (thrown instanceof AssertionFailedError failure && failure.isExpectedDefined() && failure.isActualDefined()) {
            // JUnit's own message repeats both values at its end.
            var about = String.valueOf(failure.getMessage()).replaceFirst("(?s)(?: ==> )?expected: .*", "");
            if (!about.isBlank()) why.addAll(about.lines().toList());
            // Of assertTrue(…) the message says more than "true, but false".
            if (about.isBlank() || !(failure.getExpected().getValue() instanceof Boolean)) {
                value(why, "expected: ", failure.getExpected().getStringRepresentation());
                value(why, "saw:      ", failure.getActual().getStringRepresentation());
            }
        } else {
            var kind = thrown instanceof AssertionError ? "" : thrown.getClass().getSimpleName() + ": ";
            why.addAll((kind + thrown.getMessage()).lines().toList());
        }
        for (var frame : thrown.getStackTrace())
            if (frame.getFileName() != null && frame.getFileName().endsWith("Test.java")) {
                why.add("at " + frame.getFileName() + ":" + frame.getLineNumber());
                break;
            }
        for (var inner : new TreeSet<>(java.util.Arrays.asList(thrown.getSuppressed()).stream().map(String::valueOf).toList())) why.add("and: " + first(inner));
        return why;
    }

    /** A value of several lines stays in its column; a very long one is cut. */
    private static void value(List<String> into, String label, String value) {
        var text = value.length() > 4000 ? value.substring(0, 4000) + "…" : value;
        var lines = text.isEmpty() ? List.of("(nothing)") : text.lines().toList();
        for (int i = 0; i < lines.size(); i++) into.add((i == 0 ? label : " ".repeat(label.length())) + lines.get(i));
    }

    /** The names from the class to the test: together they read as a sentence. */
    private String name(TestIdentifier what) {
        var parent = plan.getParent(what).filter(up -> depth(up) >= 0);
        return (parent.isPresent() ? name(parent.get()) + " " : "") + what.getDisplayName();
    }

    /** 0 for a test class; the engine above it has -1. */
    private int depth(TestIdentifier what) {
        int depth = -1;
        for (var up = plan.getParent(what); up.isPresent(); up = plan.getParent(up.get())) depth++;
        return depth;
    }

    private String time(TestIdentifier what) {
        long millis = (System.nanoTime() - started.getOrDefault(what.getUniqueId(), System.nanoTime())) / 1_000_000;
        return millis < 200 ? "" : " (" + millis / 1000 + "." + millis / 100 % 10 + " s)";
    }

    /** What is told of this; of what never began, as when it is skipped, in the lines of what it is in. */
    private Lines of(TestIdentifier what) {
        var own = what == null ? all : lines.get(what.getUniqueId());
        return own != null ? own : of(plan.getParent(what).orElse(null));
    }

    private void line(TestIdentifier what, int deeper, String sign, String text) {
        of(what).parts.add("  ".repeat(Math.max(0, depth(what) + deeper)) + sign + text);
        print(all);
    }

    /** Prints as far as the order allows; false if something that has begun is to end first. */
    private boolean print(Lines what) {
        for (; what.printed < what.parts.size(); what.printed++) {
            var part = what.parts.get(what.printed);
            if (part instanceof Lines inner) {
                if (!print(inner)) return false;
            } else if (!silent) {
                if (terminal) out.print("\r\033[K");
                out.println(part);
            }
        }
        return what.ended;
    }

    private void progress(TestIdentifier test) {
        if (!terminal || silent) return;
        out.print("\r\033[K" + (test == null ? "" : "[" + (planned - open.size()) + "/" + planned + "] " + first(test.getDisplayName())));
        out.flush();
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }

    private static String first(String text) {
        return text.lines().findFirst().orElse("");
    }
}
