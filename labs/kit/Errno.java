package kit;

import com.sun.jna.LastErrorException;
import java.util.Map;

/** Error numbers and their names; errno(3). These are the same on x86_64 and aarch64. */
public final class Errno {
    private Errno() {}

    public static final int EPERM = 1, ENOENT = 2, ESRCH = 3, E2BIG = 7, ENOMEM = 12, EACCES = 13, ENOTDIR = 20, EINVAL = 22, ENOSPC = 28,
            ENOSYS = 38, ELOOP = 40, EUSERS = 87;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0, "none"), Map.entry(1, "EPERM"), Map.entry(2, "ENOENT"), Map.entry(3, "ESRCH"), Map.entry(4, "EINTR"),
            Map.entry(5, "EIO"), Map.entry(7, "E2BIG"), Map.entry(8, "ENOEXEC"), Map.entry(9, "EBADF"), Map.entry(10, "ECHILD"), Map.entry(11, "EAGAIN"),
            Map.entry(12, "ENOMEM"), Map.entry(13, "EACCES"), Map.entry(14, "EFAULT"), Map.entry(16, "EBUSY"),
            Map.entry(17, "EEXIST"), Map.entry(18, "EXDEV"), Map.entry(19, "ENODEV"), Map.entry(20, "ENOTDIR"),
            Map.entry(21, "EISDIR"), Map.entry(22, "EINVAL"), Map.entry(24, "EMFILE"), Map.entry(25, "ENOTTY"),
            Map.entry(26, "ETXTBSY"), Map.entry(27, "EFBIG"), Map.entry(28, "ENOSPC"), Map.entry(30, "EROFS"), Map.entry(32, "EPIPE"),
            Map.entry(34, "ERANGE"), Map.entry(36, "ENAMETOOLONG"), Map.entry(38, "ENOSYS"),
            Map.entry(39, "ENOTEMPTY"), Map.entry(40, "ELOOP"), Map.entry(42, "ENOMSG"), Map.entry(43, "EIDRM"),
            Map.entry(75, "EOVERFLOW"), Map.entry(87, "EUSERS"), Map.entry(95, "EOPNOTSUPP"),
            Map.entry(98, "EADDRINUSE"), Map.entry(99, "EADDRNOTAVAIL"), Map.entry(100, "ENETDOWN"),
            Map.entry(101, "ENETUNREACH"), Map.entry(111, "ECONNREFUSED"), Map.entry(113, "EHOSTUNREACH"),
            Map.entry(115, "EINPROGRESS"), Map.entry(116, "ESTALE"));

    /** Something that may fail with errno. */
    public interface Call {
        void run() throws Exception;
    }

    /** Makes the call and gives the name of its errno, or "success". */
    public static String of(Call call) {
        try {
            call.run();
            return "success";
        } catch (LastErrorException e) {
            return name(e.getErrorCode());
        } catch (Problem e) {
            return name(e.errno);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** 1 for {@code EPERM}; 0 for "success" and for a name that is not in the table. */
    public static int number(String name) {
        return NAMES.entrySet().stream().filter(e -> e.getValue().equals(name)).map(Map.Entry::getKey).findFirst().orElse(0);
    }

    /** {@code EPERM} for 1. */
    public static String name(int errno) {
        return NAMES.getOrDefault(errno, "errno " + errno);
    }
}
