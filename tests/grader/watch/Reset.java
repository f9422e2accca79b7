package grader.watch;

import grader.plan.Kept;
import grader.plan.Starters;
import java.io.IOException;
import java.nio.file.Files;

/** Puts a starter back; what the student has written is never lost. */
record Reset(Course course) {
    /** Why it cannot be done; empty if it can. */
    String obstacle(Lesson lesson) {
        var file = lesson.plan().file();
        if (course.starters().text(file) == null)
            return "The starter of " + lesson.name() + " is nowhere to be found, neither in .workbook/starters nor by git. Take " + lesson.shown() + " from another copy of the workbook.";
        return course.starters().isStarter(file, Starters.read(lesson.path())) ? lesson.shown() + " is the starter: there is nothing to reset." : "";
    }

    /** Does it, and says what it has done. */
    String now(Lesson lesson) {
        try {
            var kept = Files.exists(lesson.path()) ? keep(lesson) : null;
            Files.createDirectories(lesson.path().getParent());
            Files.write(lesson.path(), course.starters().text(lesson.plan().file())); // into the same file: whose it is stays so
            return lesson.name() + " is the starter again." + (kept == null ? "" : " Your version: .workbook/" + kept);
        } catch (IOException e) {
            return "Nothing was reset: " + e.getMessage() + " (" + e.getClass().getSimpleName() + ")";
        }
    }

    /** Numbered, so that no backup ever takes the place of another. */
    private String keep(Lesson lesson) throws IOException {
        var kept = new Kept(course.home());
        var file = lesson.plan().file();
        for (int i = 1; ; i++) {
            var name = "backups/" + lesson.name() + "-" + i + file.substring(file.indexOf('.'));
            if (Files.exists(kept.path(name)) && Files.mismatch(kept.path(name), lesson.path()) != -1) continue;
            kept.write(name, Files.readAllBytes(lesson.path()));
            return name;
        }
    }
}
