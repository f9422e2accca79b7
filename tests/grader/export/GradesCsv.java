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
        var text = new StringWriter();
        try (var csv = new CSVPrinter(text, CSVFormat.RFC4180)) {
            var header = new ArrayList<>(List.of("student", "name", "points", "max", "percent"));
            if (!all.students().isEmpty()) for (var item : all.students().get(0).items()) header.add(item.name() + " (" + item.max() + ")");
            header.add("notes");
            csv.printRecord(header);
            for (var student : all.students()) {
                var row = new ArrayList<Object>();
                row.add(safe(student.student()));
                row.add(safe(student.name() == null ? "" : student.name()));
                row.add(student.points() == null ? "" : student.points());
                row.add(student.max());
                row.add(student.points() == null || student.max() == 0 ? "" : String.format(java.util.Locale.ROOT, "%.1f", 100.0 * student.points() / student.max()));
                for (var item : student.items()) row.add(item.points() == null ? "" : item.points());
                row.add(safe(String.join("; ", student.notes().stream().filter(note -> note.to().equals("teacher")).map(note -> note.kind() + ": " + note.text()).toList())));
                csv.printRecord(row);
            }
        }
        out.write("grades.csv", text.toString());
    }

    /** A spreadsheet takes a cell that begins with one of these for a formula. */
    static String safe(String cell) {
        return cell.matches("(?s)[=+\\-@\\t\\r].*") ? "'" + cell : cell;
    }
}
