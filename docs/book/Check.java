package book;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.asciidoctor.ast.Document;
import org.asciidoctor.ast.StructuralNode;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;

/** What Asciidoctor itself does not mind: pictures that say nothing, links that lead nowhere or out of the book. */
final class Check {
    private Check() {}

    /** Every picture is there and has a text for who cannot see it. */
    static void images(Document document, Macros.Context context) {
        for (StructuralNode image : document.findBy(Map.of("context", ":image"))) {
            String target = String.valueOf(image.getAttribute("target"));
            if (!Files.exists(Path.of(String.valueOf(document.getAttribute("imagesdir"))).resolve(target))) {
                context.problem(image, "there is no image " + target);
            }
            if (!image.isOption("inline")) {
                context.problem(image, "the image " + target + " needs opts=inline, to have the colours of the page");
            }
            if (!String.valueOf(image.getAttribute("width", "1")).matches("\\d+")) {
                context.problem(image, "the text of the image " + target + " has a comma: put it into quotation marks");
            }
            if (String.valueOf(image.getAttribute("alt")).equals(String.valueOf(image.getAttribute("default-alt")))) {
                context.problem(image, "the image " + target + " has no alternative text");
            }
        }
    }

    /** Every link leads to a place in the book, and no anchor is there twice. */
    static void links(List<Page> pages, Problems problems) {
        Map<String, Set<String>> anchors = new HashMap<>();
        Map<Page, org.jsoup.nodes.Document> bodies = new HashMap<>();
        for (Page page : pages) {
            var body = Jsoup.parseBodyFragment(page.body());
            bodies.put(page, body);
            Set<String> ids = anchors.computeIfAbsent(page.chapter().page(), none -> new HashSet<>());
            for (Element element : body.select("[id]")) {
                if (!ids.add(element.id())) {
                    problems.add(page.chapter().file(), line(page.chapter().file(), element.id()), "two places have the anchor " + element.id());
                }
            }
        }
        for (Page page : pages) {
            for (Element element : bodies.get(page).select("a[href], link[href], script[src], iframe[src]")) {
                String target = element.hasAttr("href") ? element.attr("href") : element.attr("src");
                if (target.matches("[a-z]+:.*") || target.startsWith("//")) {
                    problems.add(page.chapter().file(), line(page.chapter().file(), target), "a link out of the book: " + target);
                    continue;
                }
                String[] parts = (target.startsWith("#") ? page.chapter().page() + target : target).split("#", 2);
                if (!anchors.containsKey(parts[0])) {
                    problems.add(page.chapter().file(), line(page.chapter().file(), target), "a link to a page that the book does not have: " + target);
                } else if (parts.length > 1 && !anchors.get(parts[0]).contains(parts[1])) {
                    problems.add(page.chapter().file(), line(page.chapter().file(), parts[1]), "a link to a place that the page does not have: " + target);
                }
            }
        }
    }

    /** The first line of a file that holds a text; 0 if none does. */
    static int line(Path file, String text) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            return 0;
        }
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i + 1;
            }
        }
        return 0;
    }
}
