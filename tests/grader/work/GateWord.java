package grader.work;

import grader.judge.Judge;
import grader.plan.ExercisePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The authors' gate: no starter scores, every reference solution passes, every cheat gets the verdict that it states. */
@Command(name = "./build.sh grade gate", description = "Judges all starters, solutions and cheats, and compares with what they should get.",
        footer = {"", "What this machine cannot judge gets a line 'cannot', with the reason.", "Exit code: 0 when all that is judged is as it should be, 1 otherwise."})
public final class GateWord implements Callable<Integer> {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Parameters(paramLabel = "NAME", description = "an exercise; all without")
    List<String> names = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        try (var machinery = new Machinery(List.of(), false)) {
            for (var name : names) {
                if (machinery.plan.exercise(name) == null) {
                    System.err.println("grade gate: there is no exercise " + name);
                    return 2;
                }
            }
            var wanted = machinery.plan.exercises().stream().filter(each -> names.isEmpty() || names.contains(each.name()) || names.contains(each.file())).toList();
            return tell(wanted, machinery);
        }
    }

    /** Judges several at a time, for most of what cheats do is wait, and tells in the order of the exercises. */
    private static int tell(List<ExercisePlan> exercises, Machinery machinery) throws Exception {
        int jobs = Math.max(1, Math.min(2 * Runtime.getRuntime().availableProcessors(), exercises.size())), passed = 0, failed = 0, unseen = 0;
        var judges = new ArrayBlockingQueue<Judge>(jobs);
        for (int i = 0; i < jobs; i++) judges.add(machinery.judge());
        var workers = Executors.newFixedThreadPool(jobs);
        try {
            var gates = exercises.stream().map(exercise -> workers.submit(() -> {
                var judge = judges.take();
                try {
                    return Gate.of(machinery.plan, exercise, judge);
                } finally {
                    judges.add(judge);
                }
            })).toList();
            for (var each : gates) {
                var gate = each.get();
                gate.lines.forEach(System.out::println);
                passed += gate.passed;
                failed += gate.failed;
                unseen += gate.unseen;
            }
        } finally {
            workers.shutdownNow();
        }
        System.out.println(passed + " passed, " + failed + " failed" + (unseen == 0 ? "" : ", " + unseen + " cannot be judged here"));
        return failed == 0 && passed > 0 ? 0 : 1;
    }
}
