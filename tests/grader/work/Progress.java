package grader.work;

import java.io.PrintStream;

/** Tells on stderr how far it is: on a terminal in one line that changes, else a line every ten seconds. */
final class Progress {
    private final PrintStream out = System.err;
    private final boolean terminal;
    private final int all;
    private final long start = System.nanoTime();
    private long last;
    private int done;

    Progress(int all) {
        this.all = all;
        boolean person;
        try {
            person = new ProcessBuilder("test", "-t", "2").inheritIO().start().waitFor() == 0;
        } catch (java.io.IOException e) {
            person = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            person = false;
        }
        terminal = person;
    }

    synchronized void done(String what) {
        done++;
        long now = System.nanoTime();
        if (now - last < (terminal ? 100_000_000L : 10_000_000_000L) && done < all) return;
        last = now;
        double seconds = (now - start) / 1e9, rate = done / Math.max(seconds, 0.001);
        long left = (long) ((all - done) / rate);
        var line = String.format(java.util.Locale.ROOT, "%d of %d, %.1f a second, %d:%02d left", done, all, rate, left / 60, left % 60);
        if (terminal) out.print("\r\033[K" + line + (done < all ? "  " + what : "\n"));
        else out.println(line);
        out.flush();
    }
}
