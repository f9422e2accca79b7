import static madeup.Exported.ALL;
import static madeup.Exported.ROSTER;
import static madeup.Exported.csv;
import static madeup.Exported.roster;
import static madeup.Exported.student;
import static madeup.Exported.write;
import static madeup.Exported.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.model.ClassResult;
import grader.model.StudentResult;
import grader.work.Roster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import madeup.MadeUpClass;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import outside.Scratch;

/** The tables of the results, for people and for gradebooks, read back with the library for CSV. */
@DisplayName("Results, in tables,")
class ExportTablesTest {
    @Test
    @DisplayName("as grades.csv have a line for each student, a cell for each item, and no formula")
    void grades() throws IOException {
        var rows = csv("grades.csv");
        assertEquals(List.of("student", "name", "points", "max", "percent", "Rename (5)", "Length (2)", "Uts (record) (1)", "Uts (predictions) (2)", "notes"), rows.get(0).toList());
        assertEquals(ALL.students().size() + 1, rows.size());
        for (int i = 0; i < ALL.students().size(); i++) {
            var student = ALL.students().get(i);
            var row = rows.get(i + 1);
            assertEquals(student.student(), row.get(0));
            assertEquals(student.points() == null ? "" : student.points().toString(), row.get(2));
            assertEquals("" + student.max(), row.get(3));
            assertEquals(student.points() == null ? "" : String.format(Locale.ROOT, "%.1f", student.points() * 100.0 / student.max()), row.get(4));
            for (int n = 0; n < student.items().size(); n++) assertEquals(student.items().get(n).points() == null ? "" : "" + student.items().get(n).points(), row.get(5 + n));
            assertEquals(student.notes().stream().filter(note -> note.to().equals("teacher")).map(note -> note.kind() + ": " + note.text()).toList(), row.get(9).isEmpty() ? List.of() : List.of(row.get(9).split("; (?=(copy|solution): )")));
        }
        assertEquals("'=1+1", named(rows, "notrun").get(1));
        assertEquals("M\u00fcller; \"Max\"", rows.get(rows.size() - 1).get(1));
        assertNoFormula(rows);
    }

    private static CSVRecord named(List<CSVRecord> rows, String first) {
        return rows.stream().filter(row -> row.get(0).equals(first)).findFirst().orElseThrow();
    }

    private static void assertNoFormula(List<CSVRecord> rows) {
        for (var row : rows) for (var cell : row) assertFalse(cell.matches("(?s)[=+\\-@\\t\\r\\n].*"), cell);
    }

    @Test
    @DisplayName("where a student has other items than the rest stay in their columns")
    void columns() throws IOException {
        var kept = student("copy");
        var older = StudentResult.of("kept", null, "x", List.of(kept.items().get(1), MadeUpClass.ordinary(1).students().get(0).items().get(0)), List.of());
        var out = written(new ClassResult(ALL.run(), List.of(student("all"), older)), Roster.NONE);
        var rows = CSVFormat.RFC4180.parse(Files.newBufferedReader(out.resolve("grades.csv"))).getRecords();
        assertEquals("UtsOne (" + older.items().get(1).max() + ")", rows.get(0).get(9));
        assertEquals(List.of("", "2", "", "", "" + older.items().get(1).points()), rows.get(2).toList().subList(5, 10));
    }

    @Test
    @DisplayName("as canvas.csv have IDs as they are, and nobody without an ID or a score")
    void canvas() throws IOException {
        var rows = csv("canvas.csv");
        assertEquals(List.of("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "UTS, part 1 (12345)"), rows.get(0).toList());
        assertEquals(List.of("    Points Possible", "", "", "", "", "27"), rows.get(1).toList());
        assertEquals(List.of("Ada \u00c5ngstr\u00f6m", "101", "-77", "@ada", "01", "8"), rows.get(2).toList());
        assertEquals(List.of("Grace", "102", "", "", "'=2", "6"), rows.get(3).toList());
        assertEquals(List.of("s103", "error", "login"), List.of(rows.get(4).get(2), rows.get(4).get(0), rows.get(8).get(3)));
        assertEquals("'=1+1", rows.get(7).get(0));
        assertEquals(9, rows.size(), "infra has no score, and the last one no ID");
        assertTrue(rows.stream().noneMatch(row -> row.get(1).equals("104")));
    }

    @Test
    @DisplayName("as moodle.csv are percents, name everybody by something that all have, and nobody without a score")
    void moodle() throws IOException {
        var rows = csv("moodle.csv");
        assertEquals(List.of("username", "grade", "points", "max", "feedback"), rows.get(0).toList(), "one has no e-mail address, and would get the grade of another");
        assertEquals(List.of("all", "80.0", "8", "10", "8 of 10 points. Not solved: Uts (predictions)."), named(rows, "ada").toList().stream().map(cell -> cell.equals("ada") ? "all" : cell).toList());
        assertEquals(8, rows.size());
        for (var row : rows.subList(1, rows.size())) {
            assertFalse(row.get(0).isEmpty());
            double grade = Double.parseDouble(row.get(1));
            assertTrue(grade >= 0 && grade <= 100, row::toString);
        }
        assertTrue(rows.stream().noneMatch(row -> row.get(0).equals("infra")));
        assertNoFormula(rows);
    }

    @Test
    @DisplayName("are left out where the roster does not tell enough, also those of an earlier run")
    void leftOut() throws IOException {
        var out = Scratch.newPath("results");
        for (var poor : List.of(roster("student,name\nall,Ada\n"), Roster.NONE)) {
            var said = write(ALL, roster(ROSTER), out);
            assertTrue(Files.exists(out.resolve("canvas.csv")) && Files.exists(out.resolve("moodle.csv")));
            assertTrue(said.contains("not in moodle.csv, because the roster has no username for them: with <b>"), said);
            said = write(ALL, poor, out);
            assertFalse(Files.exists(out.resolve("canvas.csv")) || Files.exists(out.resolve("moodle.csv")));
            assertTrue(said.contains("canvas.csv") && said.contains("moodle.csv") && said.contains("roster"), said);
        }
        for (var id : List.of("../../x", "a/b", ".x", "")) assertThrows(IllegalArgumentException.class, () -> roster("student,name\n" + id + ",x\n"), id);
    }
}
