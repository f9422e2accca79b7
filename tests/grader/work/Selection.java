package grader.work;

import grader.box.Boxes;
import grader.judge.Answer;
import grader.plan.ExercisePlan;
import grader.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/**
 * What of the plan is graded: all, or the items of some labs.
 *
 * @param leftOut exercises that this machine cannot judge and nobody has named: no score for one of them would take away a class's
 *     totals
 * @param why the cause and the remedy; null if nothing is left out
 */
record Selection(Plan plan, List<String> only, List<ExercisePlan> leftOut, String why) {
    static Selection of(Plan plan, List<String> only) {
        var all = new Selection(plan, only, List.of(), null);
        var needy = all.exercises().stream().filter(each -> each.needsCgroup() && !all.named(each)).toList();
        var why = needy.isEmpty() ? null : Boxes.noCgroupsHere();
        return why == null ? all : new Selection(plan, only, needy, why);
    }

    List<ExercisePlan> exercises() {
        return plan.exercises().stream().filter(each -> (wanted(each.lab()) || named(each)) && !leftOut.contains(each)).toList();
    }

    private boolean named(ExercisePlan exercise) {
        return only.stream().anyMatch(exercise.name()::equalsIgnoreCase);
    }

    /** One line for each exercise that is left out. */
    List<String> missing() {
        return leftOut.stream().map(each -> each.name() + " is left out: " + why).toList();
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
        return Answer.digest((plan.digest() + only + missing() + submission.digest()).getBytes());
    }
}
