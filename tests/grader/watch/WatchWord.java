package grader.watch;

import grader.model.Verdict;
import grader.plan.Starters;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Watches the exercise that a student works on, and judges it whenever it is saved. */
@Command(name = "./build.sh watch", sortOptions = false, separator = " ", description = "Judges an exercise whenever you save it, as the grader will.",
        footer = {"", "On a terminal it fills the screen: h gives a hint, t the task, l the list, n the next exercise; ? lists the keys.",
            "In a pipe, or with TERM=dumb, it prints each result, and reads commands as lines: the same letters, or the name of an exercise.",
            "There it ends with its input, when all commands are done. NO_COLOR is respected.",
            "Your progress is in .workbook/progress.json, and no grade is made from it.", "",
            "Exit codes: 0 when you end it, 130 with Ctrl-C, 2 for wrong usage; with --once 0 if every claim holds, 1 if not, 77 if this machine cannot judge it."})
public final class WatchWord implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "an exercise, such as UtsRename or labs/exercises/UtsRename.java; without, the first that is not done")
    String name;

    @Option(names = "--once", description = "judge it once, print the whole result, and end")
    boolean once;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Override
    public Integer call() throws Exception {
        var course = Course.read(outside.Home.path().toRealPath());
        if (course.lessons().isEmpty()) throw new ParameterException(spec.commandLine(), "there is no exercise in labs/exercises. " + String.join(" ", course.faults()));
        var first = name == null ? null : course.find(name);
        if (name != null && first == null) {
            throw new ParameterException(spec.commandLine(), "there is no exercise " + Page.printable(name) + ". The exercises: " + String.join(", ", course.lessons().stream().map(Lesson::name).toList()));
        }
        var notebook = Notebook.open(course.home());
        try (var judging = new Judging(course.plan())) {
            if (once) return once(course, notebook, judging, first);
            var screen = terminal() ? FullScreen.take() : null;
            int code = 0;
            try (screen) {
                var session = new Session(course, notebook, judging, first);
                if (screen != null) code = screen.show(session);
                else new Lines(session).run();
                if (screen != null) screen.close(); // before what is printed now
                System.out.println(session.states.summary());
            }
            return code;
        }
    }

    private static int once(Course course, Notebook notebook, Judging judging, Lesson first) throws InterruptedException {
        var lesson = first != null ? first : new States(course, notebook).firstOpen();
        var text = Starters.read(lesson.path());
        if (text == null) {
            System.err.println("watch: " + lesson.shown() + " is not there, or cannot be read");
            return 2;
        }
        judging.judge(new Judging.Job(lesson, text));
        while (judging.open() > 0) Thread.sleep(5);
        var report = judging.poll();
        for (var more = judging.poll(); more != null; more = judging.poll()) report = more;
        if (report.result().verdict() != Verdict.INFRA) notebook.put(lesson.name(), report.job().digest(), report.result());
        System.out.print(new Page().line(0, Page.Look.STRONG, lesson.name() + ": " + lesson.shown()).add(Results.page(report.result(), true)).text());
        var trouble = notebook.trouble();
        if (trouble != null) System.err.println("watch: " + trouble);
        return report.result().verdict() == Verdict.PASS ? 0 : report.result().verdict() == Verdict.INFRA ? 77 : 1;
    }

    /** Whether a person sits there: from JDK 22 on System.console() is there in a pipe too, so this asks test(1). */
    private static boolean terminal() throws java.io.IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", "test -t 0 && test -t 1").inheritIO().start().waitFor() == 0;
    }
}
