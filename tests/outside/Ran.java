package outside;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command that has ended: what it printed and how.
 *
 * @param command what was started
 * @param exit the exit code; a signal gives 128 plus its number, as in a shell
 * @param stdout its standard output
 * @param stderr its standard error
 */
public record Ran(List<String> command, int exit, String stdout, String stderr) {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Runs a program of the machine to its end, with no input, as the user who runs the tests. */
    public static Ran command(String... command) {
        return run(new ProcessBuilder(command), "", 30);
    }

    /** The record on stdout (docs/record.schema.json). Fails, with all that was printed, if stdout is not one. */
    public JsonNode record() {
        try {
            return JSON.readTree(stdout);
        } catch (JsonProcessingException e) {
            throw new AssertionError("stdout is not JSON (" + e.getOriginalMessage() + "): " + this);
        }
    }

    /** The output without its last line break; fails if the command failed. */
    public String text() {
        return okay().stdout.stripTrailing();
    }

    /** This, if the command succeeded; fails otherwise. */
    public Ran okay() {
        if (exit != 0) throw new AssertionError("expected exit code 0: " + this);
        return this;
    }

    /** True if the machine has this program. */
    public static boolean has(String program) {
        return which(program) != null;
    }

    /** Where the machine has this program; null if it has it not. */
    public static Path which(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":")).map(folder -> Path.of(folder, program)).filter(Files::isExecutable)
                .findFirst().orElse(null);
    }

    /** The names of what is in a folder. */
    public static Stream<String> names(Path folder) {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a reader needs to see why a test failed; long arguments and outputs are cut. */
    @Override
    public String toString() {
        var line = command.stream().map(word -> cut(word.lines().findFirst().orElse(""), 80)).collect(Collectors.joining(" "));
        return line + "\n  exit " + exit + "\n  stderr: " + cut(stderr.strip(), 2000) + "\n  stdout: " + cut(stdout.strip(), 1000);
    }

    static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length) + "…";
    }

    /**
     * Starts, feeds, waits, reads. Output goes to files, not pipes: a child that outlives its parent cannot block us by
     * holding the pipe open.
     */
    public static Ran run(ProcessBuilder builder, String input, long seconds) {
        var marker = mark(builder);
        var out = Scratch.newPath("stdout");
        var err = Scratch.newPath("stderr");
        var in = Scratch.newPath("stdin");
        try {
            Files.writeString(in, input);
            var process = builder.redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            var ended = process.waitFor(Scratch.patience(seconds), TimeUnit.SECONDS);
            if (!ended) Processes.kill(marker);
            var ran = new Ran(List.copyOf(builder.command()), ended ? process.exitValue() : -1, read(out), read(err));
            if (!ended) throw new AssertionError("still running after " + Scratch.patience(seconds) + " s: " + ran);
            return ran;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Processes.kill(marker);
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + builder.command());
        }
    }

    /** Puts the marker of this run into the environment of what is about to start. */
    static String mark(ProcessBuilder builder) {
        var marker = Scratch.newMarker();
        Map<String, String> environment = builder.environment();
        environment.put(Scratch.MARKER, marker);
        // The clone under test must find itself.
        environment.remove("NSLABS_HOME");
        return marker;
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
