package grader.work;

import grader.judge.Answer;
import grader.judge.Judge;
import grader.model.ItemResult;
import grader.model.Verdict;
import grader.plan.ExercisePlan;

/** An answer to an exercise. */
record ExerciseItem(ExercisePlan exercise, References references) implements Item {
    @Override
    public ItemResult judge(Submission submission, Judge judge) {
        if (submission.rejected() != null) return Judge.missing(exercise, submission.rejected());
        var path = submission.find("exercises", exercise.file());
        if (path == null) {
            var near = submission.nearly(exercise.name());
            return Judge.missing(exercise, "exercises/" + exercise.file() + " is not in the submission"
                    + (near == null ? "" : "; there is " + near + ", but the name must be exactly " + exercise.file()));
        }
        if (submission.links().containsKey(path)) {
            var why = path + " is a symbolic link, not a file";
            return Judge.missing(exercise, why).as(Verdict.TAMPER, why).noted("it points to " + submission.links().get(path));
        }
        return references.judge(exercise, new Answer(exercise.file(), submission.files().get(path)), judge);
    }
}
