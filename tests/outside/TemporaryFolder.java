package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;

/** Folders below the machine's one for temporary files, with the PID of their process in the name: so what a killed one has left is known. */
public final class TemporaryFolder {
    private TemporaryFolder() {}

    /** Makes one called {@code nslabs-WHAT-...}, and removes those of processes that are gone. What is somebody else's cannot be removed, and stays. */
    public static Path make(String what) throws IOException {
        // PIDs mean nothing in another PID namespace, so its number is part of the name.
        var ours = "nslabs-" + what + "-" + Proc.self().link("pid").replaceAll("\\D", "") + "-";
        try (var all = Files.newDirectoryStream(Path.of(System.getProperty("java.io.tmpdir")), ours + "*")) {
            for (var old : all) {
                var pid = old.getFileName().toString().substring(ours.length()).replaceFirst("-.*", "");
                if (Files.exists(Path.of("/proc", pid)) || !Files.isDirectory(old, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(old)) continue;
                try {
                    remove(old);
                } catch (IOException | UncheckedIOException e) {
                    // another user's, or another process is removing it
                }
            }
        }
        return Files.createTempDirectory(ours + ProcessHandle.current().pid() + "-").toRealPath();
    }

    /** Removes a folder with all that is in it; one that is not there is removed. */
    public static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (var all = Files.walk(folder)) {
            for (var path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) Files.deleteIfExists(path);
        }
    }
}
