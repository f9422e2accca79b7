package grader.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a lab and its chapter ask for: a record of the lab, and predictions before it.
 *
 * @param claims the lab's table: id to sentence, in its order
 * @param premise what the chapter's section Predict says before its questions; may be empty
 * @param questions those of that section, as plain text
 */
public record LabPlan(String name, Map<String, String> claims, String premise, List<String> questions) {
    /** How a chapter asks for predictions before one has written them down. */
    private static final String INVITATION = "Write down your answers before you go on.";

    private static final Pattern CLAIM = Pattern.compile("^\\s*([a-z]+\\.[a-z0-9]+(?:-[a-z0-9]+)*)\\s+\\|\\s+[A-Z]{3}-\\d\\d[A-Z0-9 -]*\\|\\s+(\\S.*\\.)\\s*$", Pattern.MULTILINE);

    /** Reads a lab's source, and the chapter of the same name. */
    static LabPlan read(Path home, Path source) throws IOException {
        var name = source.getFileName().toString().replaceFirst("\\.java$", "");
        var claims = new LinkedHashMap<String, String>();
        var found = CLAIM.matcher(Files.readString(source));
        while (found.find()) claims.put(found.group(1), found.group(2));
        var asked = asked(home.resolve("docs/chapters").resolve(file(name) + ".adoc"));
        return new LabPlan(name, claims, asked.isEmpty() ? "" : asked.get(0).replace(INVITATION, "").strip(), asked.isEmpty() ? List.of() : asked.subList(1, asked.size()));
    }

    /** What stands below "== Predict": a text, which may be empty, and the points of a list, each on one line. Nothing if there is no list. */
    private static List<String> asked(Path chapter) throws IOException {
        var texts = new ArrayList<>(List.of(""));
        boolean in = false;
        for (var line : Files.exists(chapter) ? Files.readAllLines(chapter) : List.<String>of()) {
            if (line.startsWith("== ")) in = line.equals("== Predict");
            else if (in && line.startsWith(". ")) texts.add(line.substring(2));
            else if (in && !line.isBlank()) texts.add((texts.remove(texts.size() - 1) + " " + line).strip());
        }
        return texts.size() == 1 ? List.of() : texts.stream().map(LabPlan::plain).toList();
    }

    private static String plain(String text) {
        return text.replaceAll("man:([\\w.-]+)\\[(\\d)]", "$1($2)").replaceAll("chapter:([\\w-]+)\\[]", "the chapter $1").replaceAll("`([^`]*)`|(?<!\\w)_([^_]+)_(?!\\w)", "$1$2");
    }

    private static String file(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** Where the record of the lab lies in a submission. */
    public String record() {
        return "records/" + file(name) + ".json";
    }

    /** Where the predictions lie in a submission. */
    public String predictions() {
        return "predictions/" + file(name) + ".txt";
    }

    /** Where to read about it. */
    public String read() {
        return "docs/chapters/" + file(name) + ".adoc";
    }
}
