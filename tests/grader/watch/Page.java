package grader.watch;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jline.utils.WCWidth;

/**
 * Lines for a reader: on a screen they are wrapped at words and have colours, in a pipe they are what they are. Nothing in them is
 * obeyed by a terminal, for much of it comes from an answer: a hostname may be any bytes.
 */
final class Page {
    enum Look {
        PLAIN(AttributedStyle.DEFAULT), GOOD(AttributedStyle.DEFAULT.foreground(AttributedStyle.GREEN)), BAD(AttributedStyle.DEFAULT.foreground(AttributedStyle.RED)),
        STRONG(AttributedStyle.BOLD), FAINT(AttributedStyle.DEFAULT.faint());

        private final AttributedStyle style;

        Look(AttributedStyle style) {
            this.style = style;
        }
    }

    /** @param hang how much further what does not fit is indented in the lines below */
    private record Line(int indent, int hang, AttributedString text) {}

    private final List<Line> lines = new ArrayList<>();

    Page blank() {
        return line(0, Look.PLAIN, "");
    }

    /** Adds a text; it may have line ends, and each of its lines is indented so, also where it is wrapped. */
    Page line(int indent, Look look, String text) {
        for (var each : text.split("\n", -1)) {
            var clean = printable(each);
            lines.add(new Line(indent, clean.length() - clean.stripLeading().length(), new AttributedString(clean, look.style)));
        }
        return this;
    }

    /** The same after a first word that looks different, such as a tick; all else stands to the right of it. */
    Page line(int indent, Look first, String word, Look look, String text) {
        var before = new AttributedString(word, first.style);
        for (var each : text.split("\n", -1)) {
            lines.add(new Line(indent, word.length(), new AttributedStringBuilder().append(before).styled(look.style, printable(each)).toAttributedString()));
            before = new AttributedString(" ".repeat(word.length()));
        }
        return this;
    }

    Page add(Page other) {
        lines.addAll(other.lines);
        return this;
    }

    /** As it is, for a pipe. */
    String text() {
        var all = new StringBuilder();
        for (var line : lines) all.append((" ".repeat(line.indent) + line.text).stripTrailing()).append('\n');
        return all.toString();
    }

    /** Wrapped at words to a width in columns. */
    List<AttributedString> lines(int width) {
        var all = new ArrayList<AttributedString>();
        for (var line : lines) {
            int indent = Math.min(line.indent, width / 2);
            var rest = line.text;
            do {
                int end = end(rest, Math.max(1, width - indent));
                all.add(new AttributedStringBuilder().append(" ".repeat(indent)).append(rest.subSequence(0, end)).toAttributedString());
                while (end < rest.length() && rest.charAt(end) == ' ') end++;
                rest = rest.subSequence(end, rest.length());
                indent = Math.min(line.indent + line.hang, width / 2);
            } while (rest.length() > 0);
        }
        return all;
    }

    /** How many characters fit into a width, without cutting a word unless it is too long by itself. */
    private static int end(AttributedString text, int width) {
        int columns = 0, space = -1;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            columns += Math.max(0, WCWidth.wcwidth(point));
            if (columns > width) return space > 0 && !text.subSequence(0, space).toString().isBlank() ? space : Math.max(1, i);
            if (point == ' ') space = i;
            i += Character.charCount(point);
        }
        return text.length();
    }

    /** Without what a terminal would obey, or what would turn the order of the letters around. */
    static String printable(String text) {
        var clean = new StringBuilder();
        text.replace("\t", "        ").codePoints().forEach(point -> clean.appendCodePoint(
                Character.isISOControl(point) || Character.getType(point) == Character.FORMAT || Character.getType(point) == Character.SURROGATE ? '?' : point));
        return clean.toString();
    }
}
