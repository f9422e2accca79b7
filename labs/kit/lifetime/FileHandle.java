package kit.lifetime;

import static kit.Libc.*;

import com.sun.jna.Memory;

/** A number by which the kernel finds a file again that is open no more; name_to_handle_at(2), open_by_handle_at(2). */
public final class FileHandle {
    private final Memory handle = new Memory(8 + 128); // handle_bytes, handle_type, and at most MAX_HANDLE_SZ bytes

    /** Of an open file; EOPNOTSUPP where its file system has none, as that of namespaces before Linux 6.18. */
    public FileHandle(int fd) {
        handle.clear();
        handle.setInt(0, 128);
        name_to_handle_at(fd, "", handle, new int[1], AT_EMPTY_PATH);
    }

    /** Opens it again, by any open file of the same file system; ESTALE when it is there no more. */
    public int open(int sameFileSystem) {
        return open_by_handle_at(sameFileSystem, handle, O_RDONLY | O_CLOEXEC);
    }
}
