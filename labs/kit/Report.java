package kit;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a person sees: plain text, colour only on a terminal, ticks only where the locale has them. */
final class Report {
    private final PrintStream out;
    private final boolean colour;
    private final boolean utf8;

    Report(boolean quiet) {
        utf8 = Charset.forName(System.getProperty("native.encoding", "US-ASCII")).equals(StandardCharsets.UTF_8);
        colour = !quiet && Libc.isatty(1) == 1 && System.getenv("NO_COLOR") == null;
        out = quiet ? new PrintStream(OutputStream.nullOutputStream())
                : new PrintStream(System.out, true, StandardCharsets.UTF_8);
    }

    void heading(String text) {
        out.println("\n" + paint("1", text));
    }

    /** A labelled text, wrapped so that it stays in its column. */
    void paragraph(String label, String text) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-10s", label));
        for (String word : text.strip().split("\\s+")) {
            if (line.length() + word.length() > 110) {
                out.println(line.toString().stripTrailing());
                line = new StringBuilder(" ".repeat(10));
            }
            line.append(word).append(' ');
        }
        out.println(line.toString().stripTrailing());
    }

    /** One value of the two sides beside each other. */
    void sides(String what, Object inside, Object outside) {
        out.println(String.format(Locale.ROOT, "  %-22s %-32s %s", what, inside, outside).stripTrailing());
    }

    void line(String text) {
        text.lines().forEach(line -> out.println("  " + line));
    }

    /** A tick or a cross, the sentence, and per side what was expected and what was seen. */
    void result(Claim.Result result) {
        String mark = result.holds() == null ? paint("33", utf8 ? "\u2013" : "--")
                : result.holds() ? paint("32", utf8 ? "\u2714" : "ok") : paint("31", utf8 ? "\u2718" : "NO");
        out.println("  " + mark + " " + result.claim().sentence() + paint("2", "  [" + result.claim().id() + "]"));
        for (Claim.Side side : result.sides()) {
            String saw = side.holds() ? quote(side.saw()) : paint("31", quote(side.saw()));
            out.printf("      %-8s expected %s, saw %s%n", side.name(), quote(side.expected()), saw);
        }
        if (result.reason() != null) {
            out.println("      " + (result.holds() == null ? "not shown here: " : "because ") + result.reason());
        }
    }

    private static String quote(String text) {
        return '"' + text.replace("\n", "\\n") + '"';
    }

    private String paint(String code, String text) {
        return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
    }
}
