package grader.judge;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import outside.As;
import outside.Proc;

/**
 * Files in the mount namespace of an answer, which may have put anything there: links to the judge's files, pipes that nobody
 * writes to, files without an end. So each path is resolved by openat2(2) with the task's root as the root.
 */
public final class Inside {
    private static final long SYS_OPENAT2 = 437; // the same on all architectures
    private static final int O_RDONLY = 0, O_NONBLOCK = 04000, O_CLOEXEC = 02000000, O_PATH = 010000000;
    private static final int RESOLVE_NO_MAGICLINKS = 2, RESOLVE_IN_ROOT = 16;
    private static final int MOST = 1 << 20, MOST_ATTRIBUTE = 1 << 16;

    private final Proc task;

    Inside(Proc task) {
        this.task = task;
    }

    /** A file's text; fails (as an assertion) if it is not a regular file of at most 1 MiB. */
    public String text(String path) {
        return with(path, O_RDONLY | O_NONBLOCK, file -> {
            var attributes = Files.readAttributes(file.path(), "unix:mode,size");
            if (((int) attributes.get("mode") & 0170000) != 0100000) throw new AssertionError(path + " is not a regular file");
            // By the descriptor itself: who opens it once more, without O_NONBLOCK, may wait for ever.
            var bytes = new ByteArrayOutputStream();
            var piece = new byte[65536];
            for (int n = file.read(piece); n > 0; n = file.read(piece)) {
                bytes.write(piece, 0, n);
                if (bytes.size() > MOST) throw new AssertionError(path + " is longer than 1 MiB");
            }
            return bytes.toString(StandardCharsets.UTF_8);
        });
    }

    /** The names in a directory. */
    public List<String> list(String path) {
        return with(path, O_RDONLY | O_NONBLOCK, file -> {
            if (!Files.isDirectory(file.path())) throw new AssertionError(path + " is not a directory");
            try (var names = Files.list(file.path())) {
                return names.limit(10_000).map(each -> each.getFileName().toString()).sorted().toList();
            }
        });
    }

    public boolean exists(String path) {
        try {
            return with(path, O_PATH, file -> true);
        } catch (AssertionError e) {
            return false;
        }
    }

    /** Device and inode, and whose it is: {@code unix:dev}, {@code ino}, {@code uid}, {@code mode}, {@code size}, by name. */
    public Object stat(String path, String attribute) {
        return with(path, O_PATH, file -> Files.getAttribute(file.path(), "unix:" + attribute));
    }

    /** An extended attribute as the judge reads it, xattr(7); null if the file has none of this name. */
    public byte[] attribute(String path, String name) {
        return with(path, O_PATH, file -> {
            var value = new Memory(MOST_ATTRIBUTE);
            try {
                int length = Function.getFunction("c", "getxattr", Function.THROW_LAST_ERROR).invokeInt(new Object[] {file.path().toString(), name, value, value.size()});
                return value.getByteArray(0, length);
            } catch (LastErrorException e) {
                return null;
            }
        });
    }

    /** Whatever stands at a path, as a file that other programs of the judge's find as well. */
    public <T> T at(String path, java.util.function.Function<Path, T> use) {
        return with(path, O_PATH, file -> use.apply(file.path()));
    }

    private interface Use<T> {
        T of(Open file) throws IOException;
    }

    private <T> T with(String path, int flags, Use<T> use) {
        var root = new Open(Function.getFunction("c", "open", Function.THROW_LAST_ERROR).invokeInt(new Object[] {task.root().toString(), O_PATH | O_CLOEXEC, 0}));
        try (root; var file = new Open(openAs(task, root.fd, path, flags | O_CLOEXEC))) {
            return use.of(file);
        } catch (LastErrorException e) {
            throw new AssertionError(path + " cannot be opened: error " + e.getErrorCode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The answer decides where a path leads. So it is followed with the answer's rights and not with the judge's: root would open, and read
     * for somebody else, what that one may not read.
     */
    private static int openAs(Proc task, int root, String path, int flags) {
        if (!As.TESTS_ARE_ROOT) return (int) openat2(root, path, flags);
        long uid = task.uids().get(3), gid = task.gids().get(3);
        identify("setfsgid", gid);
        identify("setfsuid", uid); // of this thread alone, and without the capabilities that overrule permissions; setfsuid(2)
        try {
            return (int) openat2(root, path, flags);
        } finally {
            identify("setfsuid", 0);
            identify("setfsgid", 0);
        }
    }

    private static void identify(String function, long id) {
        Function.getFunction("c", function).invokeInt(new Object[] {(int) id});
    }

    private record Open(int fd) implements AutoCloseable {
        Path path() {
            return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
        }

        int read(byte[] into) {
            return Function.getFunction("c", "read", Function.THROW_LAST_ERROR).invokeInt(new Object[] {fd, into, (long) into.length});
        }

        @Override
        public void close() {
            Function.getFunction("c", "close").invokeInt(new Object[] {fd});
        }
    }

    private static long openat2(int root, String path, int flags) {
        var how = new Memory(24); // struct open_how: u64 flags, mode, resolve
        how.setLong(0, flags);
        how.setLong(8, 0);
        how.setLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        return syscall(SYS_OPENAT2, (long) root, path, how, 24L);
    }

    private static long syscall(Object... words) {
        return Function.getFunction("c", "syscall", Function.THROW_LAST_ERROR).invokeLong(words);
    }
}
