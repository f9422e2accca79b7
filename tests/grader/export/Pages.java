package grader.export;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import grader.plan.Plan;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;

/**
 * The templates of the pages, tests/grader/export/pages. Whatever is put into one is escaped. And a policy in each page forbids the
 * browser all that is not named in it by its digest, so that an answer's output could do nothing even if it got through.
 */
final class Pages {
    private static final String CHART = "META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH);

    private final Path folder;
    private final Mustache.Compiler compiler = Mustache.compiler().strictSections(true).nullValue("").zeroIsFalse(true).emptyStringIsFalse(true)
            .withEscaper(text -> Escapers.HTML.escape(Words.visible(text)));

    Pages(Plan plan) {
        folder = plan.home().resolve("tests/grader/export/pages");
    }

    String file(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    Template template(String name) throws IOException {
        return compiler.compile(file(name));
    }

    /** The library that draws the charts, without the hint where its own source lies. */
    static String chartLibrary() throws IOException {
        try (var in = Pages.class.getClassLoader().getResourceAsStream(CHART)) {
            if (in == null) throw new IOException(CHART + " is not in the class path");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceFirst("//# sourceMappingURL=.*\\s*$", "").strip();
        }
    }

    /** How a Content-Security-Policy names an element that it allows. */
    static String digest(String text) {
        try {
            return "'sha256-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8))) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** A file's name as a part of a relative address. */
    static String address(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A name for a place in a page. */
    static String anchor(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    /** When something was, for a person. */
    static String date(String time) {
        return OffsetDateTime.parse(time).withOffsetSameInstant(ZoneOffset.UTC).format(DATE);
    }
}
