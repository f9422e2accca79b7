package grader.judge;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a student hands in for an exercise: a file. */
public record Answer(String file, byte[] bytes) {
    public String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Equal for answers that differ only in blanks, line ends, comments and case. */
    public String fingerprint() {
        var text = text().replaceAll("(?s)/\\*.*?\\*/", " ").replaceAll("(?m)//.*$|^\\s*#.*$", " ").replaceAll("\\s+", "").toLowerCase(java.util.Locale.ROOT);
        return digest(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
