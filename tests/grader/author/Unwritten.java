package grader.author;

import grader.plan.ExercisePlan;
import grader.plan.Plan;
import grader.plan.Starters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What an author has still to do for an exercise that {@link NewExerciseWord} has begun. */
public final class Unwritten {
    private Unwritten() {}

    /** In sentences, with the place; empty when nothing is left. */
    public static List<String> in(Path home, ExercisePlan exercise) throws IOException {
        var files = new ArrayList<>(List.of("labs/exercises/" + exercise.file(), "tests/solutions/" + exercise.file(), "tests/grader/checks/" + exercise.name() + "Check.java"));
        for (var folder : Plan.list(home.resolve("tests/cheats"))) files.add("tests/cheats/" + folder.getFileName() + "/" + exercise.file());
        var left = new ArrayList<String>();
        for (var file : files) {
            if (!Files.isRegularFile(home.resolve(file))) continue;
            int number = 0;
            for (var line : new String(Files.readAllBytes(home.resolve(file)), StandardCharsets.UTF_8).lines().toList()) { // a cheat may be no text at all
                number++;
                int mark = line.indexOf(NewExerciseWord.MARK);
                if (mark >= 0) left.add(file + ":" + number + ": still to be written: " + line.substring(mark + NewExerciseWord.MARK.length()).strip());
            }
        }
        var solution = home.resolve("tests/solutions").resolve(exercise.file());
        if (Files.isRegularFile(solution) && !header(exercise).equals(header(solution))) left.add("the header of tests/solutions/" + exercise.file() + " is not that of labs/exercises/" + exercise.file());
        if (!Starters.of(home).isStarter(exercise.file(), Files.readAllBytes(home.resolve("labs/exercises").resolve(exercise.file()))))
            left.add("tests/starters.txt does not know this text of labs/exercises/" + exercise.file() + "; when it is as it should be: ./build.sh grade starters");
        return left;
    }

    private static String header(ExercisePlan plan) {
        return plan.lab() + plan.difficulty() + plan.asUser() + plan.needsCgroup() + plan.text() + plan.claims();
    }

    private static String header(Path file) throws IOException {
        try {
            return header(ExercisePlan.read(file));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
