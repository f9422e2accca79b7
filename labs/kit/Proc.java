package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Reads and writes the files of /proc; proc(5). */
public final class Proc {
    private Proc() {}

    /**
     * The whole file as text, without the last line end. Read in large pieces: Files.readString asks for one byte first,
     * and a number below /proc/sys answers only the first read.
     */
    public static String read(String path) {
        try (FileInputStream in = new FileInputStream(path)) {
            var text = new ByteArrayOutputStream();
            byte[] piece = new byte[65536];
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                text.write(piece, 0, n);
            }
            return text.toString(StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The value after {@code name:} in /proc/PID/status, such as NSpid, Uid, CapEff; blanks become one space. */
    public static String status(Object pid, String name) {
        return read("/proc/" + pid + "/status").lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip().replaceAll("\\s+", " "))
                .findFirst().orElse("");
    }

    public static String readlink(String path) {
        try {
            return Files.readSymbolicLink(Path.of(path)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the path itself is there; a link whose target cannot be named (ENOENT) is not. */
    public static boolean exists(String path) {
        try {
            Path p = Path.of(path);
            return Files.exists(p, LinkOption.NOFOLLOW_LINKS)
                    && (!Files.isSymbolicLink(p) || Files.readSymbolicLink(p) != null);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Writes text by one write(2), as uid_map and its kin demand.
     *
     * @throws LastErrorException with the kernel's errno
     */
    public static void write(String path, String text) throws LastErrorException {
        int fd = open(path, O_WRONLY | O_CLOEXEC, 0);
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Libc.write(fd, bytes, bytes.length);
        } finally {
            close(fd);
        }
    }

    /** The lines of a mountinfo text whose mount point is {@code point}; proc(5), field 5. */
    public static String mountsAt(String mountinfo, String point) {
        return String.join("\n", mountinfo.lines().filter(line -> line.split(" ")[4].equals(point)).toList());
    }

    /** How many threads on this machine, of those that we may look at, stand in a namespace. */
    public static long members(String link) {
        String type = link.substring(0, link.indexOf(':'));
        try (Stream<Path> pids = Files.list(Path.of("/proc"))) {
            return pids.filter(p -> p.getFileName().toString().matches("\\d+"))
                    .flatMap(p -> list(p.resolve("task")))
                    .filter(task -> link.equals(linkOrNull(task.resolve("ns/" + type))))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What we call the process that a PID namespace ({@code pid:[4026532178]}) calls {@code inner}: the first number of
     * NSpid where the last one is inner; pid_namespaces(7). 0 when there is none.
     */
    public static int pidOf(String namespace, String inner) {
        return list(Path.of("/proc")).map(p -> p.getFileName().toString())
                .filter(pid -> pid.matches("\\d+") && namespace.equals(linkOrNull(Path.of("/proc", pid, "ns/pid"))))
                .filter(pid -> {
                    try {
                        return status(pid, "NSpid").endsWith(" " + inner);
                    } catch (UncheckedIOException e) {
                        return false; // it has ended meanwhile
                    }
                })
                .mapToInt(Integer::parseInt).findFirst().orElse(0);
    }

    private static Stream<Path> list(Path dir) {
        String[] names = dir.toFile().list(); // null when the process has ended meanwhile
        return names == null ? Stream.of() : Stream.of(names).map(dir::resolve);
    }

    private static String linkOrNull(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return null;
        }
    }
}
