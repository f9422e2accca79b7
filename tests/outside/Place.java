package outside;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file system in memory in which a lab keeps its files: a mount with the source {@code files} that its host has and the machine has not. */
public record Place(Proc host, String path) {

    /** Looks for it in the mount list of the process that plays the lab's host. */
    public static Place of(Proc host, Proc machine) {
        var mounts = host.mounts().stream().filter(mount -> mount.source().equals("files") && mount.type().equals("tmpfs")).toList();
        assertEquals(1, mounts.size(), mounts::toString);
        assertTrue(machine.mounts().stream().noneMatch(mount -> mount.device().equals(mounts.get(0).device())), "it is mounted on the machine");
        return new Place(host, mounts.get(0).point());
    }

    /** A file in it, as the host finds it. */
    public Path file(String name) {
        return file(host, name);
    }

    /** A file by the same path, as another process finds it. */
    public Path file(Proc process, String name) {
        return Path.of(process.root() + path + "/" + name);
    }

    /** What a directory is, by whatever path: device and inode. */
    public static String identity(Path directory) throws IOException {
        return Files.getAttribute(directory, "unix:dev") + ":" + Files.getAttribute(directory, "unix:ino");
    }
}
