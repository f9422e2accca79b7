package book;

import com.grack.nanojson.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Scriptable;

/** The index over every section of the book, made by lunr when the book is rendered, so that the reader's browser need not. */
final class SearchIndex {
    private SearchIndex() {}

    /** A script that sets {@code searchIndex} and {@code searchSections}; a page opened from a file may load scripts, but no data. */
    static String of(List<Page> pages, String lunr) {
        List<Map<String, String>> sections = pages.stream().flatMap(page -> page.sections().stream()).map(section ->
                (Map<String, String>) new TreeMap<>(Map.of("u", section.address(), "t", section.title(), "p", section.chapter(), "x", section.text()))).toList(); // in one order, whatever JVM renders it
        Context context = Context.enter();
        try {
            context.setLanguageVersion(Context.VERSION_ES6);
            Scriptable scope = context.initStandardObjects();
            context.evaluateString(scope, lunr, "lunr.js", 1, null);
            context.evaluateString(scope, "var sections = " + JsonWriter.string(sections), "sections", 1, null);
            Object index = context.evaluateString(scope, """
                // A name such as /proc/self/uid_map or CLONE_NEWUSER is found by each of its parts, too.
                lunr.tokenizer.separator = /[\\s\\-/().,:;|"'`<>=\\[\\]]+/;
                JSON.stringify(lunr(function () {
                    this.ref('u'); this.field('t', {boost: 10}); this.field('p', {boost: 5}); this.field('x');
                    sections.forEach(function (section) { this.add(section); }, this);
                }))""", "index", 1, null);
            return "window.searchIndex = " + index + ";\nwindow.searchSections = " + JsonWriter.string(sections) + ";\n";
        } finally {
            Context.exit();
        }
    }
}
