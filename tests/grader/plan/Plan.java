package grader.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that is asked: the exercises, the labs with their claims and questions, read from the workbook.
 *
 * @param home the clone
 * @param exercises by name
 * @param labs by name
 * @param claims the labs' claims: id to sentence
 * @param digest of all that decides about a verdict
 */
public record Plan(Path home, List<ExercisePlan> exercises, List<LabPlan> labs, Map<String, String> claims, String digest) {
    public static Plan read(Path home) throws IOException {
        var exercises = new ArrayList<ExercisePlan>();
        for (var file : list(home.resolve("labs/exercises"))) if (file.getFileName().toString().matches("\\w+\\.(java|sh)")) exercises.add(ExercisePlan.read(file));
        var labs = labs(home);
        var claims = new LinkedHashMap<String, String>();
        labs.forEach(lab -> claims.putAll(lab.claims()));
        return new Plan(home, List.copyOf(exercises), labs, claims, digest(home, "labs", "tests/grader", "tests/outside", "docs/chapters", "docs/record.schema.json"));
    }

    /** Only what the labs and their chapters ask for, in which students do not write. */
    public static List<LabPlan> labs(Path home) throws IOException {
        var labs = new ArrayList<LabPlan>();
        for (var lab : list(home.resolve("labs"))) if (lab.toString().endsWith(".java")) labs.add(LabPlan.read(home, lab));
        return List.copyOf(labs);
    }

    /** The exercise that a file of this name answers; null if there is none. */
    public ExercisePlan exercise(String fileOrName) {
        return exercises.stream().filter(each -> each.file().equals(fileOrName) || each.name().equals(fileOrName)).findFirst().orElse(null);
    }

    /** What a folder holds, by name; nothing if it is not there. */
    public static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) return List.of();
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static String digest(Path home, String... places) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var place : places) {
                try (var files = Files.walk(home.resolve(place))) {
                    for (var file : (Iterable<Path>) files.filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS)).sorted()::iterator) {
                        digest.update((home.relativize(file) + "\n").getBytes());
                        digest.update(Files.readAllBytes(file));
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
