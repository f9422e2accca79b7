package grader.watch;

import grader.judge.Check;
import grader.plan.ExercisePlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An exercise as a student meets it.
 *
 * @param plan what is asked, from the workbook's own text
 * @param path the file to write in
 * @param shown that file as a person in the clone would call it
 */
record Lesson(ExercisePlan plan, Path path, String shown) {
    private static final Pattern SENTENCE = Pattern.compile("(.+?\\.)(?: .*)?");
    private static final Pattern READ = Pattern.compile("(?m)^Read: *(.+)$");

    String name() {
        return plan.name();
    }

    /** The first sentence of the task: what is to become true. */
    String title() {
        var paragraph = plan.text().split("\n\\s*\n")[0].replaceAll("\\s+", " ").strip();
        var sentence = SENTENCE.matcher(paragraph);
        return sentence.matches() ? sentence.group(1) : paragraph;
    }

    /** The man pages that its header names. */
    String manPages() {
        var read = READ.matcher(plan.text());
        return read.find() ? read.group(1).strip() : "";
    }

    /** What its check says to who asks for help; nothing if there is no check. */
    List<String> hints() {
        try {
            return Check.make(name()).hints();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** What its check says to who has solved it. */
    String explanation() {
        return Check.make(name()).explanation().strip();
    }

    /** Whether a word of a search is in anything that one may remember of it. */
    boolean matches(String search) {
        var all = name() + " " + plan.lab() + " " + title() + " " + plan.claims().stream().map(claim -> claim.id() + " ").reduce("", String::concat);
        return all.toLowerCase(Locale.ROOT).contains(search.toLowerCase(Locale.ROOT));
    }
}
