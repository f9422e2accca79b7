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
        var file = Handed.file(submission, "exercises", "exercises/" + exercise.file());
        if (file.why() != null) return file.result(this);
        return references.judge(exercise, new Answer(exercise.file(), file.bytes()), judge);
    }

    @Override
    public ItemResult nothing(Verdict verdict, String why) {
        return Judge.missing(exercise, why).as(verdict, why);
    }
}
