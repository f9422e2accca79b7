package grader.work;

import grader.model.ItemResult;
import grader.model.Verdict;

/** An item's result as text for a terminal. */
public final class Told {
    private Told() {}

    public static String of(ItemResult item) {
        var text = new StringBuilder(headline(item)).append('\n');
        if (item.reason() != null) text.append("  ").append(item.reason()).append('\n');
        for (var claim : item.claims()) {
            text.append("  ").append(claim.verdict() == Verdict.PASS ? "✔ " : "✘ ").append(claim.id()).append("  ").append(claim.points()).append('/').append(claim.max());
            if (claim.verdict() != Verdict.PASS) text.append("  ").append(claim.verdict());
            text.append('\n');
            if (claim.reason() != null && item.reason() == null) text.append("      ").append(claim.reason().replace("\n", "\n      ")).append('\n');
            if (claim.expected() != null) text.append("      expected: ").append(indented(claim.expected())).append("\n      saw:      ").append(indented(claim.saw())).append('\n');
        }
        item.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
        return text.toString();
    }

    /** What an answer has a hand in begins no line of ours. */
    private static String indented(String text) {
        return text.replace("\n", "\n                ");
    }

    static String headline(ItemResult item) {
        return item.name() + ": " + item.verdict() + (item.error() == null ? "" : " " + item.error()) + ", " + (item.points() == null ? "no score" : item.points() + "/" + item.max())
                + " (" + item.millis() + " ms)";
    }
}
