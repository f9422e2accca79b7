package outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A lab that stands still with its namespaces open, so that the tests can look at them.
 *
 * <p>Closing it ends everything that it started, whatever state it is in.
 */
public final class Held implements AutoCloseable {
    /** The exit code of a lab on a machine that cannot do what it shows. */
    public static final int CANNOT = 77;

    private final String marker;
    private final As as;
    private final Path out = Scratch.newPath("held-stdout");
    private final Path err = Scratch.newPath("held-stderr");
    private final Process process;
    private final Map<String, String> ready;

    Held(ProcessBuilder builder, As as) {
        this.as = as;
        marker = Ran.mark(builder);
        try {
            process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            ready = awaitReady();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** The pid of the process inside, as the tests see it. */
    public long pid() {
        return Long.parseLong(value("pid"));
    }

    /** The process inside. */
    public Proc inside() {
        return Proc.of(pid());
    }

    /** The process to compare it with: it stands where the lab was started. */
    public Proc outside() {
        return as.outside();
    }

    /** Another value of the ready line: {@code value("peer")} for {@code ready pid=123 peer=456}. */
    public String value(String key) {
        var value = ready.get(key);
        if (value == null) throw new AssertionError("the ready line has no " + key + ": " + ready);
        return value;
    }

    /** Another process of the ready line. */
    public Proc process(String key) {
        return Proc.of(Long.parseLong(value(key)));
    }

    /** True when the ready line has such a value. */
    public boolean has(String key) {
        return ready.containsKey(key);
    }

    /** The lab itself: what was started. Its pid is the one of build.sh, and of whatever that became by exec. */
    public Process lab() {
        return process;
    }

    /** Processes of this lab that are alive now. */
    public java.util.List<Proc> processes() {
        return Processes.marked(marker).stream().filter(Proc::alive).toList();
    }

    /**
     * The lab's end.
     *
     * @param exit its exit code
     * @param record what it printed after the ready line
     */
    public record End(int exit, JsonNode record, String stderr) {}

    /** Presses Enter and waits for the lab's end (60 s at most). */
    public End release() {
        try (var input = process.getOutputStream()) {
            input.write('\n');
        } catch (IOException alreadyGone) {
            // Its exit code and output will say why.
        }
        return end();
    }

    /** Ends the input without an Enter and waits for the lab's end. */
    public End hangUp() {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // as above
        }
        return end();
    }

    @Override
    public void close() {
        Processes.kill(marker);
    }

    private End end() {
        try {
            if (!process.waitFor(Scratch.patience(60), TimeUnit.SECONDS)) throw new AssertionError("does not end after Enter" + said());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted");
        }
        var text = Ran.read(out);
        var json = text.substring(text.indexOf('\n') + 1);
        try {
            return new End(process.exitValue(), Ran.JSON.readTree(json), Ran.read(err));
        } catch (JsonProcessingException e) {
            throw new AssertionError("what follows the ready line is not JSON (" + e.getOriginalMessage() + ")" + said());
        }
    }

    private Map<String, String> awaitReady() {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(60));
        while (System.nanoTime() < deadline) {
            // Asked before the output is read: a line printed in between is not lost.
            var running = process.isAlive();
            var text = Ran.read(out);
            int end = text.indexOf('\n');
            if (end >= 0) {
                if (!text.startsWith("ready pid=")) throw new AssertionError("the first line is not `ready pid=…`" + said());
                return pairs(text.substring("ready ".length(), end));
            }
            if (!running) {
                if (process.exitValue() == CANNOT) throw new TestAbortedException("this machine cannot: " + Ran.read(err).strip());
                throw new AssertionError("ended with " + process.exitValue() + " before it was ready" + said());
            }
            Processes.sleep(20);
        }
        throw new AssertionError("not ready after " + Scratch.patience(60) + " s" + said());
    }

    private static Map<String, String> pairs(String line) {
        var pairs = new LinkedHashMap<String, String>();
        for (var pair : line.strip().split(" +")) {
            int equals = pair.indexOf('=');
            if (equals < 0) throw new AssertionError("not key=value in the ready line: " + line);
            pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return pairs;
    }

    private String said() {
        return ":\n  stderr: " + Ran.cut(Ran.read(err).strip(), 2000) + "\n  stdout: " + Ran.cut(Ran.read(out).strip(), 1000);
    }
}
