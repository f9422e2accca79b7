package book;

import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** What is wrong with the book, each with file and line. A book with a problem is not published. */
public final class Problems {
    private final Path root;
    private final Set<String> found = new TreeSet<>();

    public Problems(Path root) {
        this.root = root;
    }

    /** @param line counted from 1; 0 where only the file is known */
    public void add(Path file, int line, String message) {
        Path name = file.isAbsolute() && file.startsWith(root) ? root.relativize(file) : file;
        found.add(name + ":" + (line > 0 ? line + ":" : "") + " " + message);
    }

    public boolean none() {
        return found.isEmpty();
    }

    public Set<String> all() {
        return found;
    }
}
