package grader.model;

/**
 * What became of one claim.
 *
 * @param points all of {@code max}, or 0
 * @param expected null where nothing was compared
 * @param reason why it did not pass; null for PASS
 * @param read where to read about it, such as {@code docs/chapters/uts.adoc}
 */
public record ClaimResult(String id, String sentence, Verdict verdict, int points, int max, String expected, String saw, String reason, String read) {
    /** The same with another verdict and no points. */
    public ClaimResult as(Verdict other, String why) {
        return new ClaimResult(id, sentence, other, 0, max, null, null, why, read);
    }
}
