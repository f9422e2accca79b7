//SOURCES NamespaceTree.java
package kit.tree;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A drawing of a {@link NamespaceTree}: a row a namespace, lines from owners to what they own, dashed ones from PID
 * namespaces to those below. It follows the reader's choice of a light or a dark page, and carries words for who cannot see it.
 */
public final class Svg {
    private static final int ROW = 30, INDENT = 26, MARGIN = 16, BOX = 170, LETTER = 8, LONGEST = 100;
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
        column = places.values().stream().mapToInt(at -> at[0]).max().orElse(0) + BOX + 60;
        int width = Math.max(600, column + MARGIN + rows.stream().mapToInt(node -> LETTER * words(node).length()).max().orElse(0));
        int height = MARGIN * 2 + 24 + ROW * rows.size() + 24;
        rows.forEach(this::lines);
        rows.forEach(this::row);
        long processes = rows.stream().flatMap(node -> node.processes().keySet().stream()).distinct().count();
        StringBuilder hues = new StringBuilder();
        new TreeMap<>(HUES).forEach((type, hue) -> hues.append(".nstree .%s rect { fill: hsl(%d 70%% 50%% / 18%%); stroke: hsl(%d 60%% 50%%) }\n".formatted(type, hue, hue)));
        String told = rows.stream().map(node -> node.link() + (node.owner() == null ? "" : ", owned by " + node.owner()) + ": " + tree.words(node, first, LONGEST) + ".")
                .collect(Collectors.joining("\n"));
        String id = "nstree" + Integer.toHexString((title + told).hashCode()); // several drawings may stand in one page
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" class="nstree" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-labelledby="%3$s-title" aria-describedby="%3$s-desc">
            <title id="%3$s-title">%4$s</title>
            <desc id="%3$s-desc">%5$d namespaces with %6$d processes. Each row is a namespace; a line leads to it from the user namespace that owns it.
            %7$s</desc>
            <style>
            .nstree { color: #1f2328; background: #ffffff; font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
            .nstree text { fill: currentColor }
            .nstree .heading { font-weight: bold; font-size: 14px }
            .nstree .owner, .nstree .parent { fill: none; stroke: #7d8590 }
            .nstree .parent, .nstree .empty rect { stroke-dasharray: 4 3 }
            .nstree .first text { font-weight: bold }
            %8$s@media (prefers-color-scheme: dark) { .nstree { color: #e6edf3; background: #0d1117 } }
            </style>
            <text class="heading" x="%9$d" y="%10$d">%4$s</text>
            %11$s<text x="%9$d" y="%12$d">solid line: owner; dashed line: PID namespace above; dashed box: no process</text>
            </svg>
            """.formatted(width, height, id, escape(title), rows.size(), processes, escape(told), hues, MARGIN, MARGIN + 12, body, height - MARGIN);
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
            body.append("<path class=\"parent\" d=\"M%d %d H%d V%d H%d\"/>\n".formatted(above[0] + BOX, above[1], column - 40 + 7 * (level(node) % 5), to[1], to[0] + BOX));
        }
    }

    /** How deep a PID namespace is nested, as far as the drawing tells. */
    private int level(NamespaceTree.Node node) {
        return node == null || node.parent() == null ? 0 : 1 + level(tree.node(node.parent()));
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
                escape(tree.words(node, first, 5 * LONGEST)), at[0], at[1] - 11, BOX, at[0] + 8, at[1] + 4, node.link(), column, at[1] + 4, escape(words)));
    }

    private String words(NamespaceTree.Node node) {
        return tree.words(node, first, LONGEST);
    }

    /** Text for XML: no letter of it is markup. Those that are forbidden there have no place in a name either. */
    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
