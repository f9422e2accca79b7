package book;

import grader.plan.ExercisePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.asciidoctor.ast.Document;
import org.asciidoctor.extension.IncludeProcessor;
import org.asciidoctor.extension.PreprocessorReader;

/** {@code include::exercises:uts[]} lists the programs with a hole that belong to the lab Uts, from their headers in labs/exercises; {@code all} all of them. */
final class Exercises extends IncludeProcessor {
    private final Path root;
    private final Problems problems;
    private final List<ExercisePlan> all = new ArrayList<>();
    private final TreeSet<String> listed = new TreeSet<>();

    Exercises(Path root, Problems problems) {
        this.root = root;
        this.problems = problems;
        try (Stream<Path> files = Files.list(root.resolve("labs/exercises"))) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(java|sh)")).sorted().toList()) {
                read(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(Path file) throws IOException {
        try {
            all.add(ExercisePlan.read(file));
        } catch (IllegalArgumentException e) {
            problems.add(file, 1, e.getMessage());
        }
    }

    /** The first sentence of its task: what is to become true. */
    private static String task(ExercisePlan exercise) {
        return exercise.text().split("\n *\n", 2)[0].replaceAll("\\s*\n", " ").strip().replaceFirst("(?s)(?<=[.?])\\s+[A-Z].*", "");
    }

    private Path file(ExercisePlan exercise) {
        return root.resolve("labs/exercises").resolve(exercise.file());
    }

    @Override
    public boolean handles(String target) {
        return target.startsWith("exercises:");
    }

    @Override
    public void process(Document document, PreprocessorReader reader, String target, Map<String, Object> attributes) {
        String lab = target.substring("exercises:".length());
        if (lab.equals("all")) {
            reader.pushInclude(table(), target, target, 1, attributes);
            return;
        }
        List<ExercisePlan> own = all.stream().filter(each -> chapter(each).equals(lab)).toList();
        if (own.isEmpty()) {
            problems.add(Path.of(String.valueOf(document.getAttribute("docfile"))), reader.getLineNumber() - 1, target + ": labs/exercises has none of this lab");
        }
        var text = new StringBuilder(own.size() == 1 ? "This one is a program with a hole" : "These are programs with a hole")
                .append(", and the kernel of your machine tells whether you have filled it: `./build.sh watch` (chapter:exercises[]).\n\n");
        for (ExercisePlan each : own) {
            listed.add(each.name());
            text.append("`").append(root.relativize(file(each))).append("`:: ").append(task(each)).append(" _Difficulty ").append(each.difficulty()).append(" of 5, ")
                    .append(each.points()).append(each.points() == 1 ? " point._\n" : " points._\n");
        }
        reader.pushInclude(text.toString(), target, target, 1, attributes);
    }

    private String table() {
        var text = new StringBuilder("There are " + all.size() + ", for " + all.stream().mapToInt(ExercisePlan::points).sum() + " points.\n\n[cols=\"3,7,1,1\"]\n|===\n| Exercise | What is to become true | Difficulty | Points\n\n");
        for (ExercisePlan each : all) {
            text.append("| chapter:").append(chapter(each)).append("#").append(chapter(each)).append("-exercises[").append(each.name()).append("] | ").append(task(each).replace("|", "\\|"))
                    .append(" | ").append(each.difficulty()).append(" | ").append(each.points()).append("\n");
        }
        return text.append("|===\n").toString();
    }

    /** The chapter of its lab. */
    private static String chapter(ExercisePlan exercise) {
        return exercise.lab().toLowerCase(Locale.ROOT);
    }

    /** Says which exercises no chapter lists. */
    void check() {
        for (ExercisePlan each : all) {
            if (!listed.contains(each.name())) {
                problems.add(file(each), 1, "no chapter lists this exercise: include::exercises:" + chapter(each) + "[] in docs/chapters/" + chapter(each) + ".adoc");
            }
        }
    }
}
