package grader.work;

import grader.model.ClaimResult;
import grader.model.ItemResult;
import grader.model.Verdict;
import grader.plan.PlannedClaim;
import java.util.List;

/** Finds a file in a submission. */
final class Handed {
    private Handed() {}

    /**
     * A file.
     *
     * @param bytes null if it is not there, or not to be read; then {@code why} says so and {@code verdict} what comes of it
     * @param note for the teacher
     */
    record In(byte[] bytes, Verdict verdict, String why, String note) {
        /** What comes of an item whose file is not there. */
        ItemResult result(Item item) {
            var result = item.nothing(verdict, why);
            return note == null ? result : result.noted(note);
        }
    }

    /** @param path where it is expected, such as {@code records/uts.json} */
    static In file(Submission submission, String folder, String path) {
        if (submission.rejected() != null) return new In(null, Verdict.FAIL, submission.rejected(), null);
        var name = path.substring(path.indexOf('/') + 1);
        var found = submission.find(folder, name);
        if (found == null) {
            var near = submission.nearly(name.replaceFirst("\\..*$", ""));
            return new In(null, Verdict.FAIL, path + " is not in the submission" + (near == null ? "" : "; there is " + near + ", but the name must be exactly " + name), null);
        }
        if (submission.links().containsKey(found)) return new In(null, Verdict.TAMPER, found + " is a symbolic link, not a file", "it points to " + submission.links().get(found));
        return new In(submission.files().get(found), null, null, null);
    }

    /** All claims of an item that could not be looked at. */
    static List<ClaimResult> claims(List<PlannedClaim> planned, Verdict verdict, String why, String read) {
        return planned.stream().map(claim -> new ClaimResult(claim.id(), claim.sentence(), verdict, 0, claim.points(), null, null, why, read)).toList();
    }
}
