package grader.work;

import grader.box.Boxes;
import grader.judge.Answer;
import grader.plan.ExercisePlan;
import grader.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What of the plan is graded: all, or what these words name: a lab, an exercise, a file, or exercises, records, predictions.
 *
 * @param leftOut exercises that this machine cannot judge and nobody has named: no score for one of them would take away a class's
 *     totals
 * @param why the cause and the remedy; null if nothing is left out
 */
record Selection(Plan plan, List<String> only, List<ExercisePlan> leftOut, String why) {
    static Selection of(Plan plan, List<String> only) {
        var all = new Selection(plan, only, List.of(), null);
        var needy = plan.exercises().stream().filter(each -> each.needsCgroup() && all.wanted(each) && !all.named(each)).toList();
        var why = needy.isEmpty() ? null : Boxes.noCgroupsHere();
        return why == null ? all : new Selection(plan, only, needy, why);
    }

    /** @param ids all of the class */
    List<Item> items(References references, Set<String> ids) {
        var all = new ArrayList<Item>();
        for (var exercise : plan.exercises()) if (wanted(exercise) && !leftOut.contains(exercise)) all.add(new ExerciseItem(exercise, references));
        for (var lab : plan.labs()) if (wanted(lab.name(), lab.record(), "records")) all.add(new RecordItem(lab, ids));
        for (var lab : plan.labs()) if (!lab.questions().isEmpty() && wanted(lab.name(), lab.predictions(), "predictions")) all.add(new PredictionItem(lab));
        return all;
    }

    private boolean wanted(ExercisePlan exercise) {
        return named(exercise) || wanted(exercise.lab(), "exercises");
    }

    /** Whether somebody asks for this very exercise. */
    private boolean named(ExercisePlan exercise) {
        return only.stream().anyMatch(word -> word.equalsIgnoreCase(exercise.name()) || word.equalsIgnoreCase("exercises/" + exercise.file()));
    }

    private boolean wanted(String... names) {
        return only.isEmpty() || only.stream().anyMatch(word -> List.of(names).stream().anyMatch(word::equalsIgnoreCase));
    }

    /** The words that name nothing. */
    List<String> unknown() {
        return only.stream().filter(word -> new Selection(plan, List.of(word), List.of(), null).items(null, Set.of()).isEmpty()).toList();
    }

    /** One line for each exercise that is left out. */
    List<String> missing() {
        return leftOut.stream().map(each -> each.name() + " is left out: " + why).toList();
    }

    /** With the submission's own digest it says whether an older result still holds. */
    String input(Submission submission) {
        return Answer.digest((plan.digest() + only + leftOut.stream().map(ExercisePlan::name).toList() + submission.digest()).getBytes());
    }
}
