import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIf;
import outside.Home;
import outside.Ran;
import outside.Solutions;

/** tests/outside/cases.txt is the list of what a grader must survive; here it is held to what it says about the tests. */
@EnabledIf(value = "outside.Solutions#here", disabledReason = Solutions.MISSING)
@Tag("grader")
@DisplayName("Each case that the grader must survive")
class CasesTest {
    private static final Pattern HEADER = Pattern.compile("(?m)^\\s*(?://|#|\\*) *cheat: (\\w+) \\| ([A-Z_]+)");

    /** One line: what it is called, what it is, which verdicts it may get, where it is tested. */
    private record Case(String id, String what, List<String> verdicts, List<String> places) {
        static List<Case> all() {
            return lines().stream().map(line -> line.split(" *\\| *", 4))
                    .map(cells -> new Case(cells[0], cells[1], List.of(cells[2].split(" ")), List.of(cells[3].strip().split(" ; ")))).toList();
        }
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(file("outside/cases.txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(String name) {
        return Home.path().resolve("tests").resolve(name);
    }

    @TestFactory
    @DisplayName("is tested where the list says")
    Stream<DynamicTest> places() {
        return Case.all().stream().flatMap(each -> each.places.stream().map(place -> dynamicTest(each.id + ": " + place, () -> look(each, place))));
    }

    private static void look(Case each, String place) throws IOException, ClassNotFoundException {
        if (!place.matches("(cheats|solutions)/.*")) {
            var words = place.split(": ", 2);
            assertTrue(names(Class.forName(words[0]), new TreeSet<>()).contains(words[1]), () -> words[0] + " has no test that is called so");
            return;
        }
        var folder = place.split("/")[1];
        assertTrue(Files.isRegularFile(file(place)), () -> place + " is not there");
        assertTrue(folder.startsWith(each.id + "-") || !folder.startsWith(each.id.charAt(0) + ""), () -> place + " is another case's");
        if (place.startsWith("solutions/")) {
            assertEquals(List.of("PASS"), each.verdicts);
            return;
        }
        var header = HEADER.matcher(Files.readString(file(place), StandardCharsets.ISO_8859_1)); // one of them is no text
        assertTrue(header.find(), () -> place + " states no verdict");
        assertTrue(each.verdicts.contains(header.group(2)), () -> place + " states " + header.group(2) + ", and the list " + each.verdicts);
    }

    /** The display names of a class's tests, of those that it inherits, and of the classes in it. */
    private static Set<String> names(Class<?> type, Set<String> into) {
        if (type == null || type == Object.class) return into;
        for (var method : type.getDeclaredMethods()) {
            var name = method.getAnnotation(DisplayName.class);
            if (name != null && method.isAnnotationPresent(Test.class)) into.add(name.value());
        }
        for (var nested : type.getDeclaredClasses()) names(nested, into);
        return names(type.getSuperclass(), into);
    }

    @Test
    @DisplayName("has a line of its own in the list")
    void complete() {
        var known = new TreeSet<String>();
        for (var each : Case.all()) assertTrue(known.add(each.id), () -> each.id + " is there twice");
        for (var folder : Ran.names(file("cheats")).toList())
            if (!folder.startsWith("X")) assertTrue(known.contains(folder.replaceFirst("-.*", "")), () -> "the list has no case " + folder.replaceFirst("-.*", "") + ", of which tests/cheats/" + folder + " is one");
        assertTrue(known.containsAll(List.of("A1", "B1", "C1", "D1", "E1")), known::toString);
    }
}
