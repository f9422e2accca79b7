package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A program on a pseudo-terminal, made by script(1), with somebody who types and who reads its screen. */
public final class OnTerminal implements AutoCloseable {
    private final Process process;
    private final String marker;
    private final Screen screen;
    private final Path folder;
    private final StringBuilder all = new StringBuilder();
    private final Thread reader;
    private volatile AssertionError fault;

    private OnTerminal(Process process, String marker, Path folder, int rows, int columns) {
        this.process = process;
        this.marker = marker;
        this.folder = folder;
        screen = new Screen(rows, columns);
        reader = new Thread(this::read, "screen");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a command as a user: a shell on the terminal notes how the terminal is before and after it, and how it ended. When the
     * command stops, the shell notes the terminal's state too, and brings the command back at the next line that is typed.
     */
    public static OnTerminal start(As as, Map<String, String> environment, int rows, int columns, String... command) {
        var folder = as.newFolder();
        var words = List.of(command).stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        // The shell itself must survive Ctrl-C and what comes of it; a trap, unlike ignoring, is not inherited.
        var line = "trap : INT QUIT; cd " + folder + "; stty rows " + rows + " cols " + columns + "; tty > name; stty -a > before; set -m; " + words + "; code=$?; "
                + "while [ $code = 148 ]; do stty -a > stopped.new; mv stopped.new stopped; read fg; fg > /dev/null; code=$?; done; echo $code > code; stty -a > after"; // 148: by SIGTSTP
        // Whoever starts the tests in the background may have made them, and so all that they start, ignore the signals of the keyboard.
        var builder = new ProcessBuilder(as.command(List.of("env", "--default-signal=INT,QUIT,TSTP", "script", "-qefc", line, "/dev/null")));
        as.environment(builder.environment());
        builder.environment().put("TERM", "xterm-256color");
        builder.environment().put("SHELL", "/bin/sh");
        builder.environment().putAll(environment);
        var marker = Ran.mark(builder);
        try {
            return new OnTerminal(builder.redirectErrorStream(true).start(), marker, folder, rows, columns);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        var bytes = new byte[8192];
        try (var in = process.getInputStream()) {
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                synchronized (all) {
                    all.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
                }
                screen.write(bytes, n);
            }
        } catch (IOException e) {
            // it has ended
        } catch (AssertionError e) {
            fault = e;
        }
    }

    /** What is on the screen now. */
    public String screen() {
        return screen.text();
    }

    /** All that it has printed, with its control sequences. */
    public String printed() {
        synchronized (all) {
            return all.toString();
        }
    }

    /** Whether a program has the whole screen for itself; then it should have hidden the cursor, and give both back at its end. */
    public boolean takenOver() {
        return screen.second();
    }

    public boolean cursor() {
        return screen.cursor();
    }

    public void type(String keys) {
        try {
            process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until all these stand on the screen (40 s at most); gives the screen. */
    public String await(String... texts) {
        return awaitWithin(40, texts);
    }

    public String awaitWithin(long seconds, String... texts) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(seconds)); ; Processes.sleep(30)) {
            var now = screen.text();
            if (fault != null) throw fault;
            if (List.of(texts).stream().allMatch(now::contains)) return settled(now);
            if (System.nanoTime() > end || !process.isAlive() && !now.equals(screen.text())) throw new AssertionError("not on the screen: " + String.join(", ", texts) + "\n" + framed(now));
        }
    }

    /** A screen is drawn piece by piece: this waits for the rest of it. */
    private String settled(String text) {
        for (int i = 0; i < 20; i++) {
            Processes.sleep(30);
            var now = screen.text();
            if (now.equals(text)) break;
            text = now;
        }
        return text;
    }

    /** Waits until the screen is as this wants it. */
    public String await(String what, Predicate<String> right) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(20)); !right.test(screen.text()); Processes.sleep(30)) {
            if (fault != null) throw fault;
            if (System.nanoTime() > end) throw new AssertionError("the screen is not " + what + "\n" + framed(screen.text()));
        }
        return settled(screen.text());
    }

    /** Waits until this is not on the screen any more. */
    public void awaitWithout(String text) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(20)); screen.text().contains(text); Processes.sleep(30))
            if (System.nanoTime() > end) throw new AssertionError("still on the screen: " + text + "\n" + framed(screen.text()));
    }

    private static String framed(String screen) {
        return screen.lines().map(line -> "  | " + line).collect(Collectors.joining("\n"));
    }

    /** Gives the window another size, as a window manager does: the kernel tells the program by SIGWINCH. */
    public void resize(int rows, int columns) {
        screen.resize(rows, columns);
        Ran.command("stty", "-F", note("name"), "rows", "" + rows, "cols", "" + columns).okay();
    }

    /** Waits for the end of the command (20 s at most): its exit code. */
    public int exit() {
        try {
            if (!process.waitFor(Scratch.patience(20), TimeUnit.SECONDS)) throw new AssertionError("does not end:\n" + framed(screen.text()));
            reader.join(5_000); // to the end of what was printed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted");
        }
        return Integer.parseInt(note("code"));
    }

    /** How the terminal was {@code before} the command, {@code after} it, or while it was {@code stopped}, as stty(1) says it. */
    public String state(String when) {
        return note(when);
    }

    /** Waits until the command has stopped, and the shell has the terminal. */
    public void awaitStopped() {
        for (int i = 0; !Files.exists(folder.resolve("stopped")); i++) {
            if (i == 400) throw new AssertionError("it does not stop:\n" + framed(screen.text()));
            Processes.sleep(50);
        }
    }

    private String note(String name) {
        try {
            return Files.readString(folder.resolve(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes that belong to it. */
    public List<Proc> processes() {
        return new ArrayList<>(Processes.marked(marker));
    }

    @Override
    public void close() {
        Processes.kill(marker);
        process.destroyForcibly();
    }
}
