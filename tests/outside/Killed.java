package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A lab, or any other command, that was ended with SIGKILL: no clean-up of its own, no shutdown hook, only what the kernel does.
 *
 * @param inTime  false if it had ended by itself before the kill
 * @param marker  by which {@link Processes#marked} knows what it started
 * @param session the id of its session, by which a process is known that has lost both its parent and its environment
 */
public record Killed(boolean inTime, String marker, long session) {

    /** Starts the lab and kills it after these milliseconds. build.sh becomes the lab's JVM by exec, so one pid is all of it. */
    public static Killed after(long millis, Lab lab) {
        return after(millis, lab.builder(new ArrayList<>(lab.user().command(lab.command()))));
    }

    /** The same with another command. */
    public static Killed after(long millis, String... command) {
        return after(millis, new ProcessBuilder(new ArrayList<>(List.of(command))));
    }

    private static Killed after(long millis, ProcessBuilder builder) {
        var marker = Ran.mark(builder);
        // It does not fork, because a child of ours leads no process group: the pid stays the same.
        builder.command().add(0, "setsid");
        try {
            var process = builder.redirectOutput(Scratch.newPath("killed-stdout").toFile()).redirectError(Scratch.newPath("killed-stderr").toFile()).start();
            // Its input stays open meanwhile: it must not end for want of it.
            boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            if (!process.waitFor(Scratch.patience(10), TimeUnit.SECONDS)) throw new AssertionError("survives SIGKILL: " + builder.command());
            return new Killed(!ended, marker, process.pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Processes.kill(marker);
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted");
        }
    }

    /** Processes of its that are still there after these seconds, in words; none as soon as there is none. */
    public List<String> survivors(long seconds) {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(seconds));
        while (true) {
            var left = living().map(proc -> proc.pid() + ": " + words(proc)).toList();
            // One that is just ending has no memory any more, so neither environment nor command line, but still a session.
            if (left.isEmpty() || System.nanoTime() > deadline) return left;
            Processes.sleep(50);
        }
    }

    private static String words(Proc proc) {
        try {
            return String.join(" ", proc.commandLine());
        } catch (UncheckedIOException gone) {
            return "(has just ended)";
        }
    }

    /** Ends them, for the sake of the tests that follow. */
    public void end() {
        Processes.kill(marker);
        living().forEach(proc -> ProcessHandle.of(proc.pid()).ifPresent(ProcessHandle::destroyForcibly));
    }

    private Stream<Proc> living() {
        var marked = Processes.marked(marker).stream().map(Proc::pid).toList();
        return Processes.all().stream().filter(proc -> marked.contains(proc.pid()) || session(proc) == session).filter(Proc::alive);
    }

    /** proc(5), /proc/PID/stat: the name in parentheses may hold anything; after it state, parent, group, session. */
    private static long session(Proc proc) {
        try {
            var stat = proc.text("stat");
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3]);
        } catch (RuntimeException gone) {
            return -1;
        }
    }
}
