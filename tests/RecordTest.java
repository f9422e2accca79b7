import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import outside.As;
import outside.Held;
import outside.Lab;
import outside.Proc;
import outside.Ran;
import outside.Recorded;
import outside.Schema;

/** The record that a lab makes of its run: that it is what docs/record.schema.json promises, and that it is true. */
@DisplayName("The record")
class RecordTest {
    /** Labs whose subject is the machine alone: there only the token tells two students apart. */
    private static final Set<String> CHOOSES_NOTHING = Set.of("Doctor");

    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("of a run")
    Stream<DynamicNode> ofARun() {
        return Stream.of(As.values()).map(as -> dynamicContainer(as.toString(), Lab.all().stream().map(Lab::named).map(lab -> lab.as(as)).map(RecordTest::whole)));
    }

    /** What a lab chooses follows from the student and from nothing else: so one user will do, the one whose runs show the most. */
    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    @DisplayName("of a student's run")
    Stream<DynamicNode> ofAStudent() {
        var as = As.ROOT.obstacle() == null ? As.ROOT : As.ORDINARY_USER;
        return Lab.all().stream().map(lab -> dynamicContainer(lab, choices(Lab.named(lab).as(as))));
    }

    private static DynamicNode whole(Lab lab) {
        return dynamicTest("of the lab " + lab.name() + " is valid, true, and the same on stdout and in DIR", () -> {
            possible(lab);
            var folder = lab.user().newFolder();
            var ran = able(lab.options("--json", "--record", folder.toString()).run());
            var record = ran.record();
            recorded(lab, record).whole();
            recorded(lab, record).possible();
            assertEquals(Set.of(lab.name().toLowerCase(Locale.ROOT) + ".json"), Set.copyOf(Ran.names(folder).toList()), "files in DIR");
            assertEquals(ran.stdout(), Files.readString(folder.resolve(lab.name().toLowerCase(Locale.ROOT) + ".json")));
            assertEquals(Map.of("holds", 0, "fails", 1, "cannot", Held.CANNOT).get(record.path("verdict").asText()), ran.exit(), "exit code for the verdict");
            assertTrueOfTheMachine(lab, record);
        });
    }

    private static Stream<DynamicTest> choices(Lab lab) {
        return Stream.of(
                dynamicTest("repeats what the same student's lab chose, and nobody else's", () -> {
                    possible(lab);
                    // In turns, so that nothing that merely grows or comes round again can look like a choice.
                    var once = able(lab.options("--json", "--student", "s1").run()).record();
                    var other = lab.options("--json", "--student", "s2").run().record();
                    var again = lab.options("--json", "--student", "s1").run().record();
                    var otherAgain = lab.options("--json", "--student", "s2").run().record();
                    assertEquals("s1", once.path("student").asText());
                    assertEquals(once.path("token"), again.path("token"));
                    recorded(lab, once).of("s1");
                    recorded(lab, other).of("s2");
                    assertThrows(AssertionError.class, () -> recorded(lab, once).of("s2"));
                    assertEquals(List.of(true, false), List.of(recorded(lab, once).shows("s1"), recorded(lab, once).shows("s2")), "whose values it shows: s1's, s2's");
                    if (CHOOSES_NOTHING.contains(lab.name())) return;
                    for (var students : List.of(List.of(once, again, other, otherAgain), List.of(other, otherAgain, once, again))) {
                        var chosen = values(students.get(0));
                        chosen.retainAll(values(students.get(1)));
                        chosen.removeAll(values(students.get(2)));
                        chosen.removeAll(values(students.get(3)));
                        assertFalse(chosen.isEmpty(), () -> "two students' records hold the same values: " + values(other));
                    }
                }),
                dynamicTest("is another each time without --student", () -> {
                    possible(lab);
                    var once = able(lab.options("--json").run()).record();
                    assertEquals("null", once.path("student").toString());
                    assertNotEquals(once.path("token"), lab.options("--json").run().record().path("token"));
                }));
    }

    private static final Map<String, JsonNode> ANNOUNCED = new ConcurrentHashMap<>();

    /** What the lab announces. */
    private static JsonNode announced(Lab lab) {
        return ANNOUNCED.computeIfAbsent(lab.name(), none -> lab.options("--claims").run().record());
    }

    private static Recorded recorded(Lab lab, JsonNode record) {
        var table = new LinkedHashMap<String, String>();
        for (var claim : announced(lab)) table.put(claim.path("id").asText(), claim.path("sentence").asText());
        return new Recorded(record, lab.name(), table);
    }

    private static void possible(Lab lab) {
        assumeTrue(lab.user().obstacle() == null, () -> lab.user().obstacle());
    }

    /** A machine that cannot run this lab makes a record too, but shows nothing of its values. */
    private static Ran able(Ran ran) {
        assumeTrue(ran.exit() != Held.CANNOT, () -> "this machine cannot: " + ran.stderr().strip());
        return ran;
    }

