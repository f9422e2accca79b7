package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Kind;
import grader.model.StudentResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** How results are said to people. */
final class Words {
    /** Of a longer text a page shows the beginning. */
    static final int SHOWN = 4096;

    private Words() {}

    /** What an item is called. */
    static String title(ItemResult item) {
        return switch (item.kind()) {
            case EXERCISE -> item.name();
            case RECORD -> item.name() + " (record)";
            case PREDICTION -> item.name() + " (predictions)";
        };
    }

    static String kind(Kind kind) {
        return switch (kind) {
            case EXERCISE -> "Exercise";
            case RECORD -> "Record of a lab";
            case PREDICTION -> "Predictions";
        };
    }

    /** A verdict as a sentence. */
    static String verdict(Verdict verdict, String error) {
        return switch (verdict) {
            case PASS -> "It is so.";
            case FAIL -> "It is not so yet.";
            case STUDENT_ERROR -> error(error);
            case NOT_RUN -> "Nobody could look, so it does not count.";
            case TAMPER -> "It does not count: it has something that no answer may have.";
            case INFRA -> "No score yet. The grader's machine failed; it is not your fault.";
        };
    }

    /** A verdict on a whole item. */
    static String verdict(ItemResult item) {
        return switch (item.verdict()) {
            case PASS -> "Solved.";
            case FAIL -> item.points() != null && item.points() > 0 ? "Partly solved." : handedIn(item) ? "Not solved yet." : "Nothing was handed in.";
            default -> verdict(item.verdict(), item.error());
        };
    }

    private static String error(String kind) {
        return switch (String.valueOf(kind)) {
            case "compile" -> "It does not compile.";
            case "ended" -> "It ended before anybody could look.";
            case "crash" -> "It crashed.";
            case "time" -> "It took too long.";
            case "cpu" -> "It used too much CPU time.";
            case "memory" -> "It used too much memory.";
            case "pids" -> "It had too many processes and threads.";
            case "output" -> "It printed too much.";
            case "disk" -> "It filled its disk.";
            default -> "It broke off.";
        };
    }

    static boolean handedIn(ItemResult item) {
        return item.fingerprint() != null || item.verdict() != Verdict.FAIL;
    }

    /** One line about all of a student. */
    static String summary(StudentResult student) {
        var open = student.items().stream().filter(item -> item.verdict() == Verdict.INFRA).map(Words::title).toList();
        if (!open.isEmpty()) return "No score yet: the grader's machine failed at " + String.join(", ", open) + ". It is not your fault, and it will be graded again.";
        if (student.points() == null) return "No score yet.";
        var missing = student.items().stream().filter(item -> item.verdict() != Verdict.PASS).map(Words::title).toList();
        return student.points() + " of " + student.max() + " points." + (missing.isEmpty() ? "" : " Not solved: " + String.join(", ", missing) + ".");
    }

    /** Every item that any student of the class has, in the plan's order. Results that were kept from an earlier run may have others. */
    static List<ItemResult> items(ClassResult all) {
        var items = new LinkedHashMap<String, ItemResult>();
        for (var student : all.students()) for (var item : student.items()) items.putIfAbsent(key(item), item);
        return new ArrayList<>(items.values());
    }

    /** The same item of a student; null if the student has it not. */
    static ItemResult item(StudentResult student, ItemResult like) {
        for (var each : student.items()) if (each.kind() == like.kind() && each.name().equals(like.name())) return each;
        return null;
    }

    static String key(ItemResult item) {
        return item.kind() + " " + item.name();
    }

    static double percent(double part, double whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }

    /** With one digit after the point, whatever the locale. */
    static String decimal(double number) {
        return String.format(Locale.ROOT, "%.1f", number);
    }

    /** A time as people say it. */
    static String duration(long millis) {
        if (millis < 1000) return millis + " ms";
        if (millis < 60_000) return decimal(millis / 1000.0) + " s";
        return millis / 60_000 + " min " + millis / 1000 % 60 + " s";
    }

    /** The beginning of a text, never half a character. */
    static String cut(String text, int most, String end) {
        if (text.length() <= most) return text;
        int to = most - end.length();
        return text.substring(0, Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to) + end;
    }

    /** What cannot be seen, or would make other text look different, is written out: control characters, directions, half characters. */
    static String visible(String text) {
        var shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n' || c == '\t') shown.append((char) c);
            else if (Character.getType(c) == Character.SURROGATE) shown.append('\ufffd');
            else if (Character.isISOControl(c) || c != 0x200d && Character.getType(c) == Character.FORMAT) shown.append(String.format("<U+%04X>", c));
            else shown.appendCodePoint(c);
        });
        return shown.toString();
    }

    /** The same on one line. */
    static String line(String text) {
        return visible(text.replaceAll("\\s+", " ").strip());
    }
}
