package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A copy of the workbook for tests that write into it. It belongs to the account, as a student's clone does; root works in it as after sudo. */
public final class Clone {
    private static Path path;

    private Clone() {}

    /** Where it is; made at the first call. */
    public static synchronized Path path() {
        if (path != null) return path;
        var folder = As.ORDINARY_USER.obstacle() == null ? As.ORDINARY_USER.newFolder() : Scratch.newPath("folder");
        try {
            Files.createDirectories(folder.resolve("build"));
            for (var part : List.of("build.sh", "labs", "docs", "tests", "build/tools", "build/m2")) {
                var from = Home.path().resolve(part);
                if (Files.exists(from)) Ran.command("cp", "-a", from.toString(), folder.resolve(part).getParent().toString()).okay();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (As.TESTS_ARE_ROOT) Ran.command("chown", "-R", As.ORDINARY_USER.uid() + ":" + As.ORDINARY_USER.uid(), folder.toString()).okay();
        path = folder;
        return path;
    }

    /** A file of it as it was. */
    public static String original(String file) {
        return Ran.read(Home.path().resolve(file));
    }

    /** Writes a file as an editor does that empties it first: both may write. */
    public static void save(String file, String text) {
        try {
            Files.writeString(path().resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String read(String file) {
        return Ran.read(path().resolve(file));
    }

    /** Its exercises and what it keeps for the student as in the beginning. */
    public static void begin() {
        Ran.command("rm", "-rf", path().resolve(".workbook").toString()).okay();
        for (var name : Ran.names(Home.path().resolve("labs/exercises")).toList()) save("labs/exercises/" + name, original("labs/exercises/" + name));
    }

    /** {@code ./build.sh} with these words, to its end. */
    public static Ran run(As as, String input, Map<String, String> environment, String... words) {
        return under(as, List.of(), input, environment, words);
    }

    /** The same, started by a command such as {@code unshare -Ur}. */
    public static Ran under(As as, List<String> prefix, String input, Map<String, String> environment, String... words) {
        var line = new ArrayList<>(prefix);
        line.add(path().resolve("build.sh").toString());
        line.addAll(List.of(words));
        var builder = new ProcessBuilder(as.command(line)).directory(path().toFile());
        as.environment(builder.environment());
        builder.environment().putAll(environment);
        return Ran.run(builder, input, 200);
    }
}
