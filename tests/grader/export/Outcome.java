package grader.export;

import grader.model.ClaimResult;
import grader.model.ItemResult;
import grader.model.Verdict;
import java.util.List;

/**
 * What a claim is worth in the end: its own verdict, unless that on the whole item takes the points away. A claim of an answer that
 * went over a limit may have been seen, and still no form of the results may call it passed.
 *
 * @param points null: no score
 */
record Outcome(String id, String sentence, Verdict verdict, Integer points, int max, String expected, String saw, String reason, String read) {
    /** All claims of an item, in its order; one for the item itself if it has none. */
    static List<Outcome> of(ItemResult item) {
        if (item.claims().isEmpty()) return List.of(new Outcome(item.name(), Words.title(item), item.verdict(), item.points(), item.max(), null, null, item.reason(), null));
        return item.claims().stream().map(claim -> of(item, claim)).toList();
    }

    private static Outcome of(ItemResult item, ClaimResult claim) {
        var passed = claim.verdict() == Verdict.PASS;
        var verdict = switch (item.verdict()) {
            case INFRA -> Verdict.INFRA;
            case TAMPER -> Verdict.TAMPER;
            case STUDENT_ERROR -> passed ? Verdict.STUDENT_ERROR : claim.verdict();
            default -> claim.verdict();
        };
        Integer points = verdict == Verdict.INFRA ? null : verdict == Verdict.PASS ? claim.points() : Integer.valueOf(0);
        var reason = verdict == claim.verdict() || item.reason() == null ? claim.reason() : item.reason();
        return new Outcome(claim.id(), claim.sentence(), verdict, points, claim.max(), claim.expected(), claim.saw(), reason, claim.read());
    }

    boolean passed() {
        return verdict == Verdict.PASS;
    }

    /** All there is to say about it, on lines of its own, for forms that have one field for it. Empty for a claim that passed. */
    String message(ItemResult item) {
        if (passed()) return "";
        var text = new StringBuilder(Words.verdict(verdict, item.error()));
        if (item.reason() != null) text.append('\n').append(item.reason());
        if (reason != null && !reason.equals(item.reason())) text.append('\n').append(reason);
        if (expected != null) text.append("\nexpected: ").append(expected).append("\nsaw: ").append(saw);
        if (read != null) text.append("\nread: ").append(read);
        return text.toString();
    }
}
