package grader.work;

import grader.judge.Answer;
import grader.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What of the plan is graded: all, or what these words name: a lab, an exercise, a file, or exercises, records, predictions. */
record Selection(Plan plan, List<String> only) {
    /** @param ids all of the class */
    List<Item> items(References references, Set<String> ids) {
        var all = new ArrayList<Item>();
        for (var exercise : plan.exercises()) if (wanted(exercise.lab(), exercise.name(), "exercises/" + exercise.file(), "exercises")) all.add(new ExerciseItem(exercise, references));
        for (var lab : plan.labs()) if (wanted(lab.name(), lab.record(), "records")) all.add(new RecordItem(lab, ids));
        for (var lab : plan.labs()) if (!lab.questions().isEmpty() && wanted(lab.name(), lab.predictions(), "predictions")) all.add(new PredictionItem(lab));
        return all;
    }

    private boolean wanted(String... names) {
        return only.isEmpty() || only.stream().anyMatch(word -> List.of(names).stream().anyMatch(word::equalsIgnoreCase));
    }

    /** The words that name nothing. */
    List<String> unknown() {
        return only.stream().filter(word -> new Selection(plan, List.of(word)).items(null, Set.of()).isEmpty()).toList();
    }

    /** With the submission's own digest it says whether an older result still holds. */
    String input(Submission submission) {
        return Answer.digest((plan.digest() + only + submission.digest()).getBytes());
    }
}
