package grader.work;

import grader.judge.Answer;
import grader.plan.ExercisePlan;
import grader.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/** What of the plan is graded: all, or the items of some labs. */
record Selection(Plan plan, List<String> only) {
    List<ExercisePlan> exercises() {
        return plan.exercises().stream().filter(each -> wanted(each.lab()) || only.stream().anyMatch(each.name()::equalsIgnoreCase)).toList();
    }

    List<Item> items(References references) {
        var all = new ArrayList<Item>();
        for (var exercise : exercises()) all.add(new ExerciseItem(exercise, references));
        return all;
    }

    boolean wanted(String lab) {
        return only.isEmpty() || only.stream().anyMatch(lab::equalsIgnoreCase);
    }

    /** With the submission's own digest it says whether an older result still holds. */
    String input(Submission submission) {
        return Answer.digest((plan.digest() + only + submission.digest()).getBytes());
    }
}
