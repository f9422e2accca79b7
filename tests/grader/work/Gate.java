package grader.work;

import grader.author.Unwritten;
import grader.judge.Answer;
import grader.judge.Check;
import grader.judge.Judge;
import grader.model.ItemResult;
import grader.model.Verdict;
import grader.plan.ExercisePlan;
import grader.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** One exercise at the authors' gate: its header, starter, solutions and cheats, with a line for each. */
final class Gate {
    private static final Pattern CHEAT = Pattern.compile("(?m)^\\s*(?://|#|\\*) *cheat: (\\w+) \\| ([A-Z_]+)(?: (\\w+))? \\| (\\S.*)$");

    private final Plan plan;
    private final ExercisePlan exercise;
    private final Judge judge;
    final List<String> lines = new ArrayList<>();
    int passed, failed, unseen;

    private Gate(Plan plan, ExercisePlan exercise, Judge judge) {
        this.plan = plan;
        this.exercise = exercise;
        this.judge = judge;
    }

    /** Judges all that there is of an exercise. */
    static Gate of(Plan plan, ExercisePlan exercise, Judge judge) throws IOException {
        var gate = new Gate(plan, exercise, judge);
        gate.all();
        return gate;
    }

    private void all() throws IOException {
        var faults = new ArrayList<>(Unwritten.in(plan.home(), exercise));
        if (!Files.exists(plan.home().resolve("tests/grader/checks/" + exercise.name() + "Check.java"))) {
            faults.add("tests/grader/checks/" + exercise.name() + "Check.java is not there, so nothing of it can be judged");
            tell("header " + exercise.name(), false, "", String.join("\n", faults));
            return;
        }
        for (var claim : exercise.claims()) {
            if (!plan.claims().containsKey(claim.id())) faults.add("no lab claims " + claim.id());
            if (!judge.verifies(exercise).contains(claim.id())) faults.add("no test of " + exercise.name() + "Check verifies " + claim.id());
        }
        judge.verifies(exercise).stream().filter(id -> exercise.claims().stream().noneMatch(claim -> claim.id().equals(id))).forEach(id -> faults.add("its header does not state " + id));
        if (!Files.exists(plan.home().resolve("labs").resolve(exercise.lab() + ".java"))) faults.add("there is no lab " + exercise.lab());
        var check = Check.make(exercise.name());
        if (check.hints().isEmpty() || check.explanation().isBlank()) faults.add("its check has no hints or no explanation");
        tell("header " + exercise.name(), faults.isEmpty(), "", String.join("\n", faults));

        if (judge.obstacle(exercise) != null) {
            cannot();
            return;
        }
        var starter = answer(plan.home().resolve("labs/exercises").resolve(exercise.file()));
        boolean fails = starter.points() != null && starter.points() == 0 && (starter.verdict() == Verdict.FAIL || starter.verdict() == Verdict.STUDENT_ERROR && !"compile".equals(starter.error()));
        tell("starter " + exercise.name(), fails, "0 points, FAIL", Told.of(starter));

        var solution = plan.home().resolve("tests/solutions").resolve(exercise.file());
        if (!Files.exists(solution)) {
            tell("solution " + exercise.name(), false, "", "tests/solutions/" + exercise.file() + " is not there");
        } else {
            var result = answer(solution);
            tell("solution " + exercise.name(), result.verdict() == Verdict.PASS, "PASS", Told.of(result));
        }

        for (var folder : folders("solutions")) { // others that are as good
            var result = answer(folder.resolve(exercise.file()));
            tell("solution " + folder.getFileName() + " " + exercise.name(), result.verdict() == Verdict.PASS, "PASS", Told.of(result));
        }

        for (var folder : folders("cheats")) {
            var file = folder.resolve(exercise.file());
            var header = CHEAT.matcher(new Answer(exercise.file(), Files.readAllBytes(file)).text());
            var name = "cheat " + folder.getFileName() + " " + exercise.name();
            if (!header.find() || !folder.getFileName().toString().startsWith(header.group(1) + "-")) {
                tell(name, false, "", "no line 'cheat: CASE | VERDICT [kind] | sentence', with the CASE of its folder");
                continue;
            }
            var result = answer(file);
            boolean stated = result.verdict().name().equals(header.group(2)) && (header.group(3) == null || header.group(3).equals(result.error()))
                    && result.verdict() != Verdict.PASS;
            tell(name, stated, header.group(2) + (header.group(3) == null ? "" : " " + header.group(3)), Told.of(result));
        }
    }

    /** Those below tests/solutions or tests/cheats that have an answer to the exercise. */
    private List<Path> folders(String kind) throws IOException {
        return Plan.list(plan.home().resolve("tests").resolve(kind)).stream().filter(folder -> Files.exists(folder.resolve(exercise.file()))).toList();
    }

    /** A line for each file that would have been judged: neither good nor bad. */
    private void cannot() throws IOException {
        var all = new ArrayList<>(List.of("starter " + exercise.name()));
        if (Files.exists(plan.home().resolve("tests/solutions").resolve(exercise.file()))) all.add("solution " + exercise.name());
        else tell("solution " + exercise.name(), false, "", "tests/solutions/" + exercise.file() + " is not there");
        for (var kind : List.of("solution", "cheat")) {
            for (var folder : folders(kind + "s")) all.add(kind + " " + folder.getFileName() + " " + exercise.name());
        }
        for (var each : all) lines.add("cannot " + each + ": " + judge.obstacle(exercise));
        unseen += all.size();
    }

    private ItemResult answer(Path file) throws IOException {
        return judge.judge(exercise, new Answer(exercise.file(), Files.readAllBytes(file)));
    }

    /** One line for each; a fault with all that is known of it. */
    private void tell(String what, boolean good, String expected, String got) {
        if (good) passed++;
        else failed++;
        lines.add((good ? "ok     " : "FAILED ") + what + (good ? expected.isEmpty() ? "" : ": " + got.lines().findFirst().orElse("").replaceFirst("^\\w+: ", "")
                : (expected.isEmpty() ? "" : ": expected " + expected + ", got:") + "\n       " + got.strip().replace("\n", "\n       ")));
    }
}
