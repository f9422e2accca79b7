package grader.work;

import grader.model.Note;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Reads submissions from a directory: folders, .zip and .tar.gz, each named after its student. */
final class Submissions {
    private static final long MOST_UNPACKED = 20L << 20;
    private static final int MOST_ENTRIES = 2000;
    private static final List<String> NOBODYS = List.of("__MACOSX", ".DS_Store", ".git", ".jbang", "build", ".workbook");

    private Submissions() {}

    /** Where each student's submission lies; {@code known} recognises a file of a submission by its name. */
    static Map<String, Path> find(Path directory, Predicate<String> known) throws IOException {
        var all = new TreeMap<String, Path>();
        if (!Files.isDirectory(directory) || isOne(directory, known)) {
            all.put(id(directory.toRealPath()), directory);
            return all;
        }
        try (var entries = Files.list(directory)) {
            for (var entry : entries.sorted().toList()) {
                var name = entry.getFileName().toString();
                if (name.startsWith(".")) continue;
                if (!Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && !isArchive(name) && !Files.isSymbolicLink(entry)) continue;
                var other = all.put(id(entry), entry);
                if (other != null) throw new IllegalArgumentException("two submissions of " + id(entry) + ": " + other.getFileName() + " and " + name);
            }
        }
        return all;
    }

