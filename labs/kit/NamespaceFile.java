package kit;

import static kit.Libc.*;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Arrays;

/** An open file of a namespace: it keeps the namespace, and the kernel tells by it of others; namespaces(7), ioctl_ns(2). */
public record NamespaceFile(int fd) {

    /** Opens /proc/PID/ns/TYPE. */
    public static NamespaceFile of(long pid, String type) {
        return new NamespaceFile(Libc.open("/proc/" + pid + "/ns/" + type, O_RDONLY | O_CLOEXEC, 0));
    }

    /** What /proc calls it, such as {@code uts:[4026532178]}. */
    public String link() {
        return Proc.readlink("/proc/thread-self/fd/" + fd);
    }

    /** The namespace that NS_GET_USERNS or NS_GET_PARENT names: {@code close()} it. */
    public NamespaceFile related(long relation) {
        return new NamespaceFile(ioctl(fd, relation, null));
    }

    /** The link of that one. */
    public String linkOf(long relation) {
        NamespaceFile other = related(relation);
        try {
            return other.link();
        } finally {
            other.close();
        }
    }

    /** The same of a process's namespace. */
    public static String linkOf(long pid, String type, long relation) {
        NamespaceFile file = of(pid, type);
        try {
            return file.linkOf(relation);
        } finally {
            file.close();
        }
    }

    /** The number that NS_GET_ID or NS_GET_MNTNS_ID gives for a namespace of a process. */
    public static long id(long pid, String type, long request) {
        NamespaceFile file = of(pid, type);
        try {
            return file.id(request);
        } finally {
            file.close();
        }
    }

    private long id(long request) {
        Memory answer = new Memory(8);
        ioctl(fd, request, answer);
        return answer.getLong(0);
    }

    /** Whether this user namespace owns that namespace of a process, by the first 64 ids that listns(2) gives; struct ns_id_req of linux/nsfs.h. */
    public boolean owns(long pid, String type) {
        Memory request = new Memory(32), answer = new Memory(8 * 64);
        request.clear();
        request.setInt(0, 32);
        request.setLong(24, id(NS_GET_ID));
        int count = (int) syscall(SYS_listns, Pointer.nativeValue(request), Pointer.nativeValue(answer), 64, 0, 0, 0);
        long wanted = id(pid, type, NS_GET_ID);
        return Arrays.stream(answer.getLongArray(0, count)).anyMatch(id -> id == wanted);
    }

    public void close() {
        Libc.close(fd);
    }
}
