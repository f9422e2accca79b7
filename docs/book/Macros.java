package book;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.asciidoctor.ast.Cursor;
import org.asciidoctor.ast.PhraseNode;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.InlineMacroProcessor;
import org.asciidoctor.extension.Name;

/** The inline macros of the book: {@code claim:uts.length-limit[]}, {@code chapter:uts[]} and {@code man:unshare[2]}. */
final class Macros {
    private Macros() {}

    /** What the macros need to know; one for each conversion. */
    record Context(Claims claims, Spine spine, boolean onePage, Problems problems) {
        void problem(StructuralNode at, String message) {
            Cursor place = at.getSourceLocation();
            boolean known = place != null && place.getFile() != null;
            problems.add(known ? Path.of(place.getFile()) : spine.file(), known ? place.getLineNumber() : 0, message);
        }

        /** Where a chapter, and an anchor in it, is reached from any page. */
        String address(String chapter, String anchor) {
            String id = anchor.isEmpty() ? chapter : anchor;
            return onePage ? "#" + id : chapter + ".html" + (anchor.isEmpty() ? "" : "#" + anchor);
        }
    }

    private static PhraseNode link(InlineMacroProcessor macro, StructuralNode parent, String text, String target, String role) {
        Map<String, Object> options = new HashMap<>();
        options.put("type", target.startsWith("#") ? ":xref" : ":link");
        options.put("target", target);
        Map<String, Object> attributes = new HashMap<>(Map.of("role", role));
        if (target.startsWith("#")) {
            attributes.put("refid", target.substring(1));
            attributes.put("fragment", target.substring(1));
        }
        return macro.createPhraseNode(parent, "anchor", text, attributes, options);
    }

    /** States a claim: its sentence, with a mark that leads to the tests that verify it. */
    @Name("claim")
    static final class ClaimMacro extends InlineMacroProcessor {
        private final Context context;

        ClaimMacro(Context context) {
            super("claim", new HashMap<>(Map.of("regexp", "claim:([a-z]+\\.[a-z0-9-]+)\\[\\]")));
            this.context = context;
        }

        @Override
        public PhraseNode process(StructuralNode parent, String id, Map<String, Object> attributes) {
            Claims.Claim claim = context.claims.state(id);
            if (claim == null) {
                context.problem(parent, "claim:" + id + "[]: no lab makes this claim");
                return createPhraseNode(parent, "quoted", id);
            }
            if (claim.tests().isEmpty()) {
                context.problem(parent, "claim:" + id + "[]: no test verifies this claim");
            }
            PhraseNode mark = link(this, parent, "✓", context.address("claims", id), "mark");
            return createPhraseNode(parent, "quoted", html(claim.sentence()) + "&#160;" + mark.convert(), new HashMap<>(Map.of("role", "claim")),
                    new HashMap<>(Map.of("type", ":unquoted")));
        }
    }

    /** A link to a chapter by its name; its text is the chapter's title unless another is given. */
    @Name("chapter")
    static final class ChapterMacro extends InlineMacroProcessor {
        private final Context context;

        ChapterMacro(Context context) {
            super("chapter", new HashMap<>(Map.of("regexp", "chapter:([a-z0-9-]+(?:#[a-z0-9.-]+)?)\\[([^\\]]*)\\]")));
            this.context = context;
        }

        @Override
        public PhraseNode process(StructuralNode parent, String target, Map<String, Object> attributes) {
            String[] parts = target.split("#");
            Spine.Chapter chapter = context.spine.chapter(parts[0]);
            if (chapter == null && !parts[0].equals("claims")) {
                context.problem(parent, "chapter:" + target + "[]: there is no such chapter");
            }
            Object given = attributes.getOrDefault("1", attributes.get("text"));
            String text = given != null && !given.toString().isEmpty() ? given.toString() : chapter == null ? target : html(chapter.title());
            return link(this, parent, text, context.address(parts[0], parts.length > 1 ? parts[1] : ""), "chapter");
        }
    }

    /** A man page as man pages name each other: unshare(2). It is no link, for the page is on the reader's own machine. */
    @Name("man")
    static final class ManMacro extends InlineMacroProcessor {
        ManMacro() {
            super("man", new HashMap<>(Map.of("regexp", "man:([A-Za-z0-9_.-]+)\\[(\\d)\\]")));
        }

        @Override
        public PhraseNode process(StructuralNode parent, String page, Map<String, Object> attributes) {
            Object section = attributes.getOrDefault("1", attributes.get("text"));
            return createPhraseNode(parent, "quoted", page + "(" + section + ")", new HashMap<>(Map.of("role", "man")),
                    new HashMap<>(Map.of("type", ":unquoted")));
        }
    }

    private static final Pattern CODE = Pattern.compile("(?<![\\w/])(/(?:proc|sys|dev|etc|run)/[\\w/.*-]+[\\w*]|CLONE_\\w+(?:\\|CLONE_\\w+)*|CAP_\\w+|MS_\\w+|[a-z_0-9]+\\(\\d\\)|E[A-Z]{3,}\\b)");

    /** A claim's plain text as HTML, with the kernel's own words in a fixed-width face. */
    static String html(String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return CODE.matcher(escaped).replaceAll("<code>$1</code>");
    }
}
