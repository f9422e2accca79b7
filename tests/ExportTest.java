import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import grader.export.Exports;
import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.RunInfo;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilderFactory;
import madeup.MadeUpClass;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import outside.Grader;
import outside.Home;
import outside.Schema;
import outside.Scratch;

/** The forms in which results are written: each is read back, by another library than wrote it where there is one, and compared with the model. */
@DisplayName("Results")
class ExportTest {
    private static final ClassResult ALL = MadeUpClass.everything();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROSTER = """
            student,name,ID,SIS User ID,SIS Login ID,Section,username,Email address,assignment,lti user id
            all,x,101,-77,@ada,01,ada,ada@example.org,"UTS, part 1 (12345)",lti-1
            copy,x,102,,,=2,copy,copy@example.org,,
            error,x,,s103,,01,error,error@example.org,,
            infra,x,104,,,01,infra,infra@example.org,,
            missing,x,105,,,01,missing,missing@example.org,,
            nasty,x,106,,,01,nasty,nasty@example.org,,
            notrun,x,107,,,01,notrun,,,
            tamper,x,,,login,01,tamper,tamper@example.org,,
            """;
    private static Path folder;
    private static Plan plan;

    @BeforeAll
    static void write() throws IOException {
        plan = Plan.read(Home.path());
        folder = written(ALL, roster(ROSTER));
    }

    private static Path written(ClassResult all, Roster roster) throws IOException {
        var out = Scratch.newPath("results");
        write(all, roster, out);
        return out;
    }

