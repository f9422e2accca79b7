package book;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order of the book, read from docs/book.adoc: its title and what it is, its parts, and the chapters of each. */
public record Spine(Path file, String title, String description, List<Part> parts) {
    /** A part and its chapters. */
    public record Part(String title, List<Chapter> chapters) {}

    /** A chapter: the name that its file, its page and its anchor have in common, its title, and the question that it begins with: its first paragraph. */
    public record Chapter(String name, Path file, String title, String question) {
        public String page() {
            return name + ".html";
        }
    }

    private static final String DESCRIPTION = ":description: ";
    private static final Pattern INCLUDE = Pattern.compile("include::(chapters|\\{generated})/([a-z0-9-]+)\\.adoc\\[.*]");

    static Spine read(Path file, Path generated, Problems problems) throws IOException {
        List<Part> parts = new ArrayList<>();
        String title = null, description = "";
        int line = 0;
        for (String text : Files.readAllLines(file)) {
            line++;
            Matcher include = INCLUDE.matcher(text);
            if (text.startsWith("= ") && title == null) {
                title = text.substring(2);
            } else if (text.startsWith(DESCRIPTION)) {
                description = text.substring(DESCRIPTION.length());
            } else if (text.startsWith("= ")) {
                parts.add(new Part(text.substring(2), new ArrayList<>()));
            } else if (include.matches()) {
                Path folder = include.group(1).equals("chapters") ? file.resolveSibling("chapters") : generated;
                Path chapter = folder.resolve(include.group(2) + ".adoc");
                if (Files.exists(chapter)) {
                    parts.get(parts.size() - 1).chapters().add(chapter(include.group(2), chapter, problems));
                } else {
                    problems.add(file, line, "there is no " + chapter.getFileName());
                }
            }
        }
        return new Spine(file, title, description, parts);
    }

    private static Chapter chapter(String name, Path file, Problems problems) throws IOException {
        String[] paragraphs = Files.readString(file).strip().split("\\n\\s*\\n", 3);
        if (paragraphs.length < 2 || !paragraphs[0].startsWith("= ")) {
            problems.add(file, 1, "the chapter does not begin with its title and its question");
            return new Chapter(name, file, name, "");
        }
        return new Chapter(name, file, paragraphs[0].substring(2), paragraphs[1].replace('\n', ' '));
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
