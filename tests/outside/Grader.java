package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How to start the grader: {@code ./build.sh grade ...}, as root or as an ordinary user. */
public final class Grader {
    private static boolean copied;

    private Grader() {}

    /** Runs it to its end. */
    public static Ran run(As as, long seconds, String... arguments) {
        return under(as, List.of(), seconds, arguments);
    }

    /** The same, started by a command such as {@code unshare -Ur}. */
    public static Ran under(As as, List<String> prefix, long seconds, String... arguments) {
        if (as.account()) copy();
        var line = new ArrayList<>(prefix);
        line.addAll(List.of(as.workbook().resolve("build.sh").toString(), "grade"));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(as.command(line)).directory(as.workbook().toFile());
        as.environment(builder.environment());
        return Ran.run(builder, "", seconds);
    }

    /** Starts it and does not wait; what it prints goes to a file. In its place it becomes the JVM: its PID is the grader's. */
    public static Process start(As as, java.nio.file.Path log, String... arguments) throws IOException {
        if (as.account()) copy();
        var line = new ArrayList<>(List.of(as.workbook().resolve("build.sh").toString(), "grade"));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(as.command(line)).directory(as.workbook().toFile());
        as.environment(builder.environment());
        Ran.mark(builder);
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** The account's clone has the labs; to grade it needs the rest, and the jars that root has fetched already. */
    private static synchronized void copy() {
        if (copied) return;
        var clone = Student.the().workbook();
        for (var part : List.of("tests", "docs", "build/m2")) {
            var from = Home.path().resolve(part);
            if (!Files.exists(from)) continue;
            Ran.command("cp", "-a", from.toString(), clone.resolve(part).getParent().toString()).okay();
        }
        Ran.command("chown", "-R", Student.UID + ":" + Student.UID, clone.toString()).okay();
        copied = true;
    }

    /** A file of the results without what tells of time: what is left must be the same whenever it is graded. */
    public static String timeless(String text) {
        return text.replaceAll("\"(millis|time|timestamp|execution_time)\" : [^,\n]*", "\"$1\" : 0")
                .replaceAll("(time|timestamp|millis|data-millis|duration)=\"[^\"]*\"", "$1=\"\"")
                .replaceAll("(?s)(<time[^>]*>|<script [^>]*id=\"times\">).*?</", "$1</");
    }

    /** All that was written about a class, without what tells of time and of the run: the texts by the names of the files. */
    public static Map<String, String> results(java.nio.file.Path out) throws IOException {
        var texts = new TreeMap<String, String>();
        try (var files = Files.walk(out)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var name = out.relativize(file).toString();
                if (!name.equals("run.json")) texts.put(name, timeless(Files.readString(file)));
            }
        }
        return texts;
    }

    /** A folder for submissions and results that this user may read and write. */
    public static java.nio.file.Path folder(As as) {
        var folder = as.newFolder();
        try {
            Files.createDirectories(folder.resolve("class"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }
}
