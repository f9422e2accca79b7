package grader.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

/**
 * The students of a class, from a CSV file whose first line names the columns: {@code student} (the ID), {@code name}, and what
 * course platforms ask for.
 *
 * @param students by ID: column (in lower case) to text
 */
public record Roster(Map<String, Map<String, String>> students) {
    public static final Roster NONE = new Roster(Map.of());

    public static Roster read(Path file) throws IOException {
        var text = Files.readString(file, StandardCharsets.UTF_8).replaceFirst("^\uFEFF", "");
        var delimiter = text.lines().findFirst().orElse("").contains(";") ? ';' : ',';
        var format = CSVFormat.DEFAULT.builder().setDelimiter(delimiter).setHeader().setSkipHeaderRecord(true).setTrim(true).setIgnoreEmptyLines(true).get();
        var all = new TreeMap<String, Map<String, String>>();
        try (var rows = CSVParser.parse(text, format)) {
            for (var row : rows) {
                var cells = new LinkedHashMap<String, String>();
                row.toMap().forEach((column, cell) -> cells.put(column.toLowerCase(Locale.ROOT), cell));
                var id = cells.get("student");
                if (id == null || id.isEmpty()) throw new IllegalArgumentException(file.getFileName() + " line " + (row.getRecordNumber() + 1) + ": no ID in a column called student");
                if (id.contains("/") || id.startsWith(".")) throw new IllegalArgumentException(file.getFileName() + " line " + (row.getRecordNumber() + 1) + ": the ID " + id + " cannot be a folder's name");
                if (all.put(id, cells) != null) throw new IllegalArgumentException(file.getFileName() + ": the student " + id + " is there twice");
            }
        }
        return new Roster(all);
    }

    /** A student's name; null if the roster does not tell. */
    public String name(String student) {
        var name = cell(student, "name");
        return name.isEmpty() ? null : name;
    }

    /** One cell; empty if it is not there. */
    public String cell(String student, String column) {
        return students.getOrDefault(student, Map.of()).getOrDefault(column, "");
    }
}
