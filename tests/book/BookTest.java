import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.adobe.epubcheck.api.EpubCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.pdfbox.Loader;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import outside.Home;
import outside.Ran;
import outside.Scratch;

/** The course book: that it is whole and true, and that the build finds out when it is not. */
@Timeout(2400)
@DisplayName("The book")
class BookTest {
    private static Path rendered;

    /** The folder with its pages, rendered once for all tests. */
    static synchronized Path rendered() {
        if (rendered == null) {
            var out = Scratch.newPath("book");
            var ran = build(Home.path(), "book", "--out", out.toString());
            assertEquals(0, ran.exit(), ran::toString);
            rendered = out;
        }
        return rendered;
    }

    private static Ran build(Path workbook, String... words) {
        var command = new java.util.ArrayList<>(java.util.List.of(workbook.resolve("build.sh").toString()));
        command.addAll(java.util.List.of(words));
        return Ran.run(new ProcessBuilder(command).directory(workbook.toFile()), "", 1800);
    }

    @Test
    @DisplayName("has a page for each lab, and one for all claims")
    void pages() {
        var pages = Ran.names(rendered()).toList();
        for (var lab : outside.Lab.all()) assertTrue(pages.contains(lab.toLowerCase(java.util.Locale.ROOT) + ".html"), lab);
        assertTrue(pages.contains("claims.html"));
        assertTrue(pages.contains("book.html"));
    }

    @Test
    @DisplayName("is written as PDF and as EPUB, both valid")
    void paper() throws IOException {
        var out = Scratch.newPath("paper");
        for (var format : new String[] {"pdf", "epub"}) {
            var ran = build(Home.path(), "book", format, "--out", out.toString());
            assertEquals(0, ran.exit(), ran::toString);
        }
        try (var pdf = Loader.loadPDF(out.resolve("namespaces.pdf").toFile())) {
            assertTrue(pdf.getNumberOfPages() > 50, () -> pdf.getNumberOfPages() + " pages");
        }
        var complaints = new StringWriter();
        assertEquals(0, new EpubCheck(out.resolve("namespaces.epub").toFile(), new PrintWriter(complaints)).doValidate(), complaints::toString);
        try (var epub = new ZipFile(out.resolve("namespaces.epub").toFile()); var images = Files.list(Home.path().resolve("docs/images"))) {
            assertEquals(List.of(), images.filter(image -> epub.getEntry("EPUB/images/" + image.getFileName()) == null).toList(), "images that the EPUB does not have");
        }
    }

    @Test
    @DisplayName("includes outputs that the labs and the sessions still print")
    void outputs() {
        if (!outside.As.TESTS_ARE_ROOT) {
            assertCurrent(build(Home.path(), "outputs", "--check"));
            return;
        }
        var clone = copy("outputs");
        Ran.command("chown", "-R", "1000:1000", clone.toString()).okay();
        assertCurrent(Ran.run(new ProcessBuilder("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "--inh-caps=-all", "env", "HOME=" + clone.resolve("build"),
                clone.resolve("build.sh").toString(), "outputs", "--check").directory(clone.toFile()), "", 1800));
    }

    private static void assertCurrent(Ran ran) {
        assumeTrue(ran.exit() != 77, () -> ran.stderr().strip());
        assertEquals(0, ran.exit(), ran::toString);
    }

    /** A copy of the clone that may be spoiled. */
    private static Path copy(String name) {
        var clone = Scratch.newPath(name);
        Ran.command("mkdir", clone.toString()).okay();
        for (var part : new String[] {"docs", "labs", "tests", "build.sh", "build"})
            if (Files.exists(Home.path().resolve(part))) Ran.command("cp", "-R", Home.path().resolve(part).toString(), clone.toString()).okay();
        return clone;
    }

    /** Faults that an author makes; the build must name the file and the line of each. */
    private static final Map<String, String> FAULTS = new LinkedHashMap<>();

    static {
        FAULTS.put("a claim that no lab makes", "claim:uts.is-made-up[]");
        FAULTS.put("a chapter that is not there", "chapter:no-such-chapter[]");
        FAULTS.put("a reference that leads nowhere", "<<no-such-place>>");
        FAULTS.put("an include of a file that is not there", "include::{labs}/NoSuchLab.java[]");
        FAULTS.put("an include of a tag that is not there", "include::{labs}/Uts.java[tag=no-such-tag]");
        FAULTS.put("an output that nobody captured", "include::output:no-such-output[]");
        FAULTS.put("a step that an output does not have", "include::output:uts[step=\"No such step\"]");
        FAULTS.put("an image that is not there", "image::no-such.svg[With a text]");
        FAULTS.put("an image without a text", "image::bare.svg[]");
        FAULTS.put("a link out of the book", "link:https://example.org/[elsewhere]");
        FAULTS.put("an attribute that is not there", "{no-such-attribute}");
        FAULTS.put("a quiz without a right answer", "[quiz]\n====\nWhich?\n\n( ) a | no\n( ) b | no\n====");
        FAULTS.put("a quiz with an answer that is not explained", "[quiz]\n====\nWhich one?\n\n( ) c\n(x) d | yes\n====");
        FAULTS.put("a claim that no test verifies", "claim:uts.length-limit[]");
    }

    @TestFactory
    @DisplayName("is not written, and the file and the line are named, when there is")
    Stream<DynamicTest> faults() throws IOException {
        var clone = copy("faulty");
        Files.createDirectories(clone.resolve("docs/images"));
        Files.writeString(clone.resolve("docs/images/bare.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        var chapter = clone.resolve("docs/chapters/start.adoc");
        var text = new StringBuilder(Files.readString(chapter).stripTrailing());
        var lines = new LinkedHashMap<String, Long>();
        FAULTS.forEach((fault, markup) -> {
            text.append("\n\n").append(markup);
            long begin = text.chars().filter(c -> c == '\n').count() + 1 - markup.chars().filter(c -> c == '\n').count();
            lines.put(fault, markup.startsWith("[quiz]") ? begin + 2 : begin); // a quiz is known by its question
        });
        Files.writeString(chapter, text.append('\n'));
        var test = clone.resolve("tests/UtsTest.java");
        Files.writeString(test, Files.readString(test).replace("@Verifies(\"uts.length-limit\")", ""));
        var ran = build(clone, "book", "--out", Scratch.newPath("none").toString());
        return Stream.concat(Stream.of(dynamicTest("anything wrong at all", () -> {
            assertEquals(1, ran.exit(), ran::toString);
            assertFalse(ran.stdout().contains("index.html"), ran::toString);
        })), lines.entrySet().stream().map(fault -> dynamicTest(fault.getKey(), () -> {
            assertTrue(ran.stderr().contains("docs/chapters/start.adoc:" + fault.getValue() + ": "), () -> "line " + fault.getValue() + " of\n" + ran.stderr());
        })));
    }
}
