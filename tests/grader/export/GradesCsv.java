package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** grades.csv: a line for each student, a column for each item. A cell without a score is empty. */
public final class GradesCsv implements Exporter {
    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        var items = Words.items(all);
        var header = new ArrayList<>(List.of("student", "name", "points", "max", "percent"));
        for (var item : items) header.add(Words.title(item) + " (" + item.max() + ")");
        header.add("notes");
        var rows = new ArrayList<List<?>>();
        for (var student : all.students()) {
            var row = new ArrayList<Object>();
            row.add(safe(student.student()));
            row.add(safe(student.name() == null ? "" : student.name()));
            row.add(student.points() == null ? "" : student.points());
            row.add(student.max());
            row.add(student.points() == null || student.max() == 0 ? "" : Words.decimal(Words.percent(student.points(), student.max())));
            for (var each : items) {
                var item = Words.item(student, each);
                row.add(item == null || item.points() == null ? "" : item.points());
            }
            row.add(safe(String.join("; ", student.notes().stream().filter(note -> note.to().equals("teacher")).map(note -> note.kind() + ": " + note.text()).toList())));
            rows.add(row);
        }
        out.write("grades.csv", table(header, rows));
    }

    static String table(List<String> header, List<List<?>> rows) throws IOException {
        var text = new StringWriter();
        try (var csv = new CSVPrinter(text, CSVFormat.RFC4180)) {
            csv.printRecord(header);
            for (var row : rows) csv.printRecord(row);
        }
        return text.toString();
    }

    /** A spreadsheet takes a cell that begins with one of these for a formula. */
    static String safe(String cell) {
        return cell.matches("(?s)[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20].*") ? "'" + cell : cell;
    }
}