    /** What was said about it. */
    private static String write(ClassResult all, Roster roster, Path out) throws IOException {
        var said = new ByteArrayOutputStream();
        var stderr = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            for (var exporter : Exports.ALL) exporter.write(all, plan, roster, new Out(out));
        } finally {
            System.setErr(stderr);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    private static Roster roster(String text) throws IOException {
        var file = Scratch.newPath("roster.csv");
        Files.writeString(file, text);
        return Roster.read(file);
    }

    private static JsonNode json(String name) throws IOException {
        return JSON.readTree(Files.readString(folder.resolve(name)));
    }

    private static List<CSVRecord> csv(String name) throws IOException {
        return CSVFormat.RFC4180.parse(Files.newBufferedReader(folder.resolve(name))).getRecords();
    }

    private static Document page(String name) throws IOException {
        return Jsoup.parse(Files.readString(folder.resolve(name)));
    }

    private static StudentResult student(String id) {
        return ALL.students().stream().filter(each -> each.student().equals(id)).findFirst().orElseThrow();
    }

    /** Whether a claim of an item may be called passed: worked out here anew, not asked of the code that is tested. */
    private static boolean passed(ItemResult item, int claim) {
        return item.claims().get(claim).verdict() == Verdict.PASS && List.of(Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN).contains(item.verdict());
    }

    /** Whether each claim passed, in the order of the plan. */
    private static List<Boolean> passes(StudentResult student) {
        var all = new ArrayList<Boolean>();
        for (var item : student.items()) for (int i = 0; i < item.claims().size(); i++) all.add(passed(item, i));
        return all;
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    @Test
    @DisplayName("as result.json and run.json are the model itself, and as the schema says")
    void model() throws IOException {
        for (var student : ALL.students()) {
            var text = Files.readString(folder.resolve("students/" + student.student() + "/result.json"));
            assertEquals(List.of(), Schema.resultFaults(JSON.readTree(text)), student.student());
            assertEquals(whole(Out.json(student)), JSON.readTree(text));
            var read = JSON.readValue(text, StudentResult.class);
            if (!student.student().equals("nasty")) assertEquals(student, read); // half a character is not kept
        }
        assertEquals(List.of(), Schema.resultFaults(json("run.json")));
        assertEquals(ALL.run(), JSON.treeToValue(json("run.json"), RunInfo.class));
    }

    /** As JSON in UTF-8 is, which has no half characters. */
    private static JsonNode whole(String json) throws IOException {
        return JSON.readTree(new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("that contradict themselves are refused by the schema")
    void schema() throws IOException {
        var wrong = new LinkedHashMap<String, Consumer<ObjectNode>>();
        wrong.put("a score without one for an item", all -> item(all, 0).put("verdict", "INFRA").putNull("points"));
        wrong.put("a score for the machine's failure", all -> item(all, 0).put("verdict", "INFRA"));
        wrong.put("no score without a failure of the machine", all -> item(all, 0).putNull("points"));
        wrong.put("no score in all, but for each item", all -> all.putNull("points"));
        wrong.put("points for deceit", all -> item(all, 0).put("verdict", "TAMPER"));
        wrong.put("an error of no kind", all -> item(all, 0).put("verdict", "STUDENT_ERROR").put("points", 0));
        wrong.put("a pass without a claim", all -> item(all, 0).putArray("claims"));
        wrong.put("a pass of an item with a claim that did not", all -> claim(all).put("verdict", "NOT_RUN").put("points", 0).put("reason", "x"));
        wrong.put("a claim that passed for a reason", all -> claim(all).put("reason", "x"));
        wrong.put("a claim that did not pass and has points", all -> { item(all, 0).put("verdict", "FAIL"); claim(all).put("verdict", "FAIL").put("reason", "x"); });
        wrong.put("a claim that did not pass for no reason", all -> { item(all, 0).put("verdict", "FAIL"); claim(all).put("verdict", "FAIL").put("points", 0); });
        wrong.put("an unknown verdict", all -> claim(all).put("verdict", "MAYBE"));
        wrong.put("an unknown field", all -> all.put("grade", "A"));
        wrong.put("a note to somebody else", all -> all.putArray("notes").addObject().put("to", "everybody").put("kind", "copy").put("text", "x"));
        wrong.put("another format", all -> all.put("schema", "namespace-labs/result/2"));
        for (var fault : wrong.entrySet()) {
            var all = (ObjectNode) JSON.readTree(Out.json(student("all")));
            fault.getValue().accept(all);
            assertNotEquals(List.of(), Schema.resultFaults(all), fault.getKey());
        }
        for (var field : List.of("schema", "version", "plan", "shard", "shards", "privilege", "limits", "missing", "time", "millis")) {
            var run = (ObjectNode) json("run.json");
            run.remove(field);
            assertNotEquals(List.of(), Schema.resultFaults(run), "run.json without " + field);
        }
    }

    private static ObjectNode item(ObjectNode student, int n) {
        return (ObjectNode) student.path("items").get(n);
    }

    private static ObjectNode claim(ObjectNode student) {
        return (ObjectNode) item(student, 0).path("claims").get(0);
    }

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

    @Test
    @DisplayName("as junit.xml have a suite for each student, a case for each claim, and an error for each failure of the machine")
    void junit() throws Exception {
        var root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(folder.resolve("junit.xml").toFile()).getDocumentElement();
        assertEquals("testsuites", root.getTagName());
        var suites = children(root, "testsuite");
        assertEquals(ALL.students().stream().map(StudentResult::student).toList(), suites.stream().map(suite -> suite.getAttribute("name")).toList());
        int[] sums = new int[3];
        for (int s = 0; s < suites.size(); s++) {
            var suite = suites.get(s);
            var student = ALL.students().get(s);
            var cases = children(suite, "testcase");
            var passes = passes(student);
            assertEquals(passes, cases.stream().map(each -> children(each, "failure").isEmpty() && children(each, "error").isEmpty()).toList(), student.student());
            assertTrue(cases.stream().allMatch(each -> children(each, "skipped").isEmpty()), "a skipped case leaves a build green");
            int errors = (int) cases.stream().filter(each -> !children(each, "error").isEmpty()).count();
            assertEquals(student.items().stream().filter(item -> item.verdict() == Verdict.INFRA).mapToInt(item -> item.claims().size()).sum(), errors);
            int failures = (int) passes.stream().filter(passed -> !passed).count() - errors;
            assertEquals(List.of("" + passes.size(), "" + failures, "" + errors), List.of(suite.getAttribute("tests"), suite.getAttribute("failures"), suite.getAttribute("errors")));
            var properties = new TreeMap<String, String>();
            for (var property : children(children(suite, "properties").get(0), "property")) properties.put(property.getAttribute("name"), property.getAttribute("value"));
            assertEquals(student.points() == null ? null : "" + student.points(), properties.get("points"));
            for (var each : cases) assertFalse(each.getAttribute("name").isEmpty() || each.getAttribute("classname").isEmpty() || !each.getAttribute("time").matches("\\d+\\.\\d{3}"), each::toString);
            sums[0] += passes.size();
            sums[1] += failures;
            sums[2] += errors;
        }
        assertEquals(List.of("" + sums[0], "" + sums[1], "" + sums[2]), List.of(root.getAttribute("tests"), root.getAttribute("failures"), root.getAttribute("errors")));
        var nasty = student("nasty").items().get(0);
        var cases = children(suites.get(ALL.students().indexOf(student("nasty"))), "testcase");
        for (int i = 0; i < nasty.claims().size(); i++) {
            var failure = children(cases.get(i), "failure").get(0);
            assertEquals(legal(nasty.claims().get(i).reason()), failure.getAttribute("message"));
            assertTrue(failure.getTextContent().contains("saw: " + legal(nasty.claims().get(i).saw())), failure::getTextContent);
        }
        assertEquals(legal(nasty.output()), children(cases.get(0), "system-out").get(0).getTextContent());
    }

    /** What XML can hold of a text. */
    private static String legal(String text) {
        return text.replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])", "\ufffd");
    }

    private static List<Element> children(Element parent, String name) {
        var all = new ArrayList<Element>();
        for (var child = parent.getFirstChild(); child != null; child = child.getNextSibling()) if (child instanceof Element element && element.getTagName().equals(name)) all.add(element);
        return all;
    }

    @Test
    @DisplayName("for Gradescope have the score, each claim, plain text only, and no file where there is no score")
    void gradescope() throws IOException {
        for (var student : ALL.students()) {
            var name = "students/" + student.student() + "/gradescope.json";
            assertEquals(student.points() != null, Files.exists(folder.resolve(name)), name);
            if (student.points() == null) continue;
            var all = json(name);
            assertEquals(student.points(), all.path("score").asInt());
            assertEquals("text text text", all.path("output_format").asText() + " " + all.path("test_output_format").asText() + " " + all.path("test_name_format").asText());
            var tests = list(all.path("tests"));
            assertEquals(passes(student), tests.stream().map(test -> test.path("status").asText().equals("passed")).toList());
            assertEquals(student.points(), tests.stream().mapToInt(test -> test.path("score").asInt()).sum());
            assertEquals(student.max(), tests.stream().mapToInt(test -> test.path("max_score").asInt()).sum());
            for (var test : tests) {
                assertTrue(List.of("passed", "failed").contains(test.path("status").asText()) && test.path("number").isTextual() && test.path("score").isInt(), test::toString);
                assertTrue(List.of("visible", "").contains(test.path("visibility").asText()), "a hidden test hides the total");
            }
        }
        assertEquals(student("nasty").items().stream().mapToLong(ItemResult::millis).sum() / 1000.0, json("students/nasty/gradescope.json").path("execution_time").asDouble());
        assertTrue(json("students/nasty/gradescope.json").path("tests").get(0).path("output").asText().contains("<script>alert('x')</script>"));
        assertTrue(json("students/error/gradescope.json").path("output").asText().contains("big.txt is longer"));
        // Who had a score and now has none in the model must not keep the file.
        var out = written(ALL, Roster.NONE);
        var stale = out.resolve("students/infra/gradescope.json");
        Files.writeString(stale, "{}");
        write(ALL, Roster.NONE, out);
        assertFalse(Files.exists(stale));
    }

    @Test
    @DisplayName("for GitHub Classroom are the same in base64 and in plain, and give no points without a score")
    void classroom() throws IOException {
        for (var student : ALL.students()) {
            var file = json("students/" + student.student() + "/classroom.json");
            var result = JSON.readTree(new String(Base64.getDecoder().decode(file.path("result").asText()), StandardCharsets.UTF_8));
            assertEquals(file.path("plain"), result);
            assertEquals(1, result.path("version").asInt());
            var tests = list(result.path("tests"));
            assertEquals(passes(student), tests.stream().map(test -> test.path("status").asText().equals("pass")).toList());
            assertEquals(student.points() == null ? 0 : student.points(), tests.stream().mapToInt(test -> test.path("score").asInt(-1)).sum());
            assertEquals(student.points() == null ? 0 : student.max(), result.path("max_score").asInt(-1), "the reporter skips a max_score of 0");
            assertEquals(student.points() == null ? "error" : passes(student).contains(false) ? "fail" : "pass", result.path("status").asText());
            for (var test : tests) assertTrue(test.path("line_no").isInt() && test.path("filename").asText("x").isEmpty() && test.path("name").isTextual() && test.path("test_code").isTextual(), test::toString);
            assertFalse(result.toString().contains("duration"), "a time in base64 could not be told from the rest");
        }
        var solved = student("all");
        var out = written(new ClassResult(ALL.run(), List.of(StudentResult.of("solved", null, "x", solved.items().subList(0, 3), List.of()), StudentResult.of("nobody", null, "x", List.of(), List.of()))), Roster.NONE);
        assertEquals("pass", JSON.readTree(out.resolve("students/solved/classroom.json").toFile()).path("plain").path("status").asText());
        assertEquals("fail", JSON.readTree(out.resolve("students/nobody/classroom.json").toFile()).path("plain").path("status").asText());
        assertEquals("pass", JSON.readTree(out.resolve("students/solved/exercism.json").toFile()).path("status").asText());
        assertEquals("error", JSON.readTree(out.resolve("students/nobody/exercism.json").toFile()).path("status").asText());
    }

    @Test
    @DisplayName("for Exercism obey its rules: status, order, messages, 500 characters of output")
    void exercism() throws IOException {
        for (var student : ALL.students()) {
            var all = json("students/" + student.student() + "/exercism.json");
            assertEquals(3, all.path("version").asInt());
            if (student.points() == null) {
                assertEquals("error", all.path("status").asText());
                assertTrue(all.path("message").asText().contains("not your fault"), all::toString);
                assertFalse(all.has("tests"));
                continue;
            }
            assertEquals("fail", all.path("status").asText(), student.student());
            assertTrue(all.path("message").isNull());
            var tests = list(all.path("tests"));
            assertEquals(passes(student), tests.stream().map(test -> test.path("status").asText().equals("pass")).toList());
            int at = 0;
            for (var item : student.items()) {
                for (var claim : item.claims()) {
                    var test = tests.get(at++);
                    assertTrue(test.path("name").asText().endsWith(": " + claim.sentence()), test::toString);
                    assertTrue(List.of("pass", "fail", "error").contains(test.path("status").asText()));
                    assertEquals(test.path("status").asText().equals("pass"), test.path("message").isNull());
                    if (item.verdict() == Verdict.STUDENT_ERROR) assertEquals("error", test.path("status").asText());
                    assertTrue(test.path("output").asText().length() <= 500, test::toString);
                }
            }
        }
        var nasty = list(json("students/nasty/exercism.json").path("tests"));
        assertTrue(nasty.get(0).path("output").asText().endsWith("Output was truncated. Please limit to 500 chars"));
        assertTrue(nasty.get(19).path("message").asText().length() > 70_000, "a test's message has no limit");
        assertTrue(json("students/error/exercism.json").path("tests").get(2).path("message").asText().contains("Length.java:7: error: <identifier> expected"));
        // Nothing at all was executed: no "fail" with tests that never ran.
        var broken = student("error").items().get(1);
        var loud = new ItemResult(broken.kind(), broken.name(), broken.lab(), 1, broken.verdict(), broken.error(), broken.reason(), 0, broken.max(), broken.claims(), List.of(), "\ud83d\ude80".repeat(40_000), "x", 1);
        var out = written(new ClassResult(ALL.run(), List.of(StudentResult.of("loud", null, "x", List.of(loud), List.of()))), Roster.NONE);
        var all = JSON.readTree(out.resolve("students/loud/exercism.json").toFile());
        assertEquals("error", all.path("status").asText());
        assertTrue(all.path("message").asText().length() <= 65_535 && all.path("message").asText().endsWith("truncated"));
        assertFalse(Files.readString(out.resolve("students/loud/exercism.json")).contains("?\\n... truncated"), "half a character");
    }

    @Test
    @DisplayName("for LTI are final with a score, and pending without one")
    void lti() throws IOException {
        var scored = json("students/all/lti.json");
        assertEquals(List.of("lti-1", "8", "10", "FullyGraded", "2026-11-25T21:30:05.000Z"), List.of(scored.path("userId").asText(), scored.path("scoreGiven").asText(), scored.path("scoreMaximum").asText(),
                scored.path("gradingProgress").asText(), scored.path("timestamp").asText()));
        var pending = json("students/infra/lti.json");
        assertEquals("Pending", pending.path("gradingProgress").asText());
        assertEquals("infra", pending.path("userId").asText());
        assertFalse(pending.has("scoreGiven") || pending.has("scoreMaximum"));
    }

    @Test
    @DisplayName("as a student's page have every claim with its points, and say what was expected, seen, and is to be read")
    void pages() throws IOException {
        for (var student : ALL.students()) {
            var page = page("students/" + student.student() + "/index.html");
            var items = page.select("section.item");
            assertEquals(student.items().size(), items.size());
            for (int i = 0; i < items.size(); i++) {
                var item = student.items().get(i);
                var claims = items.get(i).select("li:has(> .claim)");
                assertEquals(item.claims().size(), claims.size());
                assertEquals(item.points() == null ? "no score of " + item.max() + " points" : item.points() + " of " + item.max() + " points", items.get(i).select(".sum .number").text());
                for (int c = 0; c < claims.size(); c++) {
                    var claim = item.claims().get(c);
                    assertTrue(claims.get(c).select(".claim").text().substring(2).startsWith(claim.sentence()), claims.get(c)::text);
                    assertEquals(item.points() == null ? "no score of " + claim.max() : (passed(item, c) ? claim.max() : 0) + " of " + claim.max(), claims.get(c).select(".worth").text());
                    assertEquals(passed(item, c), claims.get(c).hasClass("pass"));
                    assertEquals(passed(item, c), claims.get(c).select(".why").isEmpty());
                }
            }
            var score = page.select(".score").text();
            assertEquals(student.points() == null ? "No score yet" : student.points() + " of " + student.max() + " points", score);
            assertEquals(student.points() == null, page.text().contains("This is not your fault"));
        }
        var copy = page("students/copy/index.html");
        var failed = copy.select("#exercise-rename li.fail");
        assertEquals(List.of("in-1234", "vm"), failed.select("dd").eachText());
        assertTrue(failed.text().contains("the thread still has the machine's hostname"), failed::text);
        assertTrue(copy.select("#exercise-rename .read").text().startsWith("Read: " + title("uts")), copy::text);
        assertTrue(page("students/error/index.html").select("#exercise-length details[open] pre").text().contains("error: <identifier> expected & more"));
        assertEquals(List.of("What your program printed", "What the compiler said"), page("students/error/index.html").select("summary").eachText());
        assertTrue(page("students/error/index.html").text().contains("It used too much memory."));
        assertTrue(page("students/error/index.html").select(".note").text().contains("big.txt is longer than 256 KiB"));
    }

    private static String title(String chapter) throws IOException {
        return Files.readString(Home.path().resolve("docs/chapters/" + chapter + ".adoc")).lines().findFirst().orElseThrow().substring(2);
    }

    @Test
    @DisplayName("as a student's page tell nothing of others and nothing that is for the teacher")
    void secrets() throws IOException {
        for (var student : ALL.students()) {
            var text = Files.readString(folder.resolve("students/" + student.student() + "/index.html"));
            for (var note : student.notes()) if (note.to().equals("teacher")) assertFalse(Jsoup.parse(text).text().contains(note.text()), note::text);
            assertFalse(text.contains("secret detail") || text.contains("only for the teacher") || text.contains("as that of"), student.student());
            assertFalse(text.contains("\"../") || text.contains("report.html"), "a way to the class");
        }
    }

    @Test
    @DisplayName("as pages are text whatever is in them: nothing runs, nothing is fetched, nothing is hidden")
    void escaped() throws IOException {
        var names = new ArrayList<>(List.of("report.html"));
        for (var student : ALL.students()) names.add("students/" + student.student() + "/index.html");
        for (var name : names) {
            var page = page(name);
            assertTrue(page.select("img, iframe, object, embed, link, base, form, [onerror], [onload], [onclick], [src], b").isEmpty(), () -> name + ": " + page.select("img, [onerror], [src], b"));
            assertEquals(name.equals("report.html") ? 4 : 0, page.select("script").size(), name);
            for (var link : page.select("[href]")) {
                var href = link.attr("href");
                if (href.startsWith("#")) assertTrue(page.getElementById(href.substring(1)) != null, () -> name + " has no " + href);
                else assertTrue(name.equals("report.html") && Files.exists(Path.of(folder.toUri().resolve(href))), () -> name + ": " + href);
            }
            assertTrue(page.select("meta[http-equiv=Content-Security-Policy]").attr("content").startsWith("default-src 'none';"));
            assertFalse(page.select("style").html().contains("url("), "the style sheet fetches something");
            assertFalse(Files.readString(folder.resolve(name)).matches("(?s).*[\\x00-\\x08\\x0b-\\x1f\\x7f\\u0080-\\u009f\\u202a-\\u202e].*"), name + " has characters that nobody sees");
        }
        var one = student("all").items().get(0);
        var named = new ItemResult(one.kind(), "</script><b>bold</b>", one.lab(), 1, one.verdict(), null, null, one.points(), one.max(), one.claims(), List.of(), null, "x", 1);
        var odd = Jsoup.parse(Files.readString(written(new ClassResult(ALL.run(), List.of(StudentResult.of("odd", null, "x", List.of(named), List.of()))), Roster.NONE).resolve("report.html")));
        assertTrue(odd.select("b").isEmpty() && odd.select("script").size() == 4, () -> odd.select("b").toString());
        assertTrue(JSON.readTree(odd.selectFirst("#times").data()).path("items").get(0).asText().contains("</script>"));
        var page = page("students/nasty/index.html");
        var seen = page.select("#exercise-rename dd code").eachText();
        for (int i = 0; i < MadeUpClass.NASTY.size(); i++) {
            var text = MadeUpClass.NASTY.get(i);
            if (text.isBlank() || text.length() > 4096) continue;
            var visible = text.replace("\u001b", "<U+001B>").replace("\0", "<U+0000>").replace("\u0007", "<U+0007>").replace("\u007f", "<U+007F>").replace("\u0085", "<U+0085>").replace("\r", "<U+000D>")
                    .replace("\u202e", "<U+202E>").replace("\u202c", "<U+202C>").replaceAll("\ud83d(?![\udc00-\udfff])", "\ufffd");
            assertTrue(seen.contains(Jsoup.parse("<p></p>").selectFirst("p").text(visible).text()), () -> visible + " is not shown in " + seen);
        }
        assertTrue(page.text().contains("70000 characters in all"));
        assertTrue(Files.size(folder.resolve("students/nasty/index.html")) < 200_000, "a long text is not shown whole");
        assertTrue(page("report.html").text().contains("no such") || page("report.html").text().contains("<b>no</b> cgroup for memory & processes"));
    }

    @Test
    @DisplayName("as the class's page count everybody, and mark who shares, who deceived and who has no score")
    void report() throws IOException {
        var page = page("report.html");
        var rows = page.select("#students-table tbody tr");
        assertEquals(ALL.students().stream().map(StudentResult::student).toList(), rows.select("th").eachText().stream().toList());
        for (int i = 0; i < rows.size(); i++) {
            var student = ALL.students().get(i);
            assertEquals(student.points() == null ? "no score" : student.points() + " / " + student.max(), rows.get(i).select("td.number").get(0).text());
            assertFalse(rows.get(i).select("svg.strip").attr("aria-label").isEmpty());
        }
        assertEquals(List.of("copy", "solution"), rows.get(0).select(".badge").eachText());
        var copies = page.select("#concern-copy li");
        assertEquals(1, copies.size(), "those without a note share nothing: " + copies.text());
        assertEquals(List.of("all", "copy"), copies.select("a").eachText());
        assertTrue(copies.text().contains("Length"));
        assertEquals(List.of("infra Rename: uts.rename2: nobody could look: INFRA", "infra Length: The grader's machine could not judge this, and it is not your fault: no memory"), page.select("#concern-infra li").eachText());
        assertEquals(List.of("tamper"), page.select("#concern-tamper a").eachText());
        assertTrue(page.select("#concern-tamper").text().contains("secret detail"));
        assertEquals(List.of("missing"), page.select("#concern-missing a").eachText());
        assertTrue(page.select("#concern-retry").text().contains("only for the teacher"));
        assertTrue(page.select("#concern-archive").isEmpty(), "what is for a student is for that student");
        assertEquals("1", page.select(".tiles a:contains(without a score) strong").text());
        assertEquals(ALL.run().missing(), page.select(".how ul").get(0).select("li").eachText());

        var data = JSON.readTree(page.selectFirst("#data").data());
        int[] bins = new int[10];
        for (var student : ALL.students()) if (student.points() != null) bins[Math.min(9, student.points() * 10 / student.max())]++;
        assertEquals(JSON.valueToTree(bins), data.path("students"));
        assertEquals(JSON.valueToTree(bins), JSON.valueToTree(page.select("#distribution").parents().select("figure").get(0).select("td").eachText().stream().mapToInt(Integer::parseInt).toArray()), "the table says the same");
        var counts = new LinkedHashMap<String, int[]>();
        for (var student : ALL.students()) {
            for (var item : student.items()) {
                for (int i = 0; i < item.claims().size(); i++) {
                    int kind = passed(item, i) ? 0 : item.verdict() == Verdict.INFRA ? 3 : item.fingerprint() == null ? 2 : 1;
                    counts.computeIfAbsent(item.claims().get(i).id(), none -> new int[4])[kind]++;
                }
            }
        }
        var claims = page.select("#claims").parents().select("section").get(0).select("tbody tr");
        assertEquals(counts.size(), claims.size());
        for (var claim : claims) {
            var count = counts.get(claim.select(".claim-id").text());
            assertEquals(List.of(count[0], count[1], count[2], count[3]), claim.select("td.number").eachText().subList(1, 5).stream().map(Integer::parseInt).toList(), claim.text());
        }
        var rates = counts.values().stream().mapToDouble(count -> count[0] / (double) (count[0] + count[1] + count[2])).sorted().limit(15).toArray();
        assertEquals(15, data.path("passed").size());
        for (int i = 0; i < 15; i++) {
            var count = counts.get(data.path("claims").get(i).asText().split(" ")[0]);
            assertEquals(rates[i], count[0] / (double) (count[0] + count[1] + count[2]), "the hardest first");
            assertEquals(List.of(count[0], count[1], count[2], count[3]), List.of(data.path("passed").get(i).asInt(), data.path("failed").get(i).asInt(), data.path("nothing").get(i).asInt(), data.path("unscored").get(i).asInt()));
        }
        var times = JSON.readTree(page.selectFirst("#times").data());
        assertEquals(60_000, times.path("slowest").get(0).asInt());
        assertEquals("60000", page.select("#items").parents().select("section").get(0).select("tbody tr").get(0).select("td[data-millis]").last().attr("data-millis"));
    }

    @Test
    @DisplayName("of nobody and of nothing are written too")
    void empty() throws IOException {
        var out = written(new ClassResult(ALL.run(), List.of()), Roster.NONE);
        assertTrue(Files.readString(out.resolve("report.html")).contains("Nobody has a score."));
        out = written(new ClassResult(ALL.run(), List.of(StudentResult.of("none", null, "x", List.of(), List.of()))), Roster.NONE);
        assertEquals("0 of 0 points", Jsoup.parse(Files.readString(out.resolve("students/none/index.html"))).select(".score").text());
    }

    @Test
    @DisplayName("are the same bytes again, and at another time and in another locale the same but for times")
    void again() throws IOException {
        var first = texts(folder, false);
        assertEquals(first, texts(written(MadeUpClass.everything(), roster(ROSTER)), false));
        var run = ALL.run();
        var later = new RunInfo(run.schema(), run.version(), run.plan(), 1, 1, run.privilege(), run.limits(), run.missing(), "2027-01-02T03:04:05Z", 1);
        var slower = ALL.students().stream().map(student -> StudentResult.of(student.student(), student.name(), student.input(), student.items().stream().map(ExportTest::slower).toList(), student.notes())).toList();
        var locale = Locale.getDefault();
        Locale.setDefault(new Locale("tr", "TR"));
        try {
            var other = written(new ClassResult(later, slower), roster(ROSTER));
            assertNotEquals(first, texts(other, false));
            var timeless = texts(folder, true);
            texts(other, true).forEach((name, text) -> assertEquals(timeless.get(name), text, name));
        } finally {
            Locale.setDefault(locale);
        }
    }

    private static ItemResult slower(ItemResult item) {
        return new ItemResult(item.kind(), item.name(), item.lab(), item.difficulty(), item.verdict(), item.error(), item.reason(), item.points(), item.max(), item.claims(), item.notes(), item.output(), item.fingerprint(), item.millis() * 3 + 17);
    }

    private static Map<String, String> texts(Path folder, boolean timeless) throws IOException {
        var texts = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var text = Files.readString(file);
                texts.put(folder.relativize(file).toString(), timeless ? Grader.timeless(text) : text);
            }
        }
        return texts;
    }
}
