package grader.work;

import grader.judge.Answer;
import grader.judge.Judge;
import grader.model.ItemResult;
import grader.model.Verdict;
import grader.plan.ExercisePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of each exercise on this machine. Before the first answer is judged, the workbook's own solution must pass
 * here: if it does not, the fault is the machine's, and nobody gets a verdict. Answers with the same bytes are judged once.
 */
public final class References {
    private final Path solutions;
    private final Map<String, String> obstacles = new ConcurrentHashMap<>();
    private final Map<String, Object> locks = new ConcurrentHashMap<>();
    private final Map<String, ItemResult> judged = new ConcurrentHashMap<>();
    private volatile boolean without;

    public References(Path home) {
        solutions = home.resolve("tests/solutions");
    }

    /** Whether a solution was not there to try the machine with. */
    boolean without() {
        return without;
    }

    ItemResult judge(ExercisePlan exercise, Answer answer, Judge judge) {
        var obstacle = obstacle(exercise, judge);
        if (!obstacle.isEmpty()) return Judge.missing(exercise, obstacle).as(Verdict.INFRA, obstacle);
        var key = exercise.name() + " " + Answer.digest(answer.bytes());
        var known = judged.get(key);
        if (known != null) return known;
        var result = judge.judge(exercise, answer);
        if (result.verdict() != Verdict.INFRA) judged.putIfAbsent(key, result);
        return result;
    }

    /** Why this machine cannot judge an exercise; empty if it can. One worker finds out, others wait. */
    public String obstacle(ExercisePlan exercise, Judge judge) {
        synchronized (locks.computeIfAbsent(exercise.name(), none -> new Object())) {
            var known = obstacles.get(exercise.name());
            if (known == null) obstacles.put(exercise.name(), known = find(exercise, judge));
            return known;
        }
    }

    private String find(ExercisePlan exercise, Judge judge) {
        var file = solutions.resolve(exercise.file());
        var found = "";
        try {
            if (judge.obstacle(exercise) != null) {
                found = "The grader's machine cannot judge this, and it is not your fault: " + judge.obstacle(exercise);
            } else if (!Files.exists(file)) {
                without = true;
            } else {
                var answer = new Answer(exercise.file(), Files.readAllBytes(file));
                var result = judge.judge(exercise, answer);
                if (result.verdict() != Verdict.PASS) result = judge.judge(exercise, answer); // once more, for a machine that was just busy
                if (result.verdict() != Verdict.PASS) {
                    found = "The grader's machine cannot judge this, and it is not your fault: there the reference solution gets " + Told.of(result).strip().replaceAll("\\s*\n\\s*", "; ");
                }
            }
        } catch (IOException e) {
            found = "The grader's machine cannot judge this, and it is not your fault: " + e.getMessage();
        }
        return found;
    }
}
