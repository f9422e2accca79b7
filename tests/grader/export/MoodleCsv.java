package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * moodle.csv, for Moodle's import of grades. Moodle wants 0 to 100 and drops the whole file for one grade above that. Where the cell
 * that names the user is empty it takes the row for the student before, so a column is there only if every row has it.
 * Who has no score is not in it: an empty grade would delete one that is there.
 */
final class MoodleCsv implements Exporter {
    static final String FILE = "moodle.csv";
    private static final String NEEDS = "username, idnumber or email";
    /** What Moodle knows users by, and what a roster may call it. */
    private static final Map<String, String[]> KEYS = new java.util.TreeMap<>(Map.of("username", new String[] {"username"},
            "idnumber", new String[] {"idnumber", "id number"}, "email", new String[] {"email", "email address", "e-mail"}));

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        var everybody = all.students().stream().map(student -> student.student()).toList();
        var keys = new ArrayList<>(KEYS.keySet().stream().filter(key -> known(everybody, roster, key) == everybody.size()).toList());
        if (keys.isEmpty()) KEYS.keySet().stream().filter(key -> known(everybody, roster, key) > 0)
                .max(java.util.Comparator.comparing(key -> known(everybody, roster, key))).ifPresent(keys::add);
        if (keys.isEmpty() || everybody.isEmpty()) {
            Skipped.file(out, FILE, NEEDS);
            return;
        }
        var unknown = everybody.stream().filter(student -> cell(roster, student, keys.get(0)).isEmpty()).toList();
        if (!unknown.isEmpty()) Skipped.students(FILE, keys.get(0), unknown);
        var header = new ArrayList<>(keys);
        header.addAll(List.of("grade", "points", "max", "feedback"));
        var rows = new ArrayList<List<?>>();
        for (var student : all.students()) {
            if (student.points() == null || unknown.contains(student.student())) continue;
            var row = new ArrayList<Object>();
            for (var key : keys) row.add(cell(roster, student.student(), key)); // as they are, for Moodle looks for exactly them
            row.add(Words.decimal(Words.percent(student.points(), student.max())));
            row.add(student.points());
            row.add(student.max());
            row.add(GradesCsv.safe(Words.summary(student)));
            rows.add(row);
        }
        out.write(FILE, GradesCsv.table(header, rows));
    }

    private static long known(List<String> students, Roster roster, String key) {
        return students.stream().filter(student -> !cell(roster, student, key).isEmpty()).count();
    }

    private static String cell(Roster roster, String student, String key) {
        return CanvasCsv.cell(roster, student, KEYS.get(key));
    }
}
