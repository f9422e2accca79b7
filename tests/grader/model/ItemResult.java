package grader.model;

import java.util.List;

/**
 * What became of one thing that a student was to hand in.
 *
 * @param error of a STUDENT_ERROR its kind: compile ended crash time cpu memory pids output disk; else null
 * @param reason one sentence about the whole item; null where the claims say it all
 * @param points null for INFRA: no score
 * @param output the beginning of what the answer printed: data, to be escaped wherever it is shown
 * @param fingerprint equal for two students' items that are the same but for layout; null where nothing was handed in
 */
public record ItemResult(Kind kind, String name, String lab, int difficulty, Verdict verdict, String error, String reason, Integer points, int max,
        List<ClaimResult> claims, List<String> notes, String output, String fingerprint, long millis) {

    /** An item from its claims: the worst verdict, and the sum of the points unless the verdict takes them away. */
    public static ItemResult of(Kind kind, String name, String lab, int difficulty, Verdict atLeast, String error, String reason, List<ClaimResult> claims,
            List<String> notes, String output, String fingerprint, long millis) {
        var all = new java.util.ArrayList<>(claims.stream().map(ClaimResult::verdict).toList());
        if (atLeast != null) all.add(atLeast);
        var verdict = Verdict.worst(all);
        int max = claims.stream().mapToInt(ClaimResult::max).sum();
        Integer points = switch (verdict) {
            case INFRA -> null;
            case TAMPER, STUDENT_ERROR -> 0;
            default -> claims.stream().filter(claim -> claim.verdict() == Verdict.PASS).mapToInt(ClaimResult::points).sum();
        };
        return new ItemResult(kind, name, lab, difficulty, verdict, error, reason, points, max, List.copyOf(claims), List.copyOf(notes), output, fingerprint, millis);
    }

    /** The same item with another verdict for all of it. */
    public ItemResult as(Verdict other, String why) {
        return of(kind, name, lab, difficulty, other, error, why, claims, notes, output, fingerprint, millis);
    }

    /** The same with a further note. */
    public ItemResult noted(String note) {
        var more = new java.util.ArrayList<>(notes);
        more.add(note);
        return new ItemResult(kind, name, lab, difficulty, verdict, error, reason, points, max, claims, List.copyOf(more), output, fingerprint, millis);
    }
}
