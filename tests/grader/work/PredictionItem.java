package grader.work;

import grader.judge.Answer;
import grader.judge.Judge;
import grader.model.ClaimResult;
import grader.model.ItemResult;
import grader.model.Kind;
import grader.model.Verdict;
import grader.plan.LabPlan;
import grader.plan.PlannedClaim;
import grader.plan.Predictions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Predictions before a lab: a point for each question that is answered. Whether they were right only the student's own run tells, and a wrong one teaches more. */
record PredictionItem(LabPlan lab) implements Item {
    /** Answers so short are likely to be the same. */
    private static final int TELLING = 80;

    @Override
    public ItemResult judge(Submission submission, Judge judge) {
        var file = Handed.file(submission, "predictions", lab.predictions());
        if (file.why() != null) return file.result(this);
        var answers = Predictions.answers(lab, new String(file.bytes(), StandardCharsets.UTF_8));
        var claims = new ArrayList<ClaimResult>();
        for (int i = 0; i < answers.size(); i++) {
            var claim = planned().get(i);
            boolean answered = answers.get(i).codePoints().anyMatch(Character::isLetterOrDigit);
            claims.add(new ClaimResult(claim.id(), claim.sentence(), answered ? Verdict.PASS : Verdict.FAIL, answered ? claim.points() : 0, claim.points(), null, null,
                    answered ? null : "there is nothing after \"Answer " + (i + 1) + ":\"", lab.read()));
        }
        var all = String.join("\n", answers).replaceAll("\\s+", " ").toLowerCase(java.util.Locale.ROOT).strip();
        return result(null, null, claims, all.length() < TELLING ? null : Answer.digest(all.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public ItemResult nothing(Verdict verdict, String why) {
        return result(verdict, why, Handed.claims(planned(), verdict, why, lab.read()), null);
    }

    private List<PlannedClaim> planned() {
        var planned = new ArrayList<PlannedClaim>();
        for (var question : lab.questions()) planned.add(new PlannedClaim("prediction." + (planned.size() + 1), 1, question));
        return planned;
    }

    private ItemResult result(Verdict atLeast, String why, List<ClaimResult> claims, String fingerprint) {
        return ItemResult.of(Kind.PREDICTION, lab.predictions(), lab.name(), 1, atLeast, null, why, claims, List.of(), null, fingerprint, 0);
    }
}
