package kit;

import static kit.Libc.*;


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

    public void close() {
        Libc.close(fd);
    }
}
