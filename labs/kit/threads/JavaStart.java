package kit.threads;

import java.io.IOException;

/** Starts threads and processes as any Java program does, and says what came of it: clone(2) fails after unshare(CLONE_NEWPID). */
public final class JavaStart {
    private JavaStart() {}

    /** "started", or the error by which Java reports EINVAL. */
    public static String thread() {
        try {
            new Thread(() -> { }).start();
            return "started";
        } catch (OutOfMemoryError e) {
            return "OutOfMemoryError";
        }
    }

    /** The number that a shell has for itself, or the errno: "error 12". */
    public static String process() throws InterruptedException {
        try {
            Process shell = new ProcessBuilder("/bin/sh", "-c", "echo $$").start();
            String number = new String(shell.getInputStream().readAllBytes()).strip();
            shell.waitFor();
            return number;
        } catch (IOException e) {
            return e.getMessage().replaceFirst("(?s).*error[=:] ?(\\d+).*", "error $1");
        }
    }

    /** Waits until there is an idle "process reaper": a thread on which ProcessBuilder waits for a child, and which it starts if there is none. */
    public static void idleReaper() throws InterruptedException {
        process();
        while (Thread.getAllStackTraces().keySet().stream()
                .noneMatch(t -> t.getName().startsWith("process reaper") && t.getState() == Thread.State.TIMED_WAITING)) {
            Thread.sleep(1);
        }
    }
}
