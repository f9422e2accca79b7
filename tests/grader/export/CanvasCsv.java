package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * canvas.csv, for the gradebook of Canvas. Whom the roster gives no ID is not in it, because Canvas would go by the name, and two may
 * have the same. Who has no score is not in it, because Canvas takes an empty cell for the wish to delete the score that is there.
 */
final class CanvasCsv implements Exporter {
    static final String FILE = "canvas.csv";
    private static final String NEEDS = "ID, SIS User ID or SIS Login ID";

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        var rows = new ArrayList<List<?>>();
        var unknown = new ArrayList<String>();
        int max = 0;
        for (var student : all.students()) {
            var id = student.student();
            // IDs stay as they are, whatever they begin with: Canvas looks for exactly them.
            var ids = List.of(cell(roster, id, "id", "canvas id"), cell(roster, id, "sis user id"), cell(roster, id, "sis login id"));
            max = Math.max(max, student.max());
            if (ids.stream().allMatch(String::isEmpty)) unknown.add(id);
            else if (student.points() != null)
                rows.add(List.of(GradesCsv.safe(student.name() == null ? id : student.name()), ids.get(0), ids.get(1), ids.get(2), GradesCsv.safe(roster.cell(id, "section")), student.points()));
        }
        if (unknown.size() == all.students().size()) {
            Skipped.file(out, FILE, NEEDS);
            return;
        }
        if (!unknown.isEmpty()) Skipped.students(FILE, NEEDS, unknown);
        rows.add(0, List.of("    Points Possible", "", "", "", "", max));
        out.write(FILE, GradesCsv.table(List.of("Student", "ID", "SIS User ID", "SIS Login ID", "Section", title(all, roster)), rows));
    }

    /** The assignment's name in Canvas, where the roster tells it: Title (12345) meets the one with this number. */
    private static String title(ClassResult all, Roster roster) {
        return all.students().stream().map(student -> roster.cell(student.student(), "assignment")).filter(title -> !title.isEmpty()).findFirst().orElse("Linux namespaces");
    }

    /** The first of several columns that says something. */
    static String cell(Roster roster, String student, String... columns) {
        for (var column : columns) if (!roster.cell(student, column).isEmpty()) return roster.cell(student, column);
        return "";
    }
}
