package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one run of the tests owns: an id, a folder for its files, and the marker by which its processes are known.
 *
 * <p>Every process that the tests start carries {@code NSLABS_RUN=<run>/<number>} in its environment, and its children
 * inherit it. So a left-over process is found in /proc/PID/environ (proc(5)) even after it lost its parent, and nobody
 * else's process is ever mistaken for one of ours.
 */
public final class Scratch {
    /** The environment variable that marks our processes. */
    public static final String MARKER = "NSLABS_RUN";
    /** The id of this run of the tests. */
    public static final String RUN = UUID.randomUUID().toString();

    private static final AtomicInteger next = new AtomicInteger();
    private static final Path folder = make();

    private Scratch() {}

    /** A marker value that no other process has had. */
    static String newMarker() {
        return RUN + "/" + next.incrementAndGet() + "/";
    }

    /** The folder of this run. It goes away with the JVM. */
    public static Path folder() {
        return folder;
    }

    /** A path in the folder of this run that no file has yet. */
    public static Path newPath(String what) {
        return folder.resolve(next.incrementAndGet() + "-" + what);
    }

    /** A multiplier for every timeout: NSLABS_PATIENCE=10 for an emulated machine. */
    public static long patience(long seconds) {
        var factor = System.getenv("NSLABS_PATIENCE");
        return factor == null ? seconds : Math.max(1, (long) (seconds * Double.parseDouble(factor)));
    }

    private static Path make() {
        try {
            var made = TemporaryFolder.make("tests");
            // The ordinary user must reach its home below; what is in the folder is its own affair.
            Files.setPosixFilePermissions(made, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            Runtime.getRuntime().addShutdownHook(new Thread(Scratch::leave));
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends what still runs and removes the folder: however the run ends, it leaves nothing behind. */
    public static synchronized void leave() {
        if (!Files.exists(folder)) return;
        Processes.kill(RUN);
        delete(folder);
    }

    private static void delete(Path folder) {
        // What is just being ended may still write: the second or third time nothing new is there.
        for (int tries = 1; Files.exists(folder); tries++) {
            try {
                TemporaryFolder.remove(folder);
            } catch (IOException | UncheckedIOException e) {
                if (tries == 5) {
                    System.err.println("could not delete " + folder + ": " + e.getMessage());
                    return;
                }
                Processes.sleep(100);
            }
        }
    }
}
