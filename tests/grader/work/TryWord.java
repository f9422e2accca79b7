package grader.work;

import grader.judge.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Judges single files, for who writes an exercise. */
@Command(name = "./build.sh grade try", description = "Judges these answers and prints what came of each.")
public final class TryWord implements Callable<Integer> {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Option(names = "--output", description = "print also what the answers printed")
    boolean output;

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "an answer; its name says to which exercise")
    List<Path> files = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        try (var machinery = new Machinery(List.of(), false)) {
            var judge = machinery.judge();
            boolean passed = true;
            for (var file : files) {
                var exercise = machinery.plan.exercise(file.getFileName().toString());
                if (exercise == null || !Files.isRegularFile(file)) {
                    System.err.println("grade try: " + file + (exercise == null ? " is called like no exercise" : " is not there"));
                    return 2;
                }
                var result = judge.judge(exercise, new Answer(exercise.file(), Files.readAllBytes(file)));
                System.out.print(Told.of(result));
                if (output || result.error() != null) System.out.println("  | " + String.valueOf(result.output()).replace("\n", "\n  | "));
                passed &= result.verdict() == grader.model.Verdict.PASS;
            }
            return passed ? 0 : 1;
        }
    }
}
