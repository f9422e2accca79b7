import static madeup.Exported.ALL;
import static madeup.Exported.JSON;
import static madeup.Exported.FOLDER;
import static madeup.Exported.json;
import static madeup.Exported.list;
import static madeup.Exported.passed;
import static madeup.Exported.passes;
import static madeup.Exported.student;
import static madeup.Exported.write;
import static madeup.Exported.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.work.Roster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** What course platforms and build servers read, read back with the libraries for JSON and XML, and compared with the model. */
@DisplayName("Results, on platforms,")
class ExportPlatformsTest {
    @Test
    @DisplayName("as junit.xml have a suite for each student, a case for each claim, and an error for each failure of the machine")
    void junit() throws Exception {
        var root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(FOLDER.resolve("junit.xml").toFile()).getDocumentElement();
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
            assertEquals(student.points() != null, Files.exists(FOLDER.resolve(name)), name);
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
}
