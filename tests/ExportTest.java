import static madeup.Exported.ALL;
import static madeup.Exported.JSON;
import static madeup.Exported.ROSTER;
import static madeup.Exported.FOLDER;
import static madeup.Exported.json;
import static madeup.Exported.passed;
import static madeup.Exported.roster;
import static madeup.Exported.student;
import static madeup.Exported.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.RunInfo;
import grader.model.StudentResult;
import grader.work.Roster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import madeup.MadeUpClass;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import outside.Grader;
import outside.Schema;

/** The forms in which results are written: the model as JSON, and what holds for all forms. */
@DisplayName("Results")
class ExportTest {
    @Test
    @DisplayName("as result.json and run.json are the model itself, and as the schema says")
    void model() throws IOException {
        for (var student : ALL.students()) {
            var text = Files.readString(FOLDER.resolve("students/" + student.student() + "/result.json"));
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
        var first = texts(FOLDER, false);
        assertEquals(first, texts(written(MadeUpClass.everything(), roster(ROSTER)), false));
        var run = ALL.run();
        var later = new RunInfo(run.schema(), run.version(), run.plan(), 1, 1, run.privilege(), run.limits(), run.missing(), "2027-01-02T03:04:05Z", 1);
        var slower = ALL.students().stream().map(student -> StudentResult.of(student.student(), student.name(), student.input(), student.items().stream().map(ExportTest::slower).toList(), student.notes())).toList();
        var locale = Locale.getDefault();
        Locale.setDefault(new Locale("tr", "TR"));
        try {
            var other = written(new ClassResult(later, slower), roster(ROSTER));
            assertNotEquals(first, texts(other, false));
            var timeless = texts(FOLDER, true);
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
