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
import java.util.Map;

/**
 * students/ID/exercism.json, the results.json of an Exercism test runner, version 3. Its status error says that no test was executed:
 * here, that nothing could be judged, be it the machine's fault or that of answers that do not even compile.
 */
public final class Exercism implements Exporter {
    private static final int MESSAGE = 65_535, OUTPUT = 500;

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        for (var student : all.students()) out.write(ResultJson.folder(student.student()) + "exercism.json", Out.json(results(student)));
    }

    private static Map<String, Object> results(StudentResult student) {
        var all = new LinkedHashMap<String, Object>();
        all.put("version", 3);
        var executed = student.items().stream().anyMatch(item -> item.claims().stream().anyMatch(claim -> claim.verdict() == Verdict.PASS || claim.verdict() == Verdict.FAIL));
        if (student.points() == null || !executed) {
            all.put("status", "error");
            var text = new StringBuilder(student.points() == null ? Words.summary(student) : "Nothing could be judged.");
            for (var item : student.items()) {
                if (item.verdict() == Verdict.PASS) continue;
                text.append("\n\n").append(Words.title(item)).append(": ").append(Words.verdict(item));
                if (item.reason() != null) text.append('\n').append(item.reason());
                if (compiler(item)) text.append('\n').append(item.output());
            }
            all.put("message", Words.cut(text.toString(), MESSAGE, "\n... truncated"));
            return all;
        }
        var tests = new ArrayList<Object>();
        var passed = true;
        for (var item : student.items()) {
            for (var claim : Outcome.of(item)) {
                passed &= claim.passed();
                tests.add(test(item, claim));
            }
        }
        all.put("status", passed ? "pass" : "fail");
        all.put("message", null);
        all.put("tests", tests);
        return all;
    }

    private static Map<String, Object> test(ItemResult item, Outcome claim) {
        var test = new LinkedHashMap<String, Object>();
        test.put("name", Words.title(item) + ": " + claim.sentence());
        test.put("status", claim.passed() ? "pass" : item.verdict() == Verdict.STUDENT_ERROR ? "error" : "fail");
        test.put("message", claim.passed() ? null : claim.message(item) + (compiler(item) ? "\n" + item.output() : ""));
        if (item.output() != null && !compiler(item)) test.put("output", Words.cut(item.output(), OUTPUT, "\nOutput was truncated. Please limit to 500 chars"));
        return test;
    }

    /** Whether the output is not the answer's own but the compiler's. */
    private static boolean compiler(ItemResult item) {
        return "compile".equals(item.error()) && item.output() != null;
    }
}
