package grader.work;

import grader.author.Unwritten;
import grader.judge.Answer;
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
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The authors' gate: no starter scores, every reference solution passes, every cheat gets the verdict that it states. */
@Command(name = "./build.sh grade gate", description = "Judges all starters, solutions and cheats, and compares with what they should get.",
        footer = {"", "What this machine cannot judge gets a line 'cannot', with the reason.", "Exit code: 0 when all that is judged is as it should be, 1 otherwise."})
public final class GateWord implements Callable<Integer> {
    private static final Pattern CHEAT = Pattern.compile("(?m)^\\s*(?://|#|\\*) *cheat: (\\w+) \\| ([A-Z_]+)(?: (\\w+))? \\| (\\S.*)$");

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Parameters(paramLabel = "NAME", description = "an exercise; all without")
    List<String> names = new ArrayList<>();

    private int passed, failed, unseen;
    private Judge judge;

    @Override
    public Integer call() throws Exception {
        try (var machinery = new Machinery(List.of(), false)) {
            for (var name : names) {
                if (machinery.plan.exercise(name) == null) {
                    System.err.println("grade gate: there is no exercise " + name);
                    return 2;
                }
            }
            judge = machinery.judge();
            for (var exercise : machinery.plan.exercises()) if (names.isEmpty() || names.contains(exercise.name()) || names.contains(exercise.file())) gate(machinery.plan, exercise);
        }
        System.out.println(passed + " passed, " + failed + " failed" + (unseen == 0 ? "" : ", " + unseen + " cannot be judged here"));
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private void gate(Plan plan, ExercisePlan exercise) throws IOException {
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
        var check = grader.judge.Check.make(exercise.name());
        if (check.hints().isEmpty() || check.explanation().isBlank()) faults.add("its check has no hints or no explanation");
        tell("header " + exercise.name(), faults.isEmpty(), "", String.join("\n", faults));

        if (judge.obstacle(exercise) != null) {
            cannot(plan, exercise);
            return;
        }
        var starter = judge(exercise, plan.home().resolve("labs/exercises").resolve(exercise.file()));
        boolean fails = starter.points() != null && starter.points() == 0 && (starter.verdict() == Verdict.FAIL || starter.verdict() == Verdict.STUDENT_ERROR && !"compile".equals(starter.error()));
        tell("starter " + exercise.name(), fails, "0 points, FAIL", Told.of(starter));

        var solution = plan.home().resolve("tests/solutions").resolve(exercise.file());
        if (!Files.exists(solution)) {
            tell("solution " + exercise.name(), false, "", "tests/solutions/" + exercise.file() + " is not there");
        } else {
            var result = judge(exercise, solution);
            tell("solution " + exercise.name(), result.verdict() == Verdict.PASS, "PASS", Told.of(result));
        }

        for (var folder : Plan.list(plan.home().resolve("tests/solutions"))) { // others that are as good
            if (!Files.exists(folder.resolve(exercise.file()))) continue;
            var result = judge(exercise, folder.resolve(exercise.file()));
            tell("solution " + folder.getFileName() + " " + exercise.name(), result.verdict() == Verdict.PASS, "PASS", Told.of(result));
        }

        for (var folder : Plan.list(plan.home().resolve("tests/cheats"))) {
            var file = folder.resolve(exercise.file());
            if (!Files.exists(file)) continue;
            var header = CHEAT.matcher(new Answer(exercise.file(), Files.readAllBytes(file)).text());
            var name = "cheat " + folder.getFileName() + " " + exercise.name();
            if (!header.find() || !folder.getFileName().toString().startsWith(header.group(1) + "-")) {
                tell(name, false, "", "no line 'cheat: CASE | VERDICT [kind] | sentence', with the CASE of its folder");
                continue;
            }
            var result = judge(exercise, file);
            boolean stated = result.verdict().name().equals(header.group(2)) && (header.group(3) == null || header.group(3).equals(result.error()))
                    && result.verdict() != Verdict.PASS;
            tell(name, stated, header.group(2) + (header.group(3) == null ? "" : " " + header.group(3)), Told.of(result));
        }
    }

    /** A line for each file that would have been judged: neither good nor bad. */
    private void cannot(Plan plan, ExercisePlan exercise) throws IOException {
        var all = new ArrayList<>(List.of("starter " + exercise.name()));
        if (Files.exists(plan.home().resolve("tests/solutions").resolve(exercise.file()))) all.add("solution " + exercise.name());
        else tell("solution " + exercise.name(), false, "", "tests/solutions/" + exercise.file() + " is not there");
        for (var kind : List.of("solution", "cheat")) {
            for (var folder : Plan.list(plan.home().resolve("tests/" + kind + "s"))) if (Files.exists(folder.resolve(exercise.file()))) all.add(kind + " " + folder.getFileName() + " " + exercise.name());
        }
        for (var each : all) System.out.println("cannot " + each + ": " + judge.obstacle(exercise));
        unseen += all.size();
    }

    private ItemResult judge(ExercisePlan exercise, Path file) throws IOException {
        return judge.judge(exercise, new Answer(exercise.file(), Files.readAllBytes(file)));
    }

    /** One line for each; a fault with all that is known of it. */
    private void tell(String what, boolean good, String expected, String got) {
        if (good) passed++;
        else failed++;
        System.out.println((good ? "ok     " : "FAILED ") + what + (good ? expected.isEmpty() ? "" : ": " + got.lines().findFirst().orElse("").replaceFirst("^\\w+: ", "")
                : (expected.isEmpty() ? "" : ": expected " + expected + ", got:") + "\n       " + got.strip().replace("\n", "\n       ")));
    }
}
