package grader.watch;

import static grader.watch.Page.Look.BAD;
import static grader.watch.Page.Look.FAINT;
import static grader.watch.Page.Look.GOOD;
import static grader.watch.Page.Look.PLAIN;
import static grader.watch.Page.Look.STRONG;

import grader.model.ClaimResult;
import grader.model.ItemResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A verdict, for the student. */
final class Results {
    private static final Pattern NOT_YOURS = Pattern.compile("^The grader's machine [a-z ]+, and it is not your fault: ");
    private static final Pattern ERROR = Pattern.compile("^\\S*?\\w+\\.java:(\\d+): (?:error|warning): (.*)$");
    private static final int FEW_ERRORS = 2, FEW_LINES = 8;

    private Results() {}

    static String headline(ItemResult result) {
        return switch (result.verdict()) {
            case INFRA -> "INFRA: this machine cannot judge it, and that is not your fault";
            case STUDENT_ERROR -> "STUDENT_ERROR, 0 of " + result.max() + " points";
            default -> result.verdict() + ", " + result.points() + " of " + result.max() + " points";
        };
    }

    /** @param whole every claim in full; else only the first that does not hold */
    static Page page(ItemResult result, boolean whole) {
        boolean good = result.verdict() == Verdict.PASS;
        var page = new Page().line(0, good ? GOOD : BAD, good ? "✔ " : "✘ ", STRONG, headline(result)).blank();
        if (result.verdict() == Verdict.INFRA) return infra(page, result);
        if (result.reason() != null) page.line(0, PLAIN, sentence(result.reason())).blank();
        if ("compile".equals(result.error())) return compiler(page, result.output(), whole);
        if (result.verdict() == Verdict.STUDENT_ERROR) return output(page, result.output(), whole);
        boolean shown = result.reason() != null;
        for (var claim : result.claims()) {
            boolean holds = claim.verdict() == Verdict.PASS;
            page.line(0, holds ? GOOD : BAD, holds ? "✔ " : "✘ ", PLAIN, claim.sentence() + "  [" + claim.id() + "]");
            if (holds || shown && !whole) continue;
            if (claim.reason() != null && !claim.reason().equals(result.reason())) page.line(4, STRONG, claim.reason());
            compared(page, claim);
            page.blank();
            shown = true;
        }
        result.notes().forEach(note -> page.line(0, PLAIN, "Note: " + note));
        return page;
    }

    private static void compared(Page page, ClaimResult claim) {
        if (claim.expected() == null) return;
        List<String> expected = claim.expected().lines().toList(), saw = claim.saw().lines().toList();
        List<String> missing = without(expected, saw), more = without(saw, expected);
        if (Math.max(expected.size(), saw.size()) > 3 && missing.size() + more.size() > 0) { // of long lists only what differs
            if (!missing.isEmpty()) page.line(4, FAINT, "missing   ", PLAIN, String.join("\n", missing));
            if (!more.isEmpty()) page.line(4, FAINT, "too much  ", PLAIN, String.join("\n", more));
        } else {
            page.line(4, FAINT, "expected  ", PLAIN, claim.expected());
            page.line(4, FAINT, "saw       ", PLAIN, claim.saw());
        }
    }

    private static List<String> without(List<String> lines, List<String> others) {
        return lines.stream().filter(line -> !others.contains(line)).toList();
    }

    private static Page infra(Page page, ItemResult result) {
        var why = String.valueOf(result.reason());
        why = NOT_YOURS.matcher(why).replaceFirst("");
        for (var part : why.split("; (?=cause: |remedy: )")) {
            int colon = part.startsWith("cause: ") || part.startsWith("remedy: ") ? part.indexOf(' ') + 1 : 0;
            page.line(0, STRONG, part.substring(0, colon), PLAIN, part.substring(colon));
        }
        return page.blank().line(0, PLAIN, "./build.sh doctor tells more about this machine.");
    }

    /** The compiler's first words with the lines of the student's file that they are about. */
    private static Page compiler(Page page, String said, boolean whole) {
        int errors = 0, left = 0;
        for (var line : String.valueOf(said).lines().toList()) {
            var error = ERROR.matcher(line);
            boolean begins = error.matches();
            if (begins) errors++;
            if (!whole && errors > FEW_ERRORS) {
                if (begins) left++;
            } else if (begins) {
                page.line(0, STRONG, "line " + error.group(1) + ": ", PLAIN, error.group(2));
            } else if (!line.matches("\\d+ errors?")) {
                page.line(2, PLAIN, line);
            }
        }
        return left > 0 ? page.line(0, FAINT, "and " + left + " more, perhaps only because of these") : page;
    }

    private static Page output(Page page, String output, boolean whole) {
        if (output == null || output.isBlank()) return page.line(0, FAINT, "It printed nothing.");
        var lines = new ArrayList<>(output.lines().toList());
        boolean cut = !whole && lines.size() > FEW_LINES;
        page.line(0, STRONG, cut ? "The last that it printed (o shows more)" : "What it printed");
        (cut ? lines.subList(lines.size() - FEW_LINES, lines.size()) : lines).forEach(line -> page.line(2, PLAIN, line));
        return page;
    }

    private static String sentence(String text) {
        var first = Character.toUpperCase(text.charAt(0)) + text.substring(1);
        return text.matches("^[\\w/]+\\.(java|sh)\\b.*") ? text : first.endsWith(".") ? first : first + ".";
    }
}
