package outside;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Asks a namespace about itself through its file, without entering it. Source: ioctl_ns(2), linux/nsfs.h (the same
 * numbers on every architecture that the labs know: {@code _IO(0xb7, n)}).
 */
public final class Nsfs {
    private interface C extends Library {
        int open(String path, int flags) throws LastErrorException;

        int ioctl(int fd, long request, Object... argument) throws LastErrorException;

        int close(int fd) throws LastErrorException;

        long syscall(long number, Object... arguments) throws LastErrorException;
    }

    private static final C C = Native.load("c", Nsfs.C.class);
    private static final int O_RDONLY = 0, O_CLOEXEC = 02000000;
    private static final long NS_GET_USERNS = 0xb701, NS_GET_PARENT = 0xb702, NS_GET_NSTYPE = 0xb703, NS_GET_OWNER_UID = 0xb704;
    /** {@code _IOR(0xb7, n, __u64)}. */
    private static final long NS_GET_MNTNS_ID = 0x8008b705L, NS_GET_ID = 0x8008b70dL;

    private Nsfs() {}

    /** The user namespace that owns it, as the link text {@code user:[…]}; EPERM when that is outside the observer's scope. */
    public static String ownerOf(Path namespace) {
        return with(namespace, fd -> linkOfAndClose(C.ioctl(fd, NS_GET_USERNS)));
    }

    /** The same as a file, for as long as it is used. */
    static <T> T atOwner(Path namespace, Function<Path, T> use) {
        return with(namespace, fd -> {
            int owner = C.ioctl(fd, NS_GET_USERNS);
            try {
                return use.apply(Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + owner));
            } finally {
                C.close(owner);
            }
        });
    }

    /** The parent of a PID or user namespace, as a link text; other types are flat and give EINVAL. */
    public static String parentOf(Path namespace) {
        return with(namespace, fd -> linkOfAndClose(C.ioctl(fd, NS_GET_PARENT)));
    }

    /** Its CLONE_NEW* flag. */
    public static int typeOf(Path namespace) {
        return with(namespace, fd -> C.ioctl(fd, NS_GET_NSTYPE));
    }

    /** The effective uid that created a user namespace. */
    public static int ownerUidOf(Path userNamespace) {
        return with(userNamespace, fd -> {
            var uid = new IntByReference();
            C.ioctl(fd, NS_GET_OWNER_UID, uid);
            return uid.getValue();
        });
    }

    /** Its number, which no other namespace ever gets (Linux 6.18). */
    public static long idOf(Path namespace) {
        return number(namespace, NS_GET_ID);
    }

    /** The same for a mount namespace (Linux 6.11). */
    public static long mountIdOf(Path mountNamespace) {
        return number(mountNamespace, NS_GET_MNTNS_ID);
    }

    /** The ids of what a user namespace owns, null for all that the observer may know of; listns(2), 470 on every architecture, with a struct ns_id_req (Linux 6.19). */
    public static Set<Long> ids(Path userNamespace) {
        var request = new Memory(32);
        request.clear();
        request.setInt(0, (int) request.size());
        request.setLong(24, userNamespace == null ? 0 : idOf(userNamespace));
        var ids = new Memory(8 * 10_000);
        int count = (int) C.syscall(470, request, ids, 10_000L, 0);
        return Arrays.stream(ids.getLongArray(0, count)).boxed().collect(Collectors.toSet());
    }

    private static long number(Path namespace, long request) {
        return with(namespace, fd -> {
            var id = new LongByReference();
            C.ioctl(fd, request, id);
            return id.getValue();
        });
    }

    private interface Question<T> {
        T ask(int fd);
    }

    private static <T> T with(Path namespace, Question<T> question) {
        int fd = C.open(namespace.toString(), O_RDONLY | O_CLOEXEC);
        try {
            return question.ask(fd);
        } finally {
            C.close(fd);
        }
    }

    private static String linkOfAndClose(int fd) {
        try {
            return java.nio.file.Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            C.close(fd);
        }
    }
}
