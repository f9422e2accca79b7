package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * students/ID/classroom.json, for GitHub Classroom: what a runner gives to the grading reporter, as its output {@code result} wants it
 * and to be read. There are no times in it. Without a score its status is error and its max_score 0; then the reporter tells Classroom
 * no points at all.
 */
public final class Classroom implements Exporter {
    /** @param result base64 of the other, as UTF-8 */
    record Runner(String result, Map<String, Object> plain) {}

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        for (var student : all.students()) {
            var plain = result(student);
            var bytes = Out.JSON.writeValueAsString(plain).getBytes(StandardCharsets.UTF_8);
            out.write(ResultJson.folder(student.student()) + "classroom.json", Out.json(new Runner(Base64.getEncoder().encodeToString(bytes), plain)));
        }
    }

    private static Map<String, Object> result(StudentResult student) {
        var all = new LinkedHashMap<String, Object>();
        var scored = student.points() != null;
        all.put("version", 1);
        all.put("status", !scored ? "error" : student.items().stream().allMatch(item -> item.verdict() == Verdict.PASS) && !student.items().isEmpty() ? "pass" : "fail");
        all.put("max_score", scored ? student.max() : 0);
        var tests = new ArrayList<Object>();
        for (var item : student.items()) for (var claim : Outcome.of(item)) tests.add(test(item, claim, scored));
        all.put("tests", tests);
        return all;
    }

    private static Map<String, Object> test(ItemResult item, Outcome claim, boolean scored) {
        var test = new LinkedHashMap<String, Object>();
        test.put("name", Words.title(item) + ": " + claim.sentence());
        test.put("status", claim.passed() ? "pass" : List.of(Verdict.INFRA, Verdict.STUDENT_ERROR).contains(claim.verdict()) ? "error" : "fail");
        test.put("score", scored ? claim.points() : 0);
        test.put("message", claim.passed() ? null : claim.message(item));
        test.put("test_code", claim.id());
        test.put("filename", "");
        test.put("line_no", 0);
        return test;
    }
}
