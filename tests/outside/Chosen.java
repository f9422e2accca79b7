package outside;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A value that a lab chooses, with {@code --student} for one student only. The table is tests/outside/chosen.csv; RecordTest
 * compares it with what the labs do.
 *
 * @param claim in which the value is shown
 * @param purpose for which it is chosen, as in the lab
 * @param from of a number the least; -1 for eight hexadecimal digits
 * @param to of a number the first that is too big
 */
public record Chosen(String claim, String purpose, long from, long to) {
    public static final List<Chosen> ALL = Ran.read(Home.path().resolve(Path.of("tests", "outside", "chosen.csv"))).lines().skip(1).map(Chosen::row).toList();

    private static Chosen row(String line) {
        var cells = line.split(",");
        return cells[2].equals("hex") ? new Chosen(cells[0], cells[1], -1, -1)
                : new Chosen(cells[0], cells[1], Long.parseLong(cells[2].split("-")[0]), Long.parseLong(cells[2].split("-")[1]));
    }

    /** What the labs derive from a student's ID: the token of a record. */
    public static String token(String student, String lab) {
        return hash(student + "/" + lab).substring(0, 16);
    }

    /** The value for a student, as it is shown. */
    public String value(String student, String lab) {
        var hex = hash(token(student, lab) + "/" + purpose).substring(0, 8);
        return from < 0 ? hex : String.valueOf(from + Long.parseLong(hex, 16) % (to - from));
    }

    /** Whether nobody else is likely to have the same. */
    boolean unmistakable() {
        return from < 0;
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
