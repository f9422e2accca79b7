package grader.work;

import grader.judge.Judge;
import grader.model.ItemResult;
import grader.model.Note;
import grader.model.StudentResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One student while being graded: the items that are done, in the plan's order. */
final class Student {
    final Submission submission;
    private final String name;
    private final String input;
    private final List<Item> items;
    private final ItemResult[] results;
    private int open;

    Student(Submission submission, String name, String input, List<Item> items) {
        this.submission = submission;
        this.name = name;
        this.input = input;
        this.items = items;
        results = new ItemResult[items.size()];
        open = results.length;
    }

    ItemResult judge(int n, Judge judge) {
        try {
            return items.get(n).judge(submission, judge);
        } catch (RuntimeException | StackOverflowError e) { // whatever it was, the others go on
            return items.get(n).nothing(Verdict.INFRA, "The grader failed, and it is not your fault: " + e);
        }
    }

    /** Takes a result; true when it was the last one. */
    synchronized boolean put(int n, ItemResult result) {
        results[n] = result;
        return --open == 0;
    }

    StudentResult result() {
        var notes = new ArrayList<Note>(submission.notes());
        for (var item : results)
            if (item.verdict() == Verdict.TAMPER) notes.add(new Note("teacher", "tamper", item.name() + ": " + item.reason() + (item.notes().isEmpty() ? "" : "; " + String.join("; ", item.notes()))));
        return StudentResult.of(submission.student(), name, input, Arrays.asList(results), notes);
    }
}
