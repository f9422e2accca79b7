package book;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.asciidoctor.ast.Document;
import org.asciidoctor.extension.IncludeProcessor;
import org.asciidoctor.extension.PreprocessorReader;

/**
 * {@code include::output:uts[]} takes in what the lab Uts, or the session of that name, printed; with {@code step="Change"} only
 * that step of the lab, with {@code step="Before;Change"} these. A step begins with a line that is not indented.
 */
final class OutputInclude extends IncludeProcessor {
    private final Path outputs;
    private final Problems problems;

    OutputInclude(Path outputs, Problems problems) {
        this.outputs = outputs;
        this.problems = problems;
    }

    @Override
    public boolean handles(String target) {
        return target.startsWith("output:");
    }

    @Override
    public void process(Document document, PreprocessorReader reader, String target, Map<String, Object> attributes) {
        Path chapter = Path.of(String.valueOf(document.getAttribute("docfile")));
        int line = reader.getLineNumber() - 1;
        Path file = outputs.resolve(target.substring("output:".length()) + ".txt");
        if (!Files.exists(file)) {
            problems.add(chapter, line, target + ": there is no docs/outputs/" + file.getFileName() + "; ./build.sh outputs makes it");
            return;
        }
        try {
            String text = Files.readString(file);
            Object steps = attributes.get("step");
            if (steps != null) {
                List<String> parts = new ArrayList<>();
                for (String step : steps.toString().split(";")) {
                    String part = step(text, step);
                    if (part == null) {
                        problems.add(chapter, line, target + ": it has no step '" + step + "'");
                    }
                    parts.add(part);
                }
                text = String.join("\n\n", parts);
            }
            reader.pushInclude(text, file.toString(), file.toString(), 1, attributes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String step(String text, String name) {
        var lines = new StringBuilder();
        boolean inside = false;
        for (String line : text.split("\n")) {
            if (!line.isEmpty() && !Character.isWhitespace(line.charAt(0))) {
                inside = line.equals(name) || name.endsWith(":") && line.startsWith(name + " ");
            }
            if (inside) {
                lines.append(line).append('\n');
            }
        }
        return lines.isEmpty() ? null : lines.toString().strip();
    }
}
