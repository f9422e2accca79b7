package kit;

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A directory for files that must not stay: it lives in memory, and only one mount namespace sees it; tmpfs(5). */
public final class Tmpfs {
    private Tmpfs() {}

    /** Directories that the lab can do without, the best first; hier(7). */
    private static final List<String> PLACES = List.of("/mnt", "/media", "/srv", "/tmp");

    /**
     * Mounts one for a caller that has just unshared its mount namespace, of which nothing reaches another one any more: its path.
     * Everybody may read what the caller makes there, whatever the umask of who started the lab; umask(2) is the thread's own by now.
     */
    public static String mount(Caller caller) {
        String place = place();
        caller.run(() -> Libc.umask(022));
        caller.run(() -> Libc.mount("none", "/", null, MS_REC | MS_PRIVATE, null));
        caller.run(() -> Libc.mount("files", place, "tmpfs", 0, "mode=755"));
        return place;
    }

    /** The first of them that this machine has. */
    public static String place() {
        return PLACES.stream().filter(path -> Files.isDirectory(Path.of(path))).findFirst().orElseThrow(() ->
                new Problem("mount(tmpfs)", Errno.ENOENT, new Diagnosis(true, "this machine has none of the directories "
                        + String.join(", ", PLACES) + " to mount a file system on", "make one, as root: mkdir " + PLACES.get(0))));
    }
}
