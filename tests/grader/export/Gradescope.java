package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * students/ID/gradescope.json, to be copied to /autograder/results/results.json. Where there is no score there is no such file: then
 * Gradescope says that the autograder failed, shows no score, and the submission can be graded again. Any file would need a score.
 */
public final class Gradescope implements Exporter {
    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        for (var student : all.students()) {
            var file = ResultJson.folder(student.student()) + "gradescope.json";
            if (student.points() == null) out.remove(file);
            else out.write(file, Out.json(results(student)));
        }
    }

    private static Map<String, Object> results(StudentResult student) {
        var all = new LinkedHashMap<String, Object>();
        all.put("score", student.points());
        all.put("execution_time", student.items().stream().mapToLong(ItemResult::millis).sum() / 1000.0); // seconds
        var text = new StringBuilder(Words.summary(student));
        student.notes().stream().filter(note -> note.to().equals("student")).forEach(note -> text.append('\n').append(note.text()));
        all.put("output", text.toString());
        for (var format : List.of("output_format", "test_output_format", "test_name_format")) all.put(format, "text"); // never HTML: an answer's output is in it
        all.put("visibility", "visible");
        all.put("stdout_visibility", "hidden");
        var tests = new ArrayList<Object>();
        int number = 0;
        for (var item : student.items()) {
            number++;
            int part = 0;
            for (var claim : Outcome.of(item)) tests.add(test(item, claim, number + "." + ++part, part == 1));
        }
        all.put("tests", tests);
        return all;
    }

    private static Map<String, Object> test(ItemResult item, Outcome claim, String number, boolean first) {
        var test = new LinkedHashMap<String, Object>();
        test.put("score", claim.points());
        test.put("max_score", claim.max());
        test.put("status", claim.passed() ? "passed" : "failed");
        test.put("name", Words.title(item) + ": " + claim.sentence());
        test.put("number", number);
        var text = claim.message(item);
        if (first && item.verdict() != Verdict.PASS && item.output() != null && !item.output().isEmpty()) text += "\noutput:\n" + item.output();
        test.put("output", text.strip().replace("\r\n", "\n"));
        test.put("tags", List.of(item.lab(), item.kind().name().toLowerCase(java.util.Locale.ROOT), claim.id()));
        return test;
    }
}