    private static void assertTrueOfTheMachine(Lab lab, JsonNode record) {
        var machine = record.path("machine");
        assertEquals(lab.name(), record.path("lab").asText());
        assertEquals(Ran.command("uname", "-r").text(), machine.path("kernel").asText());
        assertEquals(Ran.command("uname", "-m").text(), machine.path("arch").asText());
        assertEquals(lab.user().uid(), machine.path("uid").asLong());
        if (lab.user() == As.ROOT) assertEquals("root", machine.path("privilege").asText());
        else assertNotEquals("root", machine.path("privilege").asText());
        var mounted = new HashSet<String>();
        Proc.self().mounts().forEach(mount -> mounted.add(mount.type()));
        assertEquals(mounted.contains("cgroup") ? mounted.contains("cgroup2") ? "hybrid" : "v1" : mounted.contains("cgroup2") ? "v2" : "none",
                machine.path("cgroup").asText());
        assertEquals(table(announced(lab)), table(record.path("claims")), "the claims announced and those told of");
    }

    private static Map<String, String> table(JsonNode claims) {
        var table = new LinkedHashMap<String, String>();
        for (var claim : claims) table.put(claim.path("id").asText(), claim.path("rows") + " " + claim.path("sentence").asText());
        return table;
    }

    /** Numbers of namespaces, peer groups and mounts: given out by the kernel, and given out again. */
    private static final String KERNELS_CHOICE = "(402653|shared:|master:|mount ID )\\d+";

    private static Set<String> values(JsonNode record) {
        var values = new HashSet<String>();
        for (var claim : record.path("claims"))
            for (var of : List.of("expected", "saw")) for (var side : claim.path(of)) values.add(side.asText().replaceAll(KERNELS_CHOICE, "$1N"));
        return values;
    }

    @TestFactory
    @DisplayName("is refused by its schema when it")
    Stream<DynamicTest> refused() throws Exception {
        var good = new ObjectMapper().readTree("""
                {"schema": "namespace-labs/record/1", "lab": "Uts", "version": "0.1.0", "time": "2026-11-23T21:00:00Z",
                 "machine": {"kernel": "6.18.44", "arch": "x86_64", "jdk": "17.0.15", "uid": 1000, "privilege": "user namespace", "cgroup": "v2"},
                 "student": "s1", "token": "0123abcd",
                 "claims": [
                   {"id": "uts.one", "rows": ["UTS-01"], "sentence": "It is so.", "expected": {"inside": "a"}, "saw": {"inside": "a"}, "holds": true},
                   {"id": "uts.two", "rows": ["UTS-02"], "sentence": "It is so.", "expected": {}, "saw": {}, "holds": null, "reason": "no"}],
                 "verdict": "holds", "error": null, "duration_ms": 1}
                """);
        assertEquals(List.of(), Schema.faults(good), "the record that each of these spoils");
        var spoilt = new LinkedHashMap<String, Consumer<ObjectNode>>();
        good.fieldNames().forEachRemaining(name -> spoilt.put("has no " + name, record -> record.remove(name)));
        good.path("machine").fieldNames().forEachRemaining(name -> spoilt.put("has no machine." + name, record -> machine(record).remove(name)));
        good.path("claims").path(0).fieldNames().forEachRemaining(name -> spoilt.put("has a claim without " + name, record -> claim(record, 0).remove(name)));
        spoilt.put("has a word more", record -> record.put("more", 1));
        spoilt.put("is of another format", record -> record.put("schema", "namespace-labs/record/2"));
        spoilt.put("has a local time", record -> record.put("time", "2026-11-23T21:00:00+01:00"));
        spoilt.put("has a token that is not hexadecimal", record -> record.put("token", "student-1"));
        spoilt.put("has an unknown privilege", record -> machine(record).put("privilege", "sudo"));
        spoilt.put("says holds although a claim does not", record -> claim(record, 0).put("holds", false));
        spoilt.put("says holds although nothing was shown", record -> claim(record, 0).putNull("holds").put("reason", "no"));
        spoilt.put("says holds beside an error", record -> record.putObject("error").put("call", "unshare").put("errno", 1).put("name", "EPERM")
                .put("message", "m").put("cause", "c").put("remedy", "r"));
        spoilt.put("says fails although nothing did", record -> record.put("verdict", "fails"));
        spoilt.put("says cannot although a claim fails", record -> claim(record.put("verdict", "cannot"), 0).put("holds", false));
        spoilt.put("has an error without a remedy", record -> record.put("verdict", "cannot").putObject("error").put("call", "unshare")
                .put("errno", 1).put("name", "EPERM").put("message", "m").put("cause", "c"));
        spoilt.put("has a claim that cannot be shown for no reason", record -> claim(record, 1).remove("reason"));
        spoilt.put("has a claim that holds although nothing was seen", record -> {
            claim(record, 0).putObject("expected");
            claim(record, 0).putObject("saw");
        });
        spoilt.put("did not look where something was expected", record -> ((ObjectNode) claim(record, 0).path("expected")).put("outside", "b"));
        spoilt.put("has a claim without a full stop", record -> claim(record, 0).put("sentence", "It is so"));
        spoilt.put("has a claim that covers no row", record -> claim(record, 0).putArray("rows"));
        return spoilt.entrySet().stream().map(fault -> dynamicTest(fault.getKey(), () -> {
            ObjectNode record = good.deepCopy();
            fault.getValue().accept(record);
            assertFalse(Schema.faults(record).isEmpty(), () -> "the schema has nothing against " + record);
        }));
    }

    private static ObjectNode machine(ObjectNode record) {
        return (ObjectNode) record.path("machine");
    }

    private static ObjectNode claim(ObjectNode record, int number) {
        return (ObjectNode) record.path("claims").path(number);
    }
}
