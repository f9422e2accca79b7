package kit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * Where the names, keys and ports of a run come from. With a student ID they derive from the ID and the lab, so that
 * two students' outputs differ and a copy is seen; without one they are random, so that nothing passes by being fixed.
 */
public final class Token {
    private final String seed;

    Token(String student, String lab) {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        seed = student == null ? HexFormat.of().formatHex(random) : hash(student + "/" + lab).substring(0, 16);
    }

    /** One that is given: whoever has it knows the same names, keys and ports. */
    Token(String seed) {
        this.seed = seed;
    }

    /** Eight hexadecimal digits for one purpose. */
    public String hex(String purpose) {
        return hash(seed + "/" + purpose).substring(0, 8);
    }

    /** A number for one purpose, at least {@code from} and less than {@code to}. */
    public int number(String purpose, int from, int to) {
        return from + (int) (Long.parseLong(hex(purpose), 16) % (to - from));
    }

    /** So many of these words, in the order in which they stand here. */
    List<String> some(String purpose, List<String> words, int count) {
        List<String> chosen = words.stream().sorted(Comparator.comparing(word -> hex(purpose + "/" + word))).limit(count).toList();
        return words.stream().filter(chosen::contains).toList();
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
        }
    }

    @Override
    public String toString() {
        return seed;
    }
}
