package grader.work;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Note;
import grader.model.StudentResult;
import grader.plan.ExercisePlan;
import grader.plan.Plan;
import grader.judge.Answer;
import grader.model.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds answers that are the same but for layout and comments. It changes no score: a teacher decides what that means. */
final class Copies {
    private Copies() {}

    /** The class with a note for each copy; notes of an earlier search are replaced. */
    static ClassResult marked(ClassResult all, Plan plan) throws IOException {
        var whose = new HashMap<String, TreeSet<String>>();
        for (var student : all.students()) for (var item : student.items()) if (item.fingerprint() != null) whose.computeIfAbsent(key(item), none -> new TreeSet<>()).add(student.student());
        var own = new HashMap<String, String>();
        for (var exercise : plan.exercises()) {
            put(own, exercise, plan.home().resolve("labs/exercises"), "starter");
            put(own, exercise, plan.home().resolve("tests/solutions"), "solution");
        }
        var students = new ArrayList<StudentResult>();
        for (var student : all.students()) {
            var notes = new ArrayList<>(student.notes());
            notes.removeIf(note -> List.of("copy", "solution").contains(note.kind()));
            for (var item : student.items()) {
                if (item.fingerprint() == null) continue;
                var origin = own.get(key(item));
                if ("starter".equals(origin)) continue; // nobody's work
                if (origin != null) notes.add(new Note("teacher", "solution", item.name() + " is the workbook's own solution"));
                var others = new TreeSet<>(whose.get(key(item)));
                others.remove(student.student());
                if (!others.isEmpty()) notes.add(new Note("teacher", "copy", item.name() + " is the same, but for layout and comments, as that of " + String.join(", ", others)));
            }
            students.add(new StudentResult(student.schema(), student.student(), student.name(), student.input(), student.points(), student.max(), student.items(), List.copyOf(notes)));
        }
        return new ClassResult(all.run(), List.copyOf(students));
    }

    private static String key(ItemResult item) {
        return item.kind() + " " + item.name() + " " + item.fingerprint();
    }

    private static void put(Map<String, String> own, ExercisePlan exercise, Path folder, String what) throws IOException {
        var file = folder.resolve(exercise.file());
        if (Files.exists(file)) own.put(Kind.EXERCISE + " " + exercise.name() + " " + new Answer(exercise.file(), Files.readAllBytes(file)).fingerprint(), what);
    }
}