    private static boolean isOne(Path directory, Predicate<String> known) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.map(each -> each.getFileName().toString()).anyMatch(name -> List.of("exercises", "records", "predictions", "labs").contains(name) || known.test(name));
        }
    }

    static boolean isArchive(String name) {
        return name.toLowerCase(Locale.ROOT).matches(".*\\.(zip|tar\\.gz|tgz)");
    }

    private static String id(Path path) {
        var name = path.getFileName().toString();
        return isArchive(name) ? name.replaceFirst("(?i)\\.(zip|tar\\.gz|tgz)$", "") : name;
    }

    static Submission read(String student, Path path) throws IOException {
        if (Files.isSymbolicLink(path)) return Submission.rejected(student, "the submission itself is a symbolic link");
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) return folder(student, path);
        if (Files.size(path) > MOST_UNPACKED) return Submission.rejected(student, path.getFileName() + " was not unpacked: it is longer than " + (MOST_UNPACKED >> 20) + " MiB");
        try {
            return path.toString().toLowerCase(Locale.ROOT).endsWith(".zip") ? zip(student, path) : tar(student, path);
        } catch (Bad e) {
            return Submission.rejected(student, path.getFileName() + " was not unpacked: " + e.getMessage());
        } catch (IOException | RuntimeException e) {
            return Submission.rejected(student, path.getFileName() + " cannot be read as an archive: " + e.getMessage());
        } catch (OutOfMemoryError e) { // its list of entries alone
            return Submission.rejected(student, path.getFileName() + " was not unpacked: it takes too much memory");
        }
    }

    private static Submission folder(String student, Path folder) throws IOException {
        var files = new TreeMap<String, byte[]>();
        var links = new TreeMap<String, String>();
        var notes = new ArrayList<Note>();
        Files.walkFileTree(folder, java.util.Set.of(), 8, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return !directory.equals(folder) && NOBODYS.contains(directory.getFileName().toString()) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                var name = folder.relativize(file).toString();
                if (files.size() + links.size() >= Submission.MOST_FILES) {
                    notes.add(new Note("teacher", "archive", "it holds more than " + Submission.MOST_FILES + " files; the rest was not read"));
                    return FileVisitResult.TERMINATE;
                }
                if (attributes.isSymbolicLink()) links.put(name, Files.readSymbolicLink(file).toString());
                else if (attributes.isRegularFile() && attributes.size() <= Submission.MOST_BYTES) {
                    try (var in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                        var bytes = in.readNBytes(Submission.MOST_BYTES + 1);
                        if (bytes.length <= Submission.MOST_BYTES) files.put(name, bytes);
                    }
                } else if (attributes.isRegularFile()) {
                    notes.add(new Note("student", "archive", name + " is longer than " + (Submission.MOST_BYTES >> 10) + " KiB and was not read"));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                notes.add(new Note("teacher", "archive", folder.relativize(file) + " cannot be read: " + e.getClass().getSimpleName()));
                return FileVisitResult.CONTINUE;
            }
        });
        return new Submission(student, files, links, notes, null);
    }

    // ---- archives ----

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1;

        Bad(String message) {
            super(message);
        }
    }

    private static Submission zip(String student, Path path) throws IOException {
        var entries = new Entries();
        try (var zip = ZipFile.builder().setPath(path).get()) {
            for (var entry : java.util.Collections.list(zip.getEntries())) {
                if (entry.isUnixSymlink()) throw new Bad("the entry " + shown(entry) + " is a link");
                if (entry.getGeneralPurposeBit().usesEncryption()) throw new Bad("the entry " + shown(entry) + " is encrypted");
                try (var content = zip.getInputStream(entry)) {
                    entries.add(entry, content);
                }
            }
        }
        return entries.submission(student);
    }

    private static Submission tar(String student, Path path) throws IOException {
        var entries = new Entries();
        try (var tar = new TarArchiveInputStream(new Bounded(GzipCompressorInputStream.builder().setPath(path).setDecompressConcatenated(true).get()))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isSymbolicLink() || entry.isLink()) throw new Bad("the entry " + shown(entry) + " is a link to " + entry.getLinkName());
                if (!entry.isFile() && !entry.isDirectory()) throw new Bad("the entry " + shown(entry) + " is neither a file nor a directory");
                entries.add(entry, tar);
            }
        }
        return entries.submission(student);
    }

    /** What is between the entries counts too: an entry's name alone may be as long as it likes, and be kept in memory. */
    private static final class Bounded extends FilterInputStream {
        private long left = 2 * MOST_UNPACKED;

        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return count(super.read(), 1);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            return count(n, n);
        }

        @Override
        public long skip(long n) throws IOException {
            return Math.max(0, read(new byte[(int) Math.min(n, 65536)]));
        }

        private int count(int result, int bytes) {
            if (result >= 0 && (left -= bytes) < 0) throw new Bad("it unpacks to more than " + (2 * MOST_UNPACKED >> 20) + " MiB");
            return result;
        }
    }

    private static String shown(ArchiveEntry entry) {
        return entry.getName().replaceAll("\\p{Cntrl}", "?");
    }

    /** The entries so far, each checked before its content is looked at. */
    private static final class Entries {
        private final Map<String, byte[]> files = new TreeMap<>();
        private final List<Note> notes = new ArrayList<>();
        private long total;
        private int count;

        void add(ArchiveEntry entry, InputStream content) throws IOException {
            var name = entry.getName();
            if (++count > MOST_ENTRIES) throw new Bad("it has more than " + MOST_ENTRIES + " entries");
            if (name.startsWith("/") || name.startsWith("\\") || name.matches("[A-Za-z]:.*")) throw new Bad("the entry " + shown(entry) + " has an absolute path");
            if (List.of(name.split("[/\\\\]")).contains("..")) throw new Bad("the entry " + shown(entry) + " leads out of it");
            if (name.indexOf('\0') >= 0) throw new Bad("the entry " + shown(entry) + " has a zero byte in its name");
            if (entry.isDirectory()) return;
            var parts = List.of(name.replace('\\', '/').split("/"));
            boolean wanted = parts.size() <= 8 && parts.stream().noneMatch(NOBODYS::contains) && files.size() < Submission.MOST_FILES;
            var piece = new byte[65536];
            var bytes = new java.io.ByteArrayOutputStream();
            for (int n = content.read(piece); n > 0; n = content.read(piece)) {
                total += n;
                if (total > MOST_UNPACKED) throw new Bad("with the entry " + shown(entry) + " it unpacks to more than " + (MOST_UNPACKED >> 20) + " MiB");
                if (bytes.size() <= Submission.MOST_BYTES) bytes.write(piece, 0, n);
            }
            if (bytes.size() > Submission.MOST_BYTES) notes.add(new Note("student", "archive", shown(entry) + " is longer than " + (Submission.MOST_BYTES >> 10) + " KiB and was not read"));
            else if (wanted && files.put(String.join("/", parts), bytes.toByteArray()) != null) throw new Bad("the entry " + shown(entry) + " is there twice");
        }

        Submission submission(String student) {
            return new Submission(student, files, Map.of(), notes, null);
        }
    }
}
