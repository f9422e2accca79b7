package book;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order of the book, read from docs/book.adoc: its title, its parts, and the chapters of each. */
public record Spine(Path file, String title, List<Part> parts) {
    /** A part and its chapters. */
    public record Part(String title, List<Chapter> chapters) {}

    /** A chapter: the name that its file, its page and its anchor have in common, and its title. */
    public record Chapter(String name, Path file, String title) {
        public String page() {
            return name + ".html";
        }
    }

    private static final Pattern INCLUDE = Pattern.compile("include::(chapters|\\{generated})/([a-z0-9-]+)\\.adoc\\[.*]");

    static Spine read(Path file, Path generated, Problems problems) throws IOException {
        List<Part> parts = new ArrayList<>();
        String title = null;
        int line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            Matcher include = INCLUDE.matcher(text);
            if (text.startsWith("= ") && title == null) {
                title = text.substring(2);
            } else if (text.startsWith("= ")) {
                parts.add(new Part(text.substring(2), new ArrayList<>()));
            } else if (include.matches()) {
                Path folder = include.group(1).equals("chapters") ? file.resolveSibling("chapters") : generated;
                Path chapter = folder.resolve(include.group(2) + ".adoc");
                if (Files.exists(chapter)) {
                    parts.get(parts.size() - 1).chapters().add(new Chapter(include.group(2), chapter, title(chapter, problems)));
                } else {
                    problems.add(file, line, "there is no " + chapter.getFileName());
                }
            }
        }
        return new Spine(file, title, parts);
    }

    private static String title(Path chapter, Problems problems) throws IOException {
        for (String text : Files.readAllLines(chapter)) {
            if (text.startsWith("= ")) {
                return text.substring(2);
            }
        }
        problems.add(chapter, 1, "the chapter has no title");
        return chapter.getFileName().toString();
    }

    /** The whole book as one document, each chapter with its name as its anchor and before all anchors in it. */
    String onePage() {
        var text = new StringBuilder("= " + title + "\n:doctype: book\n\n");
        for (Part part : parts) {
            text.append("= ").append(part.title()).append("\n\n");
            for (Chapter chapter : part.chapters()) {
                text.append(":idprefix: ").append(chapter.name()).append("-\n:quiz-prefix: ").append(chapter.name()).append("\n\n[#")
                        .append(chapter.name()).append("]\ninclude::").append(chapter.file()).append("[leveloffset=+1]\n\n");
            }
        }
        return text.toString();
    }

    List<Chapter> chapters() {
        return parts.stream().flatMap(part -> part.chapters().stream()).toList();
    }

    Chapter chapter(String name) {
        return chapters().stream().filter(chapter -> chapter.name().equals(name)).findFirst().orElse(null);
    }
}
