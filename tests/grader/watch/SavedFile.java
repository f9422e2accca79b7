package grader.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * Notices that a file was saved, by asking for its time, size and inode now and then: that works on every file system, also on one
 * of which the kernel tells nothing, inotify(7). Editors empty a file before they write it, or put another one in its place; so a
 * change counts when it has been the same twice.
 */
final class SavedFile {
    private record Stamp(FileTime time, long size, Object inode) {}

    private final Path path;
    private Stamp accepted, last;

    SavedFile(Path path) {
        this.path = path;
        accepted = last = stamp();
    }

    /** Whether it was saved since the last time that this said so. */
    boolean saved() {
        var now = stamp();
        boolean settled = now != null && now.equals(last);
        last = now;
        if (!settled || now.equals(accepted)) return false;
        accepted = now;
        return true;
    }

    boolean there() {
        return last != null;
    }

    private Stamp stamp() {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.isRegularFile() ? new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()) : null;
        } catch (IOException e) {
            return null;
        }
    }
}
