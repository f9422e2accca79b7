import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import outside.As;
import outside.Grader;
import outside.Lab;
import outside.Ran;

/** Records of labs and predictions that were handed in: true ones, forged ones, other people's. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("grader")
@DisplayName("The grader, of records and predictions,")
class GradeRecordsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final As AS = As.ROOT.obstacle() == null ? As.ROOT : As.ORDINARY_USER;
    private Path folder;
    private Ran ran;

    @BeforeAll
    void grade() throws IOException {
        folder = Grader.folder(AS);
        for (var student : List.of("ann", "bob")) {
            var made = Lab.named("Uts").as(AS).options("--json", "--student", student).run();
            assumeTrue(made.exit() == 0, made::toString);
            record(student, made.record());
        }
        var nobodys = Lab.named("Uts").as(AS).options("--json").run().record();
        record("nobody", nobodys);
        record("copied", read("bob"));
        record("renamed", changed("bob", record -> record.put("student", "renamed")));
        record("signed", changed("bob", record -> record.put("student", "signed").put("token", outside.Chosen.token("signed", "Uts"))));
        record("stranger", changed("bob", record -> record.put("student", "zoe").put("token", outside.Chosen.token("zoe", "Uts"))));
        record("otherlab", changed("ann", record -> record.put("lab", "Ipc")));
        record("shorter", own("shorter", record -> record.withArray("claims").remove(3)));
        record("resaid", own("resaid", record -> claim(record, 2).put("sentence", "It is so.")));
        record("unseen", own("unseen", record -> ((ObjectNode) claim(record, 5).path("saw")).put("inside", "success")));
        record("inode", own("inode", record -> ((ObjectNode) claim(record, 0).path("saw")).put("inside", "uts:[4711]")));
        record("future", own("future", record -> record.put("time", "2199-01-01T00:00:00Z")));
        record("windows", own("windows", record -> ((ObjectNode) record.path("machine")).put("arch", "amd64")));
        record("failed", own("failed", record -> claim(record.put("verdict", "fails"), 4).put("holds", false)));
        put("broken/records/uts.json", JSON.writeValueAsString(read("ann")).substring(0, 700));
        put("twice/records/uts.json", "[]");
        put("deep/records/uts.json", "[".repeat(5000));
        put("flat/uts.json", JSON.writeValueAsString(own("flat", record -> {})));
        put("upper/records/Uts.json", "{}");
        Files.createDirectories(folder.resolve("class/link/records"));
        Files.createSymbolicLink(folder.resolve("class/link/records/uts.json"), folder.resolve("class/ann/records/uts.json"));

        var template = template();
        predictions("ann", template.replaceAll("(Answer \\d:)", "$1 The same name as before, I think, because a hostname is the machine's."));
        predictions("bob", template);
        predictions("partly", template.replaceAll("Answer 2:", "Answer 2:\n\n\nthe old one,\nor so\n"));
        predictions("wrapped", template.replaceAll("Answer 1:", "Answer 1: no").replaceAll("(2\\. After that) (somebody)", "$1\n$2"));
        predictions("marks", template.replaceAll("(Answer \\d:)", "$1 ???"));
        predictions("crlf", template.replaceAll("Answer 3:", "ANSWER 3: uname -r").replace("\n", "\r\n"));
        predictions("lines", "Answer 1: a\nAnswer 3: c\nAnswer 9: z\nAnswer 1: b\n");
        predictions("copied", template.replaceAll("(Answer \\d:)", "$1 The same name as before, I think, because a hostname is  the machine's."));
        Ran.command("chown", "-R", "" + AS.uid(), folder.toString());
        ran = Grader.run(AS, 120, folder.resolve("class").toString(), "--out", folder.resolve("out").toString(), "--only", "records/uts.json", "--only", "predictions/uts.txt");
    }

    /** The file that ./build.sh predict writes. */
    private String template() throws IOException {
        var made = Grader.run(AS, 120, "predict", "uts", "--out", folder.toString()).okay();
        var file = folder.resolve("predictions/uts.txt");
        assertTrue(made.stdout().contains(file + "  3 questions"), made::toString);
        assertTrue(Grader.run(AS, 120, "predict", "uts", "--out", folder.toString()).okay().stdout().contains("stays as it is"));
        assertEquals(2, Grader.run(AS, 120, "predict", "nothing", "--out", folder.toString()).exit());
        return Files.readString(file);
    }

    private void put(String name, String text) throws IOException {
        var file = folder.resolve("class").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void record(String student, JsonNode record) throws IOException {
        put(student + "/records/uts.json", JSON.writeValueAsString(record));
    }

    private void predictions(String student, String text) throws IOException {
        put(student + "/predictions/uts.txt", text);
    }

    private ObjectNode read(String student) throws IOException {
        return (ObjectNode) JSON.readTree(Files.readString(folder.resolve("class/" + student + "/records/uts.json")));
    }

    private ObjectNode changed(String student, Consumer<ObjectNode> change) throws IOException {
        var record = read(student);
        change.accept(record);
        return record;
    }

    /** A record with this student's own values, but for the change. */
    private ObjectNode own(String student, Consumer<ObjectNode> change) {
        var record = (ObjectNode) Lab.named("Uts").as(AS).options("--json", "--student", student).run().record();
        change.accept(record);
        return record;
    }

    private static ObjectNode claim(ObjectNode record, int number) {
        return (ObjectNode) record.path("claims").path(number);
    }

    private JsonNode student(String id) throws IOException {
        return JSON.readTree(Files.readString(folder.resolve("out/students/" + id + "/result.json")));
    }

    private void assertItem(String id, String item, String verdict, int points, String words) throws IOException {
        for (var each : student(id).path("items")) {
            if (!each.path("name").asText().equals(item)) continue;
            assertEquals(verdict + " " + points, each.path("verdict").asText() + " " + each.path("points").asInt(), each::toString);
            assertTrue(each.toString().contains(words), () -> words + " is not said: " + each);
            return;
        }
        throw new AssertionError(id + " has no " + item);
    }

    /** A case: what was handed in, its verdict, its points of 4 or 3, and what is said about it. */
    private record Case(String id, String verdict, int points, String words) {}

    @TestFactory
    @DisplayName("gives a record")
    Stream<DynamicTest> records() {
        return Stream.of(new Case("ann", "PASS", 4, ""), new Case("bob", "PASS", 4, ""), new Case("flat", "PASS", 4, ""),
                new Case("nobody", "FAIL", 3, "Make it with --student nobody"),
                new Case("copied", "TAMPER", 0, "they are those of bob"), new Case("renamed", "TAMPER", 0, "they are those of bob"), new Case("signed", "TAMPER", 0, "they are those of bob"),
                new Case("stranger", "TAMPER", 0, "they are those of bob"),
                new Case("otherlab", "TAMPER", 0, "they are those of ann"), new Case("shorter", "FAIL", 1, "The claims are not those of the lab"),
                new Case("resaid", "FAIL", 1, "The claims are not those of the lab"), new Case("unseen", "FAIL", 3, "but inside it saw something else"),
                new Case("inode", "FAIL", 3, "no namespace has the link uts:[4711]"), new Case("future", "FAIL", 3, "It will be made at"), new Case("windows", "FAIL", 3, "do not run on"),
                new Case("failed", "FAIL", 3, "These claims do not hold in it"), new Case("broken", "FAIL", 0, "is not JSON, see line"), new Case("deep", "FAIL", 0, "is not JSON"),
                new Case("twice", "FAIL", 0, "The record is not as docs/record.schema.json says"), new Case("upper", "FAIL", 0, "the name must be exactly uts.json"),
                new Case("link", "TAMPER", 0, "symbolic link"), new Case("marks", "FAIL", 0, "records/uts.json is not in the submission"))
                .map(each -> DynamicTest.dynamicTest(each.id + " " + each.verdict + " " + each.points, () -> assertItem(each.id, "records/uts.json", each.verdict, each.points, each.words)));
    }

    @TestFactory
    @DisplayName("gives predictions")
    Stream<DynamicTest> predictions() {
        return Stream.of(new Case("ann", "PASS", 3, ""), new Case("bob", "FAIL", 0, "there is nothing after"), new Case("partly", "FAIL", 1, "Answer 1"), new Case("wrapped", "FAIL", 1, "Answer 2"),
                new Case("marks", "FAIL", 0, "Answer 3"), new Case("crlf", "FAIL", 1, "Answer 2"), new Case("lines", "FAIL", 2, "Answer 2"), new Case("link", "FAIL", 0, "is not in the submission"))
                .map(each -> DynamicTest.dynamicTest(each.id + " " + each.verdict + " " + each.points, () -> assertItem(each.id, "predictions/uts.txt", each.verdict, each.points, each.words)));
    }

    @Test
    @DisplayName("marks predictions that are the same for the teacher, and tells nobody else whose record was handed in")
    void notes() throws IOException {
        assertTrue(student("ann").path("notes").toString().contains("predictions/uts.txt is the same, but for layout and comments, as that of copied"), student("ann")::toString);
        assertFalse(student("bob").path("notes").toString().contains("predictions/uts.txt is the same"), "an empty answer is nobody's");
        for (var note : student("signed").path("notes")) assertEquals("teacher", note.path("to").asText(), note::toString);
        assertTrue(student("signed").path("notes").toString().contains("they are those of bob"));
    }

    @Test
    @DisplayName("grades all of them, and says so")
    void exit() {
        assertEquals(0, ran.exit(), ran::toString);
        assertTrue(ran.stdout().contains(" 0 without a score"), ran::toString);
    }
}
