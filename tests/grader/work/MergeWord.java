package grader.work;

import grader.export.Exports;
import grader.model.ClassResult;
import grader.model.Out;
import grader.model.RunInfo;
import grader.model.StudentResult;
import grader.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Puts the parts of a class together that were graded apart, in whatever order. */
@Command(name = "./build.sh grade merge", description = "Puts together the results of all shards of a class.",
        footer = {"", "Exit code: 0 all is there, 1 a shard or a score is missing, 2 wrong usage."})
public final class MergeWord implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "OUT", arity = "1..*", description = "the results of one shard")
    List<Path> parts = new ArrayList<>();

    @Option(names = "--out", paramLabel = "OUT", required = true, description = "where the results of the class go")
    Path out;

    @Option(names = "--roster", paramLabel = "FILE", description = "as for grade")
    Path roster;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Override
    public Integer call() throws Exception {
        var runs = new TreeMap<Integer, RunInfo>();
        var students = new TreeMap<String, StudentResult>();
        var missing = new TreeSet<String>();
        for (var part : parts) {
            RunInfo run;
            try {
                run = Out.JSON.readValue(Files.readAllBytes(part.resolve("run.json")), RunInfo.class);
            } catch (IOException e) {
                throw new ParameterException(spec.commandLine(), part + " holds no results: " + e.getMessage());
            }
            for (var other : runs.values()) {
                if (!other.plan().equals(run.plan())) throw new ParameterException(spec.commandLine(), part + " was graded with another workbook than the others");
                if (other.shards() != run.shards()) throw new ParameterException(spec.commandLine(), part + " is one of " + run.shards() + " shards, others are one of " + other.shards());
            }
            if (runs.put(run.shard(), run) != null) throw new ParameterException(spec.commandLine(), "shard " + run.shard() + " is there twice");
            missing.addAll(run.missing());
            for (var folder : Plan.list(part.resolve("students"))) {
                var student = GradeWord.old(new Out(part), folder.getFileName().toString());
                if (student != null && students.put(student.student(), student) != null) throw new ParameterException(spec.commandLine(), student.student() + " is in two shards");
            }
        }
        var items = students.values().stream().collect(java.util.stream.Collectors.groupingBy(MergeWord::items, TreeMap::new, java.util.stream.Collectors.counting()));
        if (items.size() > 1) throw new ParameterException(spec.commandLine(), "not everybody was graded for the same, so their points cannot be compared: "
                + String.join("; ", items.entrySet().stream().map(each -> each.getValue() + " students for " + each.getKey()).toList())
                + String.join("", missing.stream().filter(each -> each.contains("is left out")).map(each -> "; " + each).toList()));
        var first = runs.firstEntry().getValue();
        var absent = new ArrayList<String>();
        for (int i = 1; i <= first.shards(); i++) if (!runs.containsKey(i)) absent.add(i + "/" + first.shards());
        var info = new RunInfo(RunInfo.SCHEMA, first.version(), first.plan(), 1, 1, first.privilege(), first.limits(), List.copyOf(missing),
                runs.values().stream().map(RunInfo::time).max(String::compareTo).orElseThrow(), runs.values().stream().mapToLong(RunInfo::millis).sum());
        var plan = Plan.read(outside.Home.path().toRealPath());
        var all = Copies.marked(new ClassResult(info, List.copyOf(students.values())), plan);
        var names = roster == null ? Roster.NONE : Roster.read(roster);
        var results = new Out(out);
        for (var exporter : Exports.ALL) exporter.write(all, plan, names, results);
        long unscored = all.students().stream().filter(student -> student.points() == null).count();
        for (var each : absent) System.err.println("Shard " + each + " is missing.");
        System.out.println(all.students().size() + " students of " + runs.size() + " shards, " + unscored + " without a score. Results: " + results.path());
        return absent.isEmpty() && unscored == 0 ? 0 : 1;
    }

    private static String items(StudentResult student) {
        return String.join(" ", student.items().stream().map(grader.model.ItemResult::name).toList());
    }
}
