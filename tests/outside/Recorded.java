package outside;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.function.Executable;

/**
 * A lab's record, and what is to be true of each: of one that a lab has made just now, and of one that somebody hands in.
 *
 * @param lab what it is the record of
 * @param table the lab's claims: id to sentence
 */
public record Recorded(JsonNode record, String lab, Map<String, String> table) {
    /** Namespaces' inodes: the first ones have fixed numbers just below the others; include/linux/proc_ns.h, proc_fs.h. */
    private static final long FIRST_INODE = 4026531832L, LAST_INODE = 4294967295L;
    private static final Pattern LINK = Pattern.compile("\\b(cgroup|ipc|mnt|net|pid|pid_for_children|time|time_for_children|user|uts):\\[(\\d+)]");
    /** What has one meaning only, so that expected and seen must be the same word for word. */
    private static final Pattern PLAIN = Pattern.compile("success|E[A-Z0-9]{3,}|\\d+|(?:" + LINK + ")");

    /** It is whole: its schema, its lab, and the claims that this lab makes, each told of. */
    public void whole() {
        assertEquals(List.of(), Schema.faults(record), "The record is not as docs/record.schema.json says");
        assertEquals(lab, record.path("lab").asText(), "It is the record of another lab");
        var told = new LinkedHashMap<String, String>();
        record.path("claims").forEach(claim -> told.put(claim.path("id").asText(), claim.path("sentence").asText()));
        assertEquals(table, told, "The claims are not those of the lab");
    }

    /** It was made for this student: the ID, the token that follows from it, and the values that follow from the token. */
    public void of(String student) {
        var named = record.path("student");
        if (!named.isTextual()) fail("The record names no student. Make it with --student " + student + ".");
        assertEquals(student, named.asText(), "The record names another student");
        assertEquals(Chosen.token(student, lab), record.path("token").asText(), "The token does not follow from the ID");
        assertAll(missing(student).stream().map(each -> (Executable) () -> fail(each)));
    }

    /** Values that this student's lab must have chosen and that a claim does not show. */
    private List<String> missing(String student) {
        var missing = new ArrayList<String>();
        for (var chosen : Chosen.ALL) {
            var claim = shown(chosen.claim());
            if (claim != null && !texts(claim).contains(chosen.value(student, lab)))
                missing.add(chosen.claim() + " does not show the value that the lab chooses for " + student + ": its " + chosen.purpose() + " is " + chosen.value(student, lab));
        }
        return missing;
    }

    /** Whether it shows a value that the lab chooses for this student: then it is a record of theirs, whatever it says. */
    public boolean shows(String student) {
        if (Chosen.token(student, lab).equals(record.path("token").asText())) return true;
        return Chosen.ALL.stream().filter(Chosen::unmistakable).anyMatch(chosen -> {
            var claim = shown(chosen.claim());
            return claim != null && texts(claim).contains(chosen.value(student, lab));
        });
    }

    /** A claim for which this machine has shown something; null if it has not. */
    private JsonNode shown(String id) {
        for (var claim : record.path("claims")) if (claim.path("id").asText().equals(id) && claim.path("holds").asBoolean()) return claim;
        return null;
    }

    private static String texts(JsonNode claim) {
        var all = new StringBuilder();
        for (var of : List.of("expected", "saw")) for (var side : claim.path(of)) all.append(side.asText()).append('\n');
        return all.toString();
    }

    /** Nothing in it is such that no kernel could have shown it. */
    public void possible() {
        var machine = record.path("machine");
        assertTrue(machine.path("kernel").asText().matches("[4-9]\\.\\d+.*|\\d{2}\\.\\d+.*"), () -> "No kernel is called " + machine.path("kernel"));
        assertTrue(List.of("x86_64", "aarch64").contains(machine.path("arch").asText()), () -> "The labs do not run on " + machine.path("arch"));
        assertTrue(Integer.parseInt(machine.path("jdk").asText("0").replaceFirst("\\D.*", "")) >= 17, () -> "The labs do not run with JDK " + machine.path("jdk"));
        assertTrue(Instant.parse(record.path("time").asText()).isBefore(Instant.now().plus(Duration.ofDays(2))), () -> "It will be made at " + record.path("time"));
        for (var claim : record.path("claims")) {
            var id = claim.path("id").asText();
            for (var of : List.of("expected", "saw")) for (var side : claim.path(of)) {
                var links = LINK.matcher(side.asText());
                while (links.find()) {
                    long inode = Long.parseLong(links.group(2));
                    assertTrue(inode >= FIRST_INODE && inode <= LAST_INODE, () -> id + ": no namespace has the link " + links.group());
                }
            }
            if (!claim.path("holds").asBoolean()) continue;
            claim.path("expected").fields().forEachRemaining(side -> {
                if (PLAIN.matcher(side.getValue().asText()).matches())
                    assertEquals(side.getValue().asText(), claim.path("saw").path(side.getKey()).asText(), id + " says that it holds, but " + side.getKey() + " it saw something else");
            });
        }
    }

    /** Every claim that the machine could show holds. */
    public void holds() {
        if (record.path("verdict").asText().equals("cannot")) fail("The machine could show none of the claims: " + record.path("error").path("cause").asText("see the reasons in the record"));
        var failed = new ArrayList<String>();
        for (var claim : record.path("claims")) if (claim.path("holds").isBoolean() && !claim.path("holds").asBoolean()) failed.add(claim.path("id").asText());
        assertEquals(List.of(), failed, "These claims do not hold in it");
        assertEquals("holds", record.path("verdict").asText());
    }
}
