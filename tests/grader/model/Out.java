package grader.model;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The directory of the results. A file in it is whole or not there, and nothing is written through a link. */
public final class Out {
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");
    public static final JsonMapper JSON = JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path directory;

    public Out(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory).toRealPath();
    }

    public Path path() {
        return directory;
    }

    /** JSON for people and programs: fields in the order of the record, a line end at the end. */
    public static String json(Object value) {
        try {
            var printer = new DefaultPrettyPrinter().withObjectIndenter(LINES).withArrayIndenter(LINES);
            return JSON.writer(printer).writeValueAsString(value) + "\n";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public void write(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a file, whose name may have directories in it. */
    public void write(String name, byte[] bytes) throws IOException {
        var file = file(name);
        Files.createDirectories(file.getParent());
        var temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
        try {
            Files.write(temporary, bytes, StandardOpenOption.TRUNCATE_EXISTING);
            Files.setPosixFilePermissions(temporary, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE); // replaces a link, does not follow it
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Removes a file that an earlier run wrote and that would be wrong now. */
    public void remove(String name) throws IOException {
        Files.deleteIfExists(file(name));
    }

    private Path file(String name) throws IOException {
        var file = directory.resolve(name);
        if (!file.normalize().startsWith(directory)) throw new IOException(name + " leads out of " + directory);
        for (var up = file.getParent(); up.startsWith(directory); up = up.getParent())
            if (Files.isSymbolicLink(up)) throw new IOException(up + " is a symbolic link; remove it");
        return file;
    }

    /** A file that an earlier run wrote; null if there is none. */
    public byte[] read(String name) throws IOException {
        var file = directory.resolve(name);
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.readAllBytes(file) : null;
    }
}
