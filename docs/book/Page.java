package book;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.asciidoctor.ast.Document;
import org.asciidoctor.ast.StructuralNode;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;

/** A chapter as a page: its body in HTML, and its sections for the search and the sidebar. */
record Page(Spine.Chapter chapter, String body, List<Section> sections) {
    /** A stretch of a chapter with a title and an address of its own. */
    record Section(String address, String chapter, String title, String text) {}

    static Page of(Spine.Chapter chapter, Document document) {
        Element content = polished(document);
        List<Section> sections = new ArrayList<>();
        Element whole = content.clone();
        whole.select(".sect1").remove();
        sections.add(new Section(chapter.page(), chapter.title(), chapter.title(), whole.text()));
        for (Element section : content.select(".sect1")) {
            Element heading = section.selectFirst("h2");
            sections.add(new Section(chapter.page() + "#" + heading.id(), chapter.title(), heading.ownText(), section.text()));
        }
        return new Page(chapter, content.html(), sections);
    }

    /** The edition on one page. */
    static String whole(Spine spine, Document document, String template) {
        return fill(template, spine, spine.title(), "book", sidebar(spine, each -> "#" + each.name(), none -> ""), "", "", polished(document).html());
    }

    /** The first page: what the book is, and the question of each chapter. */
    static String contents(Spine spine, List<Page> pages, String template) {
        var html = new StringBuilder("<p class=\"lead\">" + Macros.html(spine.description()) + "</p>\n");
        for (Spine.Part part : spine.parts()) {
            html.append("<h2>").append(Macros.html(part.title())).append("</h2>\n<dl class=\"contents\">\n");
            for (Spine.Chapter each : part.chapters()) {
                html.append("<dt><a href=\"").append(each.page()).append("\">").append(Macros.html(each.title())).append("</a></dt><dd>")
                        .append(Macros.html(each.question())).append("</dd>\n");
            }
            html.append("</dl>\n");
        }
        html.append("<p>The same <a href=\"book.html\">on one page</a>, for printing.</p>");
        return fill(template, spine, spine.title(), "index", sidebar(spine, Spine.Chapter::page, none -> ""), "", neighbour("next", pages.get(0)), html.toString());
    }

    /** What Asciidoctor made, so that wide things scroll by themselves and a keyboard reaches them. */
    private static Element polished(Document document) {
        Element body = Jsoup.parseBodyFragment(document.convert()).body();
        body.ownerDocument().outputSettings().prettyPrint(false);
        body.select("table").forEach(table -> table.wrap("<div class=\"wide\" tabindex=\"0\"></div>"));
        body.select("pre").attr("tabindex", "0");
        body.select("code[data-lang=console]").forEach(Page::console);
        body.select("a.anchor").attr("aria-label", "Link to this section").forEach(anchor -> anchor.text("#"));
        // An image that is part of the page has lost its alternative text.
        List<StructuralNode> images = document.findBy(Map.of("context", ":image"));
        List<Element> drawings = body.select(".imageblock > .content > svg");
        for (int i = 0; i < drawings.size() && i < images.size(); i++) {
            drawings.get(i).attr("role", "img").attr("aria-label", String.valueOf(images.get(i).getAttribute("alt")));
        }
        return body;
    }

    /** What was typed stands out from what was printed. The highlighter takes any line with a ";" for a command. */
    private static void console(Element code) {
        String text = code.wholeText();
        code.empty();
        for (String line : text.split("(?<=\n)")) {
            if (line.startsWith("$ ")) {
                code.appendElement("span").addClass("gp").text("$ ");
                code.appendElement("span").addClass("typed").appendText(line.substring(2));
            } else if (line.startsWith("# ")) {
                code.appendElement("span").addClass("c").appendText(line);
            } else {
                code.appendText(line);
            }
        }
    }

    String html(Spine spine, List<Page> pages, String template) {
        int here = pages.indexOf(this);
        return fill(template, spine, chapter.title(), chapter.name(), sidebar(spine, Spine.Chapter::page, each -> each.equals(chapter) ? sectionList() : ""),
                here == 0 ? "" : neighbour("prev", pages.get(here - 1)), here == pages.size() - 1 ? "" : neighbour("next", pages.get(here + 1)), body);
    }

    private static String fill(String template, Spine spine, String title, String name, String sidebar, String previous, String next, String body) {
        return template.replace("{{title}}", Macros.html(title)).replace("{{book}}", Macros.html(spine.title())).replace("{{sidebar}}", sidebar)
                .replace("{{previous}}", previous).replace("{{next}}", next).replace("{{name}}", name).replace("{{body}}", body);
    }

    private static String neighbour(String rel, Page page) {
        String title = Macros.html(page.chapter.title());
        return "<a rel=\"" + rel + "\" href=\"" + page.chapter.page() + "\">" + (rel.equals("prev") ? "← " + title : title + " →") + "</a>";
    }

    private String sectionList() {
        return "<ol class=\"sections\">" + sections.stream().skip(1).map(section -> "<li><a href=\"" + section.address() + "\">"
                + Macros.html(section.title()) + "</a></li>").collect(Collectors.joining()) + "</ol>";
    }

    /** @param below what stands below a chapter; the chapter that has something there is the one that is open */
    private static String sidebar(Spine spine, Function<Spine.Chapter, String> address, Function<Spine.Chapter, String> below) {
        var html = new StringBuilder();
        for (Spine.Part part : spine.parts()) {
            html.append("<h2>").append(Macros.html(part.title())).append("</h2>\n<ol>\n");
            for (Spine.Chapter each : part.chapters()) {
                String more = below.apply(each);
                html.append("<li><a href=\"").append(address.apply(each)).append(more.isEmpty() ? "\">" : "\" aria-current=\"page\">")
                        .append(Macros.html(each.title())).append("</a>").append(more).append("</li>\n");
            }
            html.append("</ol>\n");
        }
        return html.toString();
    }
}
