package outside;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;

/**
 * Which claims there are, which tests verify them, and how much of the curriculum they cover.
 *
 * <p>tests/outside/rows.csv is the curriculum: the ids and ranks of the rows of BEHAVIOURS.md, the checklist that the
 * labs were designed from.
 *
 * @param claims in the order of the labs
 * @param tests by claim id: the sentences of the tests that verify it
 * @param curriculum rank by row
 */
public record Coverage(List<Claim> claims, Map<String, List<String>> tests, Map<String, String> curriculum) {
    /** A claim as its lab announces it. */
    public record Claim(String lab, String id, List<String> rows, String sentence) {}

    /** Asks every lab for its table and every test class for what it verifies. */
    public static Coverage look() throws ClassNotFoundException {
        var claims = new ArrayList<Claim>();
        for (var lab : Lab.all())
            for (var claim : Lab.named(lab).options("--claims").run().okay().record())
                claims.add(new Claim(lab, claim.path("id").asText(), words(claim.path("rows")), claim.path("sentence").asText()));
        var tests = new TreeMap<String, List<String>>();
        for (var name : testClasses()) verifications(Class.forName(name), name, tests, new HashSet<>());
        return new Coverage(claims, tests, readCurriculum());
    }

    /** The names of all test classes: every XyzTest.java in tests/ is one. */
    public static List<String> testClasses() {
        return Ran.names(Home.path().resolve("tests")).filter(name -> name.endsWith("Test.java"))
                .map(name -> name.substring(0, name.length() - ".java".length())).sorted().toList();
    }

    /** The rows of a rank that some claim covers ({@code true}) or none does. */
    public Set<String> rows(String rank, boolean covered) {
        var named = claims.stream().flatMap(claim -> claim.rows().stream()).collect(Collectors.toSet());
        return curriculum.entrySet().stream().filter(row -> row.getValue().equals(rank))
                .map(Map.Entry::getKey).filter(row -> named.contains(row) == covered).collect(Collectors.toCollection(java.util.TreeSet::new));
    }

    private static Map<String, String> readCurriculum() {
        var rows = new LinkedHashMap<String, String>();
        for (var line : Ran.read(Home.path().resolve(Path.of("tests", "outside", "rows.csv"))).lines().skip(1).toList())
            rows.put(line.split(",")[0], line.split(",")[1]);
        return rows;
    }

    /** A test class, what it inherits, and the classes nested in it. */
    private static void verifications(Class<?> type, String sentence, Map<String, List<String>> into, Set<Class<?>> seen) {
        if (type == null || type.getName().startsWith("java.") || !seen.add(type)) return;
        for (Method method : type.getDeclaredMethods()) {
            var verifies = method.getAnnotation(Verifies.class);
            if (verifies == null) continue;
            var display = method.getAnnotation(DisplayName.class);
            var said = sentence + ": " + (display == null ? method.getName() : display.value());
            for (var id : verifies.value()) into.computeIfAbsent(id, none -> new ArrayList<>()).add(said);
        }
        verifications(type.getSuperclass(), sentence, into, seen);
        for (var nested : Arrays.asList(type.getDeclaredClasses())) verifications(nested, sentence, into, seen);
    }

    private static List<String> words(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
    }

    /** All rows that claims name but the curriculum does not know. */
    public Stream<String> unknownRows() {
        return claims.stream().flatMap(claim -> claim.rows().stream().filter(row -> !curriculum.containsKey(row)).map(row -> claim.id() + " names " + row));
    }
}
