package grader.watch;

import grader.model.Out;
import grader.plan.LabPlan;
import grader.plan.Plan;
import grader.plan.Starters;
import grader.work.Submission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Packs what a student has made into one file, as the grader reads it. */
@Command(name = "./build.sh hand-in", sortOptions = false, separator = " ", description = "Packs your work into a file for your teacher, and says what is in it.",
        footer = {"", "In it: the exercises in labs/exercises that you have changed, the records in records/ and the predictions in predictions/.",
            "It judges nothing: what the list says about an exercise is what ./build.sh watch saw last.", "",
            "Exit codes: 0 the file is written, 1 there is nothing to hand in, 2 wrong usage."})
public final class HandInWord implements Callable<Integer> {
    @Spec
    CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "who you are, as your teacher knows you: letters, digits, and . _ @ -")
    String id;

    @Option(names = "--out", paramLabel = "FILE", description = "where to write it (default: ID.zip here)")
    Path out;

    @Option(names = "--force", description = "write over a file that is there")
    boolean force;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    private final Map<String, byte[]> entries = new TreeMap<>();
    private final Map<String, String> remarks = new TreeMap<>();
    private final List<String> warnings = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")) throw new ParameterException(spec.commandLine(), "ID: " + Page.printable(id) + " is not made of letters, digits, and . _ @ - only");
        var file = out == null ? Path.of(id + ".zip") : Files.isDirectory(out) ? out.resolve(id + ".zip") : out;
        if (!file.getFileName().toString().equals(id + ".zip"))
            throw new ParameterException(spec.commandLine(), "--out: the file must be called " + id + ".zip, for the grader takes your ID from its name");
        if (Files.exists(file) && !(force && Files.isRegularFile(file))) throw new ParameterException(spec.commandLine(), file + " is there already" + (force ? ", and is no file" : "; --force writes over it"));
        if (file.toAbsolutePath().getParent() == null || !Files.isDirectory(file.toAbsolutePath().getParent())) throw new ParameterException(spec.commandLine(), "--out: there is no directory " + file.toAbsolutePath().getParent());

        var course = Course.read(outside.Home.path().toRealPath());
        var untouched = exercises(course);
        others(course.home(), "records", "[A-Za-z0-9]+\\.json");
        others(course.home(), "predictions", "[A-Za-z0-9]+\\.txt");
        if (entries.isEmpty()) {
            System.err.println("hand-in: there is nothing to hand in: every exercise is as you got it, and records/ and predictions/ have no files");
            return 1;
        }
        write(file);
        System.out.println(file + " is for you to hand in. In it:");
        entries.keySet().forEach(name -> System.out.printf(Locale.ROOT, "  %-36s %s%n", name, remarks.getOrDefault(name, "")));
        System.out.println("Not in it:");
        tell("exercises that you have not begun", untouched);
        var labs = Plan.labs(course.home());
        tell("records of the labs", labs.stream().filter(lab -> !entries.containsKey(lab.record())).map(LabPlan::name).toList());
        tell("predictions for the labs", labs.stream().filter(lab -> !lab.questions().isEmpty() && !entries.containsKey(lab.predictions())).map(LabPlan::name).toList());
        for (var warning : warnings) System.err.println("hand-in: " + warning);
        return 0;
    }

    /** Takes those that are not as the workbook has them: the names of those that are. */
    private List<String> exercises(Course course) {
        var states = new States(course, Notebook.open(course.home()));
        var untouched = new ArrayList<String>();
        for (var lesson : course.lessons()) {
            var file = lesson.plan().file();
            var text = Starters.read(lesson.path());
            if (text == null || course.starters().isStarter(file, text)) {
                untouched.add(lesson.name());
            } else if (put("exercises/" + file, text)) {
                var state = states.of(lesson);
                remarks.put("exercises/" + file, state.words + (state == States.State.DONE || state == States.State.NOT_YET ? ", " + states.points(lesson) + " of " + lesson.plan().points() + " points" : ""));
            }
        }
        warnings.addAll(course.faults());
        return untouched;
    }

    private void others(Path home, String folder, String pattern) throws IOException {
        for (var path : Plan.list(home.resolve(folder))) {
            var name = folder + "/" + path.getFileName();
            var text = Starters.read(path);
            if (!path.getFileName().toString().matches(pattern) || text == null) warnings.add(name + " is not taken: it is not called like one of the " + folder + ", or is no file");
            else if (put(name, text) && folder.equals("records")) whose(name, text);
        }
    }

    /** A record says for whom it was made. Somebody else's earns nothing, and who made it without --student should know that now. */
    private void whose(String name, byte[] text) {
        try {
            var student = Out.JSON.readTree(text).path("student");
            if (!student.isTextual()) warnings.add(name + " was made without --student " + id + ", so it is not yours for the grader. Run the lab again with it.");
            else if (!student.asText().equals(id)) warnings.add(name + " was made with --student " + Page.printable(student.asText()) + ", and you are " + id + ". Run the lab again with your ID.");
        } catch (IOException e) {
            warnings.add(name + " is not JSON. Write it with ./build.sh run LAB --record records --student " + id);
        }
    }

    private boolean put(String name, byte[] text) {
        if (text.length > Submission.MOST_BYTES) {
            warnings.add(name + " is not taken: it is longer than the " + (Submission.MOST_BYTES >> 10) + " KiB that the grader reads");
            return false;
        }
        entries.put(name, text);
        return true;
    }

    private static void tell(String what, List<String> names) {
        System.out.println("  " + names.size() + " " + what + (names.isEmpty() ? "" : ": " + String.join(" ", names)));
    }

    /** The file is whole or not there. The same work gives the same bytes. */
    private void write(Path file) throws IOException {
        Path temporary = null;
        try {
            temporary = Files.createTempFile(file.toAbsolutePath().getParent(), ".hand-in", ".tmp");
            try (var zip = new ZipOutputStream(Files.newOutputStream(temporary))) {
                for (var entry : entries.entrySet()) {
                    var header = new ZipEntry(entry.getKey());
                    header.setTimeLocal(java.time.LocalDateTime.of(2000, 1, 1, 0, 0));
                    zip.putNextEntry(header);
                    zip.write(entry.getValue());
                }
            }
            Files.setPosixFilePermissions(temporary, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--out: " + file + " cannot be written: " + e.getMessage());
        } finally {
            if (temporary != null) Files.deleteIfExists(temporary);
        }
    }
}
