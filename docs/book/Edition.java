package book;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.asciidoctor.Asciidoctor;
import org.asciidoctor.Attributes;
import org.asciidoctor.Options;
import org.asciidoctor.OptionsBuilder;
import org.asciidoctor.SafeMode;
import org.asciidoctor.ast.Document;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.jruby.internal.JRubyAsciidoctor;

/** Makes an edition of the book. Nothing is published when something is wrong with it. */
public final class Edition {
    private final Path root;
    private final Path generated;
    private final Spine spine;
    private final Claims claims;
    private final Exercises exercises;
    private final Asciidoctor asciidoctor;
    private Problems problems;
    /** What is being converted. */
    private Path current;

    private Edition(Path root) throws IOException {
        this.root = root;
        problems = new Problems(root);
        claims = new Claims(root);
        exercises = new Exercises(root, problems);
        generated = Files.createDirectories(root.resolve("build/book-generated"));
        Files.writeString(generated.resolve(Appendix.NAME + ".adoc"), Appendix.claims(claims));
        spine = Spine.read(root.resolve("docs/book.adoc"), generated, problems);
        asciidoctor = Asciidoctor.Factory.create();
        Logger.getLogger("asciidoctor").setUseParentHandlers(false); // what it says comes with the other problems
        // A dangling reference is logged at INFO.
        asciidoctor.unwrap(JRubyAsciidoctor.class).getRubyRuntime().evalScriptlet("Asciidoctor::LoggerManager.logger.level = 1");
        asciidoctor.registerLogHandler(this::heard);
    }

    private void heard(LogRecord log) {
        var place = log.getCursor();
        if (place != null && place.getFile() != null) {
            problems.add(Path.of(place.getFile()), place.getLineNumber(), log.getMessage());
        } else if (!log.getMessage().startsWith("Wrote to ")) { // that is the converter to EPUB
            problems.add(current, Check.line(current, log.getMessage().replaceAll(".*[ :]", "")), log.getMessage());
        }
    }

    /** Writes a page for each chapter and all on one page, a draft also with problems: the exit code, 1 if there are some. */
    public static int html(Path root, Path out, boolean draft) throws IOException {
        Edition edition = new Edition(root);
        return edition.publish(edition.pages(), out, draft);
    }

    /** Writes the book as one file, {@code backend} being pdf or epub3. */
    public static int paper(Path root, Path out, String backend) throws IOException {
        Edition edition = new Edition(root);
        Path file = Files.createDirectories(out).resolve("namespaces." + backend.replace("3", ""));
        edition.register(null);
        edition.asciidoctor.convert(edition.spine.onePage(), edition.options(backend, null).standalone(true).toFile(file.toFile()).build());
        edition.problems.all().forEach(System.err::println);
        return edition.problems.none() ? 0 : 1;
    }

    private Map<String, byte[]> pages() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<Page> pages = new ArrayList<>();
        for (Spine.Chapter chapter : spine.chapters()) {
            pages.add(Page.of(chapter, load(Files.readString(chapter.file()), chapter)));
        }
        Check.links(pages, problems);
        new Spelling(root.resolve("docs/words.txt")).check(pages, problems);
        for (Page page : pages) {
            files.put(page.chapter().page(), page.html(spine, pages, theme("page.html")).getBytes(UTF_8));
        }
        Problems found = problems;
        problems = new Problems(root); // what is wrong on one page is what was wrong on many
        files.put("book.html", Page.whole(spine, load(spine.onePage(), null), theme("page.html")).getBytes(UTF_8));
        problems = found;
        files.put("index.html", Page.contents(spine, pages, theme("page.html")).getBytes(UTF_8));
        for (String name : List.of("book.css", "book.js")) {
            files.put(name, theme(name).getBytes(UTF_8));
        }
        files.put("lunr.js", resource("/META-INF/resources/webjars/lunr/2.3.9/lunr.min.js"));
        files.put("search.js", SearchIndex.of(pages, new String(resource("/META-INF/resources/webjars/lunr/2.3.9/lunr.js"), UTF_8)).getBytes(UTF_8));
        exercises.check();
        for (Claims.Claim claim : claims.unstated()) {
            problems.add(root.resolve("labs/" + claim.lab() + ".java"), claim.line(), "no chapter states the claim " + claim.id());
        }
        return files;
    }

    /** A document in memory, with everything in it checked. @param chapter null for the whole book */
    private Document load(String source, Spine.Chapter chapter) {
        var context = register(chapter);
        Document document = asciidoctor.load(source, options("html5", chapter).build());
        Check.images(document, context);
        return document;
    }

    private Macros.Context register(Spine.Chapter chapter) {
        var context = new Macros.Context(claims, spine, chapter == null, problems);
        current = chapter == null ? spine.file() : chapter.file();
        asciidoctor.unregisterAllExtensions();
        var registry = asciidoctor.javaExtensionRegistry();
        registry.inlineMacro(new Macros.ClaimMacro(context));
        registry.inlineMacro(new Macros.ChapterMacro(context));
        registry.inlineMacro(new Macros.ManMacro());
        registry.block(new Quiz(context));
        registry.includeProcessor(new OutputInclude(root.resolve("docs/outputs"), problems));
        registry.includeProcessor(exercises);
        return context;
    }

    private OptionsBuilder options(String backend, Spine.Chapter chapter) {
        boolean epub = backend.equals("epub3"); // it looks for images below the base directory, and gives them their place in the book from there
        var attributes = Attributes.builder().attribute("labs", root.resolve("labs").toString())
                .attribute("idseparator", "-").attribute("sectanchors", "")
                .attribute("imagesdir", epub ? "images" : root.resolve("docs/images").toString()).attribute("source-highlighter", "rouge")
                .attribute("rouge-css", "class").attribute("attribute-missing", "warn")
                .attribute("docfile", (chapter == null ? spine.file() : chapter.file()).toString());
        if (chapter != null) {
            attributes.attribute("idprefix", chapter.name() + "-").attribute("quiz-prefix", chapter.name());
        }
        return Options.builder().safe(SafeMode.UNSAFE).sourcemap(true).standalone(false).backend(backend)
                .baseDir(root.resolve(epub ? "docs" : "docs/chapters").toFile()).attributes(attributes.build());
    }

    private String theme(String name) throws IOException {
        return Files.readString(root.resolve("docs/theme").resolve(name));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Edition.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private int publish(Map<String, byte[]> files, Path out, boolean draft) throws IOException {
        problems.all().forEach(System.err::println);
        if (!problems.none() && !draft) {
            System.err.println(problems.all().size() + " problems; the book was not written.");
            return 1;
        }
        Files.createDirectories(out);
        for (var file : files.entrySet()) {
            Files.write(out.resolve(file.getKey()), file.getValue());
        }
        return problems.none() ? 0 : 1;
    }
}
