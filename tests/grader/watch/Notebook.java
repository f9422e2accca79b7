package grader.watch;

import com.fasterxml.jackson.databind.JsonNode;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.Verdict;
import grader.plan.Kept;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a student has reached so far, in .workbook/progress.json. It is there to go on where one has stopped; no grade is ever made
 * of it. So whatever somebody writes into it, the worst that happens is a wrong tick in a list.
 */
final class Notebook {
    private static final String SCHEMA = "namespace-labs/progress/1";
    private static final int MOST_BYTES = 1 << 20;

    /**
     * The last result of an exercise.
     *
     * @param text a digest of the text that was judged
     * @param points null where this machine could not judge
     */
    record Entry(String text, Verdict verdict, Integer points) {}

    private final Kept kept;
    private final Path file;
    private final Map<String, Entry> entries = new TreeMap<>();
    private String trouble;

    private Notebook(Kept kept) {
        this.kept = kept;
        file = kept.path("progress.json");
    }

    static Notebook open(Path home) {
        var notebook = new Notebook(new Kept(home));
        notebook.load();
        return notebook;
    }

    /** A sentence about a file that cannot be read or written, once; else null. */
    String trouble() {
        var once = trouble;
        trouble = null;
        return once;
    }

    /** Null for an exercise that was never judged. */
    Entry entry(String exercise) {
        return entries.get(exercise);
    }

    /** Notes a result. Another watch in the same clone may have noted some, too: those stay. */
    void put(String exercise, String text, ItemResult result) {
        load();
        entries.put(exercise, new Entry(text, result.verdict(), result.points()));
        try {
            save();
        } catch (IOException e) {
            trouble = "Your progress is not kept: " + file + " cannot be written (" + e.getClass().getSimpleName() + ").";
        }
    }

    private void load() {
        try {
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) return;
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MOST_BYTES) throw new IOException("not a file of ours");
            var root = Out.JSON.readTree(Files.readAllBytes(file));
            if (root == null || !SCHEMA.equals(root.path("schema").asText())) throw new IOException("not a file of ours");
            root.path("exercises").fields().forEachRemaining(each -> {
                var entry = entry(each.getValue());
                if (entry != null) entries.put(each.getKey(), entry);
            });
        } catch (IOException e) {
            setAside();
        }
    }

    private static Entry entry(JsonNode node) {
        try {
            return new Entry(node.path("text").asText(), Verdict.valueOf(node.path("verdict").asText()), node.path("points").isInt() ? node.path("points").intValue() : null);
        } catch (IllegalArgumentException e) {
            return null; // a word that is no verdict
        }
    }

    /** Somebody may want to mend it. */
    private void setAside() {
        try {
            Files.move(file, file.resolveSibling("progress.json.old"), StandardCopyOption.REPLACE_EXISTING);
            trouble = file + " could not be read, so your progress starts anew; that file is progress.json.old now.";
        } catch (IOException e) {
            trouble = file + " can neither be read nor put aside, so your progress is not kept.";
        }
    }

    private void save() throws IOException {
        var exercises = new LinkedHashMap<String, Object>();
        entries.forEach((name, entry) -> {
            var one = new LinkedHashMap<String, Object>();
            one.put("text", entry.text);
            one.put("verdict", entry.verdict.name());
            one.put("points", entry.points);
            exercises.put(name, one);
        });
        var all = new LinkedHashMap<String, Object>();
        all.put("schema", SCHEMA);
        all.put("exercises", exercises);
        kept.write("progress.json", Out.json(all).getBytes(StandardCharsets.UTF_8));
    }
}
