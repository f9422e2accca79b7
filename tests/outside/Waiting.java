package outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of the tests' own, in namespaces by unshare(1): no lab's doing. It waits for the end of its input, and with it all that it started. */
public final class Waiting implements AutoCloseable {
    private final Process process;
    private final Proc waiting;

    private Waiting(Process process, Proc waiting) {
        this.process = process;
        this.waiting = waiting;
    }

    /** Starts a shell script as that user, by a command such as {@code "unshare", "--uts"}, and comes back when the script has run and waits. */
    public static Waiting by(As as, String script, String... command) {
        var line = new ArrayList<>(List.of(command));
        line.addAll(List.of("sh", "-c", script + "\necho ready; read line"));
        var builder = new ProcessBuilder(as.command(line)).redirectError(ProcessBuilder.Redirect.DISCARD);
        as.environment(builder.environment());
        builder.environment().put(Scratch.MARKER, Scratch.RUN + "/waiting/");
        try {
            var process = builder.start();
            var said = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
            if (!"ready".equals(said)) throw new AssertionError(line + " does not work here: " + said);
            var last = Proc.of(process.pid()); // unshare --fork has a child
            while (last.text("comm").equals("unshare\n")) last = last.children().get(0);
            return new Waiting(process, last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The shell that waits. */
    public Proc proc() {
        return waiting;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(Scratch.patience(10), TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
