package book;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The claims as labs/ announces them and tests/ verifies them, read from their sources: the table {@code CLAIMS} of a lab,
 * and the annotation {@code @Verifies} of a test method.
 */
public final class Claims {
    /** One sentence about the kernel. */
    public record Claim(String id, List<String> rows, String sentence, String lab, int line, List<Verification> tests) {}

    /** A test method that verifies a claim: its file, the line, and what it says of itself. */
    public record Verification(String file, int line, String sentence) {}

    private static final Pattern TABLE = Pattern.compile("String CLAIMS = \"\"\"\\R(.*?)\"\"\"", Pattern.DOTALL);
    private static final Pattern VERIFIES = Pattern.compile("@Verifies\\(([^)]*)\\)");
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern NAME = Pattern.compile("@DisplayName\\(\"((?:[^\"\\\\]|\\\\.)*)\"\\)");

    private final Map<String, Claim> claims = new TreeMap<>();
    private final TreeSet<String> stated = new TreeSet<>();

    public Claims(Path root) {
        Map<String, List<Verification>> tests = new TreeMap<>();
        for (Path file : files(root.resolve("tests"))) {
            verifications(read(file), "tests/" + file.getFileName(), tests);
        }
        for (Path file : files(root.resolve("labs"))) {
            String source = read(file), lab = file.getFileName().toString().replace(".java", "");
            Matcher table = TABLE.matcher(source);
            if (!table.find()) {
                continue; // a lab without claims
            }
            int line = lineOf(source, table.start(1));
            for (String row : table.group(1).split("\n")) {
                String[] cells = row.strip().split("\\s+\\|\\s+", 3);
                if (cells.length == 3) {
                    String sentence = cells[2].replace("\\\"", "\"").replace("\\\\", "\\");
                    claims.put(cells[0], new Claim(cells[0], List.of(cells[1].split("\\s+")), sentence, lab, line,
                            tests.getOrDefault(cells[0], List.of())));
                }
                line++;
            }
        }
    }

    private static void verifications(String source, String file, Map<String, List<Verification>> into) {
        for (Matcher verifies = VERIFIES.matcher(source); verifies.find(); ) {
            // The display name stands beside it, before or after; between two methods there is a blank line.
            int from = Math.max(source.lastIndexOf("\n\n", verifies.start()), 0), to = source.indexOf("{\n", verifies.end());
            Matcher name = NAME.matcher(source.substring(from, to < 0 ? source.length() : to));
            String sentence = name.find() ? name.group(1) : "";
            for (Matcher id = STRING.matcher(verifies.group(1)); id.find(); ) {
                into.computeIfAbsent(id.group(1), none -> new ArrayList<>()).add(new Verification(file, lineOf(source, verifies.start()), sentence));
            }
        }
    }

    /** The claim of an id that a chapter states; null if no lab makes it. */
    public Claim state(String id) {
        stated.add(id);
        return claims.get(id);
    }

    /** Those that no chapter has stated so far. */
    public List<Claim> unstated() {
        return claims.values().stream().filter(claim -> !stated.contains(claim.id())).toList();
    }

    public List<Claim> all() {
        return List.copyOf(claims.values());
    }

    private static int lineOf(String text, int position) {
        return (int) text.substring(0, position).chars().filter(c -> c == '\n').count() + 1;
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
