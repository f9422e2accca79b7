//SOURCES NamespaceTree.java
package kit.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A drawing of a {@link NamespaceTree}: a row a namespace, lines from owners to what they own, dashed curves from PID
 * namespaces to those above. It follows the reader's choice of a light or a dark page, and carries words for who cannot see it.
 */
public final class Svg {
    private static final int ROW = 30, INDENT = 26, MARGIN = 16, BOX = 170, LETTER = 8, LONGEST = 120;
    /** A hue per type, the same on a light and on a dark page; the colour is never the only sign, for the type is written there. */
    private static final Map<String, Integer> HUES = Map.of("user", 28, "pid", 265, "uts", 205, "ipc", 330, "net", 140, "cgroup", 55, "time", 180, "mnt", 0);

    private final NamespaceTree tree;
    private final int first;
    private final List<NamespaceTree.Node> rows = new ArrayList<>();
    private final Map<String, int[]> places = new HashMap<>(); // x and y of the middle of the left side
    private final StringBuilder body = new StringBuilder();
    private int column; // where the words begin

    private Svg(NamespaceTree tree, int first) {
        this.tree = tree;
        this.first = first;
    }

    /** The drawing, as a whole file. */
    public static String of(NamespaceTree tree, String title, int first) {
        return new Svg(tree, first).draw(title);
    }

    private String draw(String title) {
        tree.tops().forEach(node -> place(node, 0));
        column = places.values().stream().mapToInt(at -> at[0]).max().orElse(0) + BOX + 50;
        int width = Math.max(600, column + MARGIN + rows.stream().mapToInt(node -> LETTER * words(node).length()).max().orElse(0));
        int height = MARGIN * 2 + 24 + ROW * rows.size() + 24;
        rows.forEach(this::lines);
        rows.forEach(this::row);
        long processes = rows.stream().flatMap(node -> node.processes().keySet().stream()).distinct().count();
        StringBuilder hues = new StringBuilder();
        new TreeMap<>(HUES).forEach((type, hue) -> hues.append(".%s rect { fill: hsl(%d 70%% 50%% / 18%%); stroke: hsl(%d 60%% 50%%) }\n".formatted(type, hue, hue)));
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-labelledby="title desc">
            <title id="title">%3$s</title>
            <desc id="desc">%4$d namespaces with %5$d processes. Each row is a namespace; a line leads to it from the user namespace that owns it.</desc>
            <style>
            svg { color: #1f2328; background: #ffffff; font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
            text { fill: currentColor }
            .title { font-weight: bold; font-size: 14px }
            .note { opacity: 0.75 }
            .owner, .parent { fill: none; stroke: #8b949e }
            .parent { stroke-dasharray: 4 3 }
            .empty rect { stroke-dasharray: 4 3 }
            .first text { font-weight: bold }
            %6$s@media (prefers-color-scheme: dark) { svg { color: #e6edf3; background: #0d1117 } }
            </style>
            <text class="title" x="%7$d" y="%8$d">%3$s</text>
            %9$s<text class="note" x="%7$d" y="%10$d">solid line: owner; dashed curve: PID namespace above; dashed box: no process</text>
            </svg>
            """.formatted(width, height, escape(title), rows.size(), processes, hues, MARGIN, MARGIN + 12, body, height - MARGIN);
    }

    private void place(NamespaceTree.Node node, int depth) {
        places.put(node.link(), new int[] {MARGIN + depth * INDENT, MARGIN + 24 + ROW * rows.size() + ROW / 2});
        rows.add(node);
        tree.children(node).forEach(child -> place(child, depth + 1));
    }

    private void lines(NamespaceTree.Node node) {
        int[] to = places.get(node.link()), owner = node.owner() == null ? null : places.get(node.owner());
        if (owner != null) {
            body.append("<path class=\"owner\" d=\"M%d %d V%d H%d\"/>\n".formatted(owner[0] + 12, owner[1] + 11, to[1], to[0]));
        }
        int[] above = node.type().equals("pid") && node.parent() != null ? places.get(node.parent()) : null;
        if (above != null) {
            body.append("<path class=\"parent\" d=\"M%d %d C%d %d %d %d %d %d\"/>\n".formatted(above[0] + BOX, above[1], column, above[1], column, to[1], to[0] + BOX, to[1]));
        }
    }

    private void row(NamespaceTree.Node node) {
        int[] at = places.get(node.link());
        String words = words(node);
        body.append("""
            <g class="%s%s%s"><title>%s: %s</title>
            <rect x="%d" y="%d" width="%d" height="22" rx="4"/>
            <text x="%d" y="%d">%s</text>
            <text x="%d" y="%d">%s</text></g>
            """.formatted(node.type(), node.processes().isEmpty() ? " empty" : "", node.processes().containsKey(first) ? " first" : "", node.link(),
                escape(tree.words(node, first)), at[0], at[1] - 11, BOX, at[0] + 8, at[1] + 4, node.link(), column, at[1] + 4, escape(words)));
    }

    private String words(NamespaceTree.Node node) {
        String words = tree.words(node, first);
        return words.length() > LONGEST ? words.substring(0, LONGEST) + " ..." : words;
    }

    /** Text for XML: no letter of it is markup, and none is forbidden there. */
    private static String escape(String text) {
        return text.replaceAll("[^ -~]", "?").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
