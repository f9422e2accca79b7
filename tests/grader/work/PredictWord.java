package grader.work;

import grader.plan.LabPlan;
import grader.plan.Plan;
import grader.plan.Predictions;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the questions of a chapter into a file, for a student to answer before running the lab. */
@Command(name = "./build.sh predict", description = "Writes predictions/LAB.txt with the questions of the chapter, to be answered before the lab is run.",
        footer = {"", "Exit code: 0 the files are there, 2 wrong usage. A file that is there already is left as it is."})
public final class PredictWord implements Callable<Integer> {
    @Parameters(paramLabel = "LAB", description = "a lab, in any case; all without")
    List<String> names = new ArrayList<>();

    @Option(names = "--out", paramLabel = "DIR", description = "write below DIR (default: the workbook's folder)")
    Path out;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Override
    public Integer call() throws Exception {
        var home = outside.Home.path();
        var all = Plan.labs(home).stream().filter(lab -> !lab.questions().isEmpty()).toList();
        var chosen = new ArrayList<LabPlan>();
        for (var name : names) {
            var lab = all.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst();
            if (lab.isEmpty()) {
                System.err.println("predict: there is no lab " + name + ". The labs: " + String.join(" ", all.stream().map(LabPlan::name).toList()));
                return 2;
            }
            chosen.add(lab.get());
        }
        for (var lab : names.isEmpty() ? all : chosen) {
            var file = out == null ? Path.of(lab.predictions()) : out.resolve(lab.predictions());
            Files.createDirectories(home.resolve(file).getParent());
            try {
                Files.writeString(home.resolve(file), Predictions.template(lab), StandardOpenOption.CREATE_NEW);
                System.out.println(file + "  " + lab.questions().size() + " questions");
            } catch (FileAlreadyExistsException e) {
                System.out.println(file + "  is there already, and stays as it is");
            }
        }
        return 0;
    }
}
