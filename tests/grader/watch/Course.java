package grader.watch;

import grader.plan.ExercisePlan;
import grader.plan.Plan;
import grader.plan.Starters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * All exercises in the order in which they are learnt: that of the book's chapters, and in a lab by difficulty.
 *
 * @param faults what is wrong with those that can not be used, in sentences
 */
record Course(Path home, Starters starters, List<Lesson> lessons, List<String> faults) {
    private static final Pattern CHAPTER = Pattern.compile("(?m)^include::chapters/(\\w+)\\.adoc");

    static Course read(Path home) throws IOException {
        var starters = Starters.of(home);
        starters.keep();
        var lessons = new ArrayList<Lesson>();
        var faults = new ArrayList<String>();
        var names = new TreeSet<>(starters.files()); // also one that the student has deleted
        for (var file : Plan.list(home.resolve("labs/exercises"))) if (file.getFileName().toString().matches("\\w+\\.(java|sh)")) names.add(file.getFileName().toString());
        for (var name : names) {
            try {
                lessons.add(new Lesson(plan(home, starters, name), starters.exercise(name), "labs/exercises/" + name));
            } catch (IllegalArgumentException e) {
                faults.add("labs/exercises/" + e.getMessage() + ". Get the header of this file back, then it can be judged again.");
            }
        }
        var chapters = chapters(home);
        lessons.sort(Comparator.comparingInt((Lesson each) -> {
            int at = chapters.indexOf(each.plan().lab().toLowerCase(Locale.ROOT));
            return at < 0 ? Integer.MAX_VALUE : at;
        }).thenComparing(each -> each.plan().lab()).thenComparing(each -> each.plan().difficulty()).thenComparing(Lesson::name));
        return new Course(home, starters, List.copyOf(lessons), List.copyOf(faults));
    }

    /** What is asked never depends on what a student writes into the header: it is that of the starter, or of the solution, which has the same. */
    private static ExercisePlan plan(Path home, Starters starters, String name) {
        var text = starters.text(name);
        if (text == null) text = Starters.read(home.resolve("tests/solutions").resolve(name));
        if (text == null) text = Starters.read(starters.exercise(name));
        if (text == null) throw new IllegalArgumentException(name + ": it is not there");
        return ExercisePlan.of(name, new String(text, StandardCharsets.UTF_8));
    }

    private static List<String> chapters(Path home) throws IOException {
        var book = home.resolve("docs/book.adoc");
        var chapters = new ArrayList<String>();
        if (Files.isRegularFile(book)) {
            var found = CHAPTER.matcher(Files.readString(book));
            while (found.find()) chapters.add(found.group(1));
        }
        return chapters;
    }

    /** By its name in any case, or by its file; null if there is none. */
    Lesson find(String word) {
        var name = word.replaceFirst(".*/", "").replaceFirst("\\.(java|sh)$", "");
        return lessons.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst().orElse(null);
    }

    /** What the judge is to know. */
    Plan plan() {
        return new Plan(home, lessons.stream().map(Lesson::plan).toList(), List.of(), java.util.Map.of(), "");
    }
}
