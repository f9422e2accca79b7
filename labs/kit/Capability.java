package kit;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** The pieces into which Linux cuts the power of root, by number and by name; capabilities(7). A set of them is a long, a bit for each. */
public final class Capability {
    private Capability() {}

    /** The names in order of their numbers; linux/capability.h. */
    public static final List<String> NAMES = List.of("CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
            "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
            "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
            "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
            "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
            "CAP_CHECKPOINT_RESTORE");

    /** The five sets of a thread, as /proc/PID/status calls them: inheritable, permitted, effective, bounding and ambient. */
    public static final List<String> SETS = List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");

    /**
     * The number of {@code CAP_KILL}.
     *
     * @throws IllegalArgumentException for a name that is not in the table
     */
    public static int number(String name) {
        int number = NAMES.indexOf(name);
        if (number < 0) {
            throw new IllegalArgumentException("no capability is called '" + name + "'");
        }
        return number;
    }

    /** The names of a set; a capability that is newer than this table is {@code CAP_41}. */
    public static List<String> names(long mask) {
        List<String> names = new ArrayList<>();
        for (int number = 0; number < Long.SIZE; number++) {
            if ((mask >>> number & 1) != 0) {
                names.add(number < NAMES.size() ? NAMES.get(number) : "CAP_" + number);
            }
        }
        return names;
    }

    /** The set of these names. */
    public static long mask(Collection<String> names) {
        return names.stream().mapToLong(name -> 1L << number(name)).reduce(0, (a, b) -> a | b);
    }

    public static long mask(String... names) {
        return mask(Arrays.asList(names));
    }

    /** Those that this kernel has and this table. */
    public static List<String> known() {
        return NAMES.subList(0, Math.min(last() + 1, NAMES.size()));
    }

    /** The highest number that this kernel knows. */
    public static int last() {
        return Integer.parseInt(Proc.read("/proc/sys/kernel/cap_last_cap"));
    }

    /** Every capability of this kernel. */
    public static long all() {
        return (2L << last()) - 1;
    }

    /** Every one but this. */
    public static long allBut(String name) {
        return all() & ~mask(name);
    }

    /** One of the {@link #SETS} of a process or thread: a PID, "self" or "thread-self". */
    public static long set(Object pid, String set) {
        return Long.parseUnsignedLong(Proc.status(pid, set), 16);
    }

    /** A set as /proc/PID/status writes it: 16 hexadecimal digits. */
    public static String hex(long mask) {
        return String.format("%016x", mask);
    }

    /** capset(2) by a child: its effective, permitted and inheritable sets. */
    public static Child.Step capset(long effective, long permitted, long inheritable) {
        Memory header = new Memory(8), data = new Memory(24);
        header.setInt(0, LINUX_CAPABILITY_VERSION_3);
        header.setInt(4, 0); // the caller
        long[] sets = {effective, permitted, inheritable};
        for (int i = 0; i < 3; i++) {
            data.setInt(4L * i, (int) sets[i]);
            data.setInt(12 + 4L * i, (int) (sets[i] >>> 32));
        }
        return call("capset", header, data);
    }

    /** prctl(2) by a child, where the other arguments must be 0. */
    public static Child.Step prctl(int option, long value) {
        return call("prctl", option, value, 0L, 0L, 0L);
    }

    /** What leaves only {@code kept} in a child's bounding set: PR_CAPBSET_DROP for each of the others, which takes CAP_SETPCAP; prctl(2). */
    public static List<Child.Step> bound(long kept) {
        return names(all() & ~kept).stream().map(name -> NAMES.contains(name) ? number(name) : Integer.parseInt(name.substring(4)))
                .map(number -> prctl(PR_CAPBSET_DROP, number)).toList();
    }

    /** What adds capabilities to a child's ambient set, which must be permitted and inheritable there. */
    public static List<Child.Step> ambient(long raised) {
        return names(raised).stream().map(name -> call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long) number(name), 0L, 0L)).toList();
    }

    /** What empties a child's sets for good: the bounding set too, which takes CAP_SETPCAP. */
    public static List<Child.Step> nothing() {
        List<Child.Step> steps = new ArrayList<>(bound(0));
        steps.add(capset(0, 0, 0));
        return steps;
    }

    /** setxattr(2) by a child, which gives a file capabilities: a struct vfs_cap_data, linux/capability.h. */
    public static Child.Step file(String path, long permitted) {
        Memory data = new Memory(20);
        data.setInt(0, 0x02000001); // VFS_CAP_REVISION_2, and the bit that makes them effective at once
        data.setInt(4, (int) permitted);
        data.setInt(8, 0); // inheritable
        data.setInt(12, (int) (permitted >>> 32));
        data.setInt(16, 0);
        return call("setxattr", path, "security.capability", data, data.size(), 0);
    }

    /** What the file has, as the caller reads it: {@code version 2}, or {@code version 3, root UID} for a user namespace. */
    public static String fileVersion(String path) {
        byte[] data = new byte[24];
        lgetxattr(path, "security.capability", data, data.length);
        ByteBuffer words = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        return "version " + data[3] + (data[3] == 3 ? ", root " + words.getInt(20) : "");
    }
}
