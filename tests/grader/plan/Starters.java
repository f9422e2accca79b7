package grader.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The exercises as the workbook has them, even when a student has written into them. The file tests/starters.txt has a digest of
 * each, so they are known without git; it is the ID that git gives to the text, so that git can find it after any number of commits.
 */
public final class Starters {
    private static final int MOST_BYTES = 1 << 20;

    private final Path home;
    private final Map<String, String> ids = new TreeMap<>();

    private Starters(Path home) {
        this.home = home;
    }

    /** Reads the list of a clone; one that is not there knows none. */
    public static Starters of(Path home) throws IOException {
        var starters = new Starters(home);
        var list = list(home);
        if (Files.isRegularFile(list)) {
            for (var line : Files.readAllLines(list)) {
                var cells = line.strip().split("\\s+");
                if (cells.length == 2 && cells[1].matches("\\w+\\.(java|sh)")) starters.ids.put(cells[1], cells[0]);
            }
        }
        return starters;
    }

    public static Path list(Path home) {
        return home.resolve("tests/starters.txt");
    }

    /** The list as it must be for the exercises of a clone as they are now. */
    public static String listOf(Path home) throws IOException {
        var text = new StringBuilder();
        for (var file : Plan.list(home.resolve("labs/exercises")))
            if (file.getFileName().toString().matches("\\w+\\.(java|sh)")) text.append(id(Files.readAllBytes(file))).append("  ").append(file.getFileName()).append('\n');
        return text.toString();
    }

    /** The names of their files. */
    public Set<String> files() {
        return Collections.unmodifiableSet(ids.keySet());
    }

    /** Whether a text is the starter of this name: nobody has worked on it. */
    public boolean isStarter(String file, byte[] text) {
        return text != null && id(text).equals(ids.get(file));
    }

    /** A starter's text: from the clone, from the copies, or from git; null if it is nowhere to be found. */
    public byte[] text(String file) {
        for (var path : new Path[] {exercise(file), copy(file)}) {
            var text = read(path);
            if (isStarter(file, text)) return text;
        }
        var text = ids.containsKey(file) && Files.exists(home.resolve(".git")) ? git(ids.get(file)) : null;
        return isStarter(file, text) ? text : null;
    }

    /** Copies those that are still as they were, for the day when they are not. Where nothing can be written it does not. */
    public void keep() {
        for (var file : ids.keySet()) {
            try {
                var text = read(exercise(file));
                if (!isStarter(file, text) || isStarter(file, read(copy(file)))) continue;
                new Kept(home).write("starters/" + file, text);
            } catch (IOException e) {
                return;
            }
        }
    }

    /** Where the student works on it. */
    public Path exercise(String file) {
        return home.resolve("labs/exercises").resolve(file);
    }

    private Path copy(String file) {
        return new Kept(home).path("starters/" + file);
    }

    /** A file of a reasonable size; null if there is none. */
    public static byte[] read(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES ? Files.readAllBytes(file) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private byte[] git(String id) {
        try {
            var process = new ProcessBuilder("git", "-c", "safe.directory=*", "-C", home.toString(), "cat-file", "blob", id).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            process.getOutputStream().close();
            var text = process.getInputStream().readNBytes(MOST_BYTES);
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : null;
        } catch (IOException e) {
            return null; // no git here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** As {@code git hash-object} has it, for a text with Unix line ends; gitglossary(7) "object name". */
    static String id(byte[] text) {
        var lines = new String(text, StandardCharsets.ISO_8859_1).replace("\r\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
        try {
            var digest = MessageDigest.getInstance("SHA-1");
            digest.update(("blob " + lines.length + "\0").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest.digest(lines));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
