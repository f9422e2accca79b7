package grader.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What the workbook keeps for a student, in the directory .workbook of the clone. It belongs to whoever owns the clone, also after sudo. */
public final class Kept {
    private final Path home;

    public Kept(Path home) {
        this.home = home;
    }

    public Path path(String name) {
        return home.resolve(".workbook").resolve(name);
    }

    /** Writes a file, which is whole or not there; its name may have directories in it. */
    public void write(String name, byte[] bytes) throws IOException {
        var file = path(name);
        directories(file.getParent());
        var temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
        try {
            Files.write(temporary, bytes);
            own(temporary);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void directories(Path directory) throws IOException {
        if (Files.isDirectory(directory)) return;
        directories(directory.getParent());
        Files.createDirectory(directory);
        own(directory);
    }

    private void own(Path path) throws IOException {
        if (!Files.getAttribute(path, "unix:uid").equals(0)) return;
        for (var id : new String[] {"unix:uid", "unix:gid"}) Files.setAttribute(path, id, Files.getAttribute(home, id));
    }
}
