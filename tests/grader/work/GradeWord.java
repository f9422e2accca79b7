package grader.work;

import grader.box.Boxes;
import grader.export.Exports;
import grader.export.ResultJson;
import grader.judge.Judge;
import grader.model.ClassResult;
import grader.model.Out;
import grader.model.RunInfo;
import grader.model.StudentResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Grades one submission or a class of them. */
@Command(name = "./build.sh grade", sortOptions = false, description = "Grades what students have handed in.",
        footer = {"", "DIR is one submission, or holds one for each student: a folder, .zip or .tar.gz named after the student's ID.",
            "In a submission: exercises/NAME.java, records/lab.json, predictions/lab.txt.",
            "Many options can stand in a file, one in a line: ./build.sh grade DIR @FILE",
            "Further words: grade merge OUT... --out OUT; for authors: grade try FILE..., grade gate [NAME...]", "",
            "Exit code: 0 all is graded, 1 something is not (the grader's machine failed, or a shard is missing), 2 wrong usage."})
public final class GradeWord implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "what students have handed in")
    Path directory;

    @Option(names = "--out", paramLabel = "OUT", description = "where the results go (default: DIR-grades beside DIR)")
    Path out;

    @Option(names = "--jobs", paramLabel = "N", description = "how many answers run at the same time (default: as many as this machine has processors)")
    int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--shard", paramLabel = "I/N", description = "grade only the I-th of N parts of the class; 'grade merge' puts the parts together")
    String shard = "1/1";

    @Option(names = "--only", paramLabel = "LAB", description = "only this exercise, file or what belongs to this lab, or all exercises, records or predictions; may be given again")
    List<String> only = new ArrayList<>();

    @Option(names = "--roster", paramLabel = "FILE", description = "a CSV file with the columns student and name, and what course platforms want")
    Path roster;

    @Option(names = "--resume", description = "keep results in OUT that still hold, and grade the rest")
    boolean resume;

    @Option(names = "--strict", description = "grade only if this machine gives every protection (root or newuidmap, and cgroups)")
    boolean strict;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    private final Map<String, StudentResult> done = new TreeMap<>();
    private volatile boolean stopped;
    /** How many scores of an earlier run were kept because the machine failed in this one. */
    private int kept;

    @Override
    public Integer call() throws Exception {
        var part = shard.matches("\\d{1,4}/\\d{1,4}") ? shard.split("/") : new String[] {"0", "0"};
        int number = Integer.parseInt(part[0]), shards = Integer.parseInt(part[1]);
        if (number < 1 || number > shards) throw new ParameterException(spec.commandLine(), "--shard: " + shard + " is not I/N with I from 1 to N");
        if (jobs < 1 || jobs > 500) throw new ParameterException(spec.commandLine(), "--jobs: a number from 1 to 500");
        if (!Files.isDirectory(directory) && !(Files.isRegularFile(directory) && Submissions.isArchive(directory.toString())))
            throw new ParameterException(spec.commandLine(), directory + " is not a directory or an archive");
        long start = System.nanoTime();
        Roster names;
        try {
            names = roster == null ? Roster.NONE : Roster.read(roster);
        } catch (IllegalArgumentException | IOException e) {
            throw new ParameterException(spec.commandLine(), "--roster: " + e.getMessage());
        }
        var results = new Out(out != null ? out : Path.of(directory.toAbsolutePath().normalize() + "-grades"));
        try (var machinery = new Machinery(List.of(directory, results.path()), true)) {
            var plan = machinery.plan;
            var selection = Selection.of(plan, only);
            var references = new References(plan.home());
            if (!selection.unknown().isEmpty()) throw new ParameterException(spec.commandLine(), "--only: there is no lab, exercise or file " + String.join(", ", selection.unknown()));
            selection.missing().forEach(each -> System.err.println("Note: " + each));
            Map<String, Path> places;
            try {
                places = Submissions.find(directory, name -> plan.exercise(name) != null);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), e.getMessage());
            }
            var ids = new TreeSet<>(places.keySet());
            ids.addAll(names.students().keySet());
            if (ids.isEmpty()) throw new ParameterException(spec.commandLine(), "there is no submission in " + directory);
            var items = selection.items(references, ids);
            var mine = new ArrayList<String>();
            int at = 0;
            for (var id : ids) if (at++ % shards == number - 1) mine.add(id);

            var students = new ArrayList<Student>();
            for (var id : mine) {
                var submission = places.containsKey(id) ? Submissions.read(id, places.get(id)) : Submission.none(id);
                var input = selection.input(submission);
                var old = resume ? old(results, id) : null;
                if (old != null && old.input().equals(input) && old.points() != null) done.put(id, old);
                else students.add(new Student(submission, names.name(id), input, items));
            }
            if (!done.isEmpty()) System.err.println(done.size() + " of " + mine.size() + " students are graded already.");

            var boxes = new ArrayList<Boxes>();
            var interrupted = new Thread(() -> {
                stopped = true;
                try {
                    finish(info(selection, number, shards, boxes, references, start), machinery, names, results);
                    System.err.println("\nInterrupted: " + done.size() + " of " + mine.size() + " students are graded. --resume goes on.");
                } catch (IOException | RuntimeException e) {
                    System.err.println("grade: " + e.getMessage());
                }
            });
            Runtime.getRuntime().addShutdownHook(interrupted);
            int missing = students.isEmpty() ? 0 : grade(students, items.size(), machinery, boxes, results);
            try {
                Runtime.getRuntime().removeShutdownHook(interrupted);
            } catch (IllegalStateException e) {
                Thread.sleep(60_000); // the hook is at work, and ends this
            }
            if (missing > 0) return 1;
            var all = finish(info(selection, number, shards, boxes, references, start), machinery, names, results);
            long unscored = all.students().stream().filter(student -> student.points() == null).count();
            System.out.println(all.students().size() + " students graded" + (shards > 1 ? " (shard " + shard + ")" : "") + ", " + unscored + " without a score. Results: " + results.path());
            return unscored == 0 && kept == 0 ? 0 : 1;
        }
    }

    static StudentResult old(Out results, String id) {
        try {
            var bytes = results.read(ResultJson.path(id));
            return bytes == null ? null : Out.JSON.readValue(bytes, StudentResult.class);
        } catch (IOException e) {
            return null; // then it is graded anew
        }
    }

    private RunInfo info(Selection selection, int number, int shards, List<Boxes> boxes, References references, long start) {
        var missing = new TreeSet<>(selection.missing());
        synchronized (boxes) {
            boxes.forEach(each -> missing.addAll(each.missing()));
            if (references.without()) missing.add("tests/solutions is not complete, so it was not tried first whether this machine can judge each exercise");
            return new RunInfo(RunInfo.SCHEMA, kit.Lab.VERSION, selection.plan().digest(), number, shards, outside.As.TESTS_ARE_ROOT ? "root" : "ordinary user",
                    boxes.isEmpty() ? List.of() : boxes.get(0).says(), List.copyOf(missing), Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), (System.nanoTime() - start) / 1_000_000);
        }
    }

    /** Grades on several threads: how many of these could not even begin because of --strict. */
    private int grade(List<Student> students, int items, Machinery machinery, List<Boxes> boxes, Out results) throws Exception {
        var progress = new Progress(students.size() * items);
        var next = new AtomicInteger();
        var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < Math.min(jobs, students.size() * items); i++) {
            var judge = machinery.judge();
            synchronized (boxes) {
                boxes.add(judge.boxes());
            }
            if (i == 0 && !judge.boxes().missing().isEmpty()) {
                judge.boxes().missing().forEach(each -> System.err.println((strict ? "--strict: " : "Note: ") + each));
                if (strict) return 1;
            }
            var thread = new Thread(() -> {
                try {
                    work(students, items, judge, next, progress, results);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                    stopped = true;
                }
            }, "grade " + i);
            threads.add(thread);
            thread.start();
        }
        for (var thread : threads) thread.join();
        if (failure.get() instanceof Exception e) throw e;
        if (failure.get() instanceof Error e) throw e;
        return 0;
    }

    private void work(List<Student> students, int items, Judge judge, AtomicInteger next, Progress progress, Out results) throws IOException {
        while (!stopped) {
            int n = next.getAndIncrement();
            if (n >= students.size() * items) return;
            var student = students.get(n / items);
            var result = student.judge(n % items, judge);
            if (stopped) return; // its box may have been taken away under it
            progress.done(student.submission.student() + " " + result.name() + " " + result.verdict());
            if (student.put(n % items, result)) keep(student.result(), results);
        }
    }

    /** Writes a student's result at once, so that nothing can take it away; but never no score over a score. */
    private void keep(StudentResult result, Out results) throws IOException {
        if (result.points() == null) {
            var old = old(results, result.student());
            if (old != null && old.points() != null) {
                results.write("students/" + result.student() + "/infra.json", Out.json(result));
                var notes = new ArrayList<>(old.notes());
                notes.removeIf(note -> note.kind().equals("kept"));
                notes.add(new grader.model.Note("teacher", "kept", "this is the score of an earlier run; the last one failed on the grader's machine, see infra.json"));
                synchronized (done) {
                    done.put(old.student(), new StudentResult(old.schema(), old.student(), old.name(), old.input(), old.points(), old.max(), old.items(), notes));
                    kept++;
                }
                return;
            }
        }
        ResultJson.write(result, results);
        synchronized (done) {
            done.put(result.student(), result);
        }
    }

    private ClassResult finish(RunInfo info, Machinery machinery, Roster names, Out results) throws IOException {
        List<StudentResult> students;
        synchronized (done) {
            students = List.copyOf(done.values());
        }
        var all = Copies.marked(new ClassResult(info, students), machinery.plan);
        for (var exporter : Exports.ALL) exporter.write(all, machinery.plan, names, results);
        return all;
    }
}
