package book;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.asciidoctor.ast.Document;
import org.asciidoctor.extension.IncludeProcessor;
import org.asciidoctor.extension.PreprocessorReader;

/** {@code include::exercises:uts[]} lists the programs with a hole that belong to the lab Uts, from their headers in labs/exercises; {@code all} all of them. */
final class Exercises extends IncludeProcessor {
    /** @param task its first sentence: what is to become true */
    private record Exercise(Path file, String name, String lab, int difficulty, int points, String task) {}

    private static final Pattern FIRST = Pattern.compile("Exercise (\\w+) \\| lab (\\w+) \\| difficulty (\\d)");
    private static final Pattern CLAIM = Pattern.compile("[a-z]+\\.[a-z0-9-]+\\s+\\| +(\\d+) +\\|.*");

    private final Path root;
    private final Problems problems;
    private final List<Exercise> all = new ArrayList<>();
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
        Matcher first = null;
        int points = 0;
        var text = new StringBuilder();
        boolean ended = false;
        for (String raw : Files.readAllLines(file)) {
            String line = raw.replaceFirst("^\\s*(?:\\*/|\\*|/\\*|#) ?", "").strip();
            if (first == null) {
                Matcher match = FIRST.matcher(line);
                first = match.lookingAt() ? match : null;
            } else if (!ended) {
                Matcher claim = CLAIM.matcher(line);
                if (claim.matches()) {
                    points += Integer.parseInt(claim.group(1));
                } else if (points == 0) {
                    text.append(line).append(' ');
                }
                ended = raw.strip().startsWith("*/") || line.startsWith("Read:");
            }
        }
        if (first == null || points == 0) {
            problems.add(file, 1, "no header of an exercise");
            return;
        }
        all.add(new Exercise(file, first.group(1), first.group(2), Integer.parseInt(first.group(3)), points, text.toString().strip().replaceFirst("(?s)(?<=[.?])\\s+[A-Z].*", "")));
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
        List<Exercise> own = all.stream().filter(each -> chapter(each).equals(lab)).toList();
        if (own.isEmpty()) {
            problems.add(Path.of(String.valueOf(document.getAttribute("docfile"))), reader.getLineNumber() - 1, target + ": labs/exercises has none of this lab");
        }
        var text = new StringBuilder(own.size() == 1 ? "This one is a program with a hole" : "These are programs with a hole")
                .append(", and the kernel of your machine tells whether you have filled it: `./build.sh watch` (chapter:exercises[]).\n\n");
        for (Exercise each : own) {
            listed.add(each.name());
            text.append("`").append(root.relativize(each.file())).append("`:: ").append(each.task()).append(" _Difficulty ").append(each.difficulty()).append(" of 5, ")
                    .append(each.points()).append(each.points() == 1 ? " point._\n" : " points._\n");
        }
        reader.pushInclude(text.toString(), target, target, 1, attributes);
    }

    private String table() {
        var text = new StringBuilder("There are " + all.size() + ", for " + all.stream().mapToInt(Exercise::points).sum() + " points.\n\n[cols=\"3,7,1,1\"]\n|===\n| Exercise | What is to become true | Difficulty | Points\n\n");
        for (Exercise each : all) {
            text.append("| chapter:").append(chapter(each)).append("#").append(chapter(each)).append("-exercises[").append(each.name()).append("] | ").append(each.task().replace("|", "\\|"))
                    .append(" | ").append(each.difficulty()).append(" | ").append(each.points()).append("\n");
        }
        return text.append("|===\n").toString();
    }

    /** The chapter of its lab. */
    private static String chapter(Exercise exercise) {
        return exercise.lab().toLowerCase(Locale.ROOT);
    }

    /** Says which exercises no chapter lists. */
    void check() {
        for (Exercise each : all) {
            if (!listed.contains(each.name())) {
                problems.add(each.file(), 1, "no chapter lists this exercise: include::exercises:" + chapter(each) + "[] in docs/chapters/" + chapter(each) + ".adoc");
            }
        }
    }
}
