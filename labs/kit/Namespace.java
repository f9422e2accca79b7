package kit;

import static kit.Libc.*;

import java.util.EnumSet;
import java.util.Set;

/**
 * The eight namespace types of Linux; namespaces(7). They stand in the order in which runc and youki enter them:
 * user first, since it gives the capabilities for the others, and mnt last, since it changes what a path means.
 */
public enum Namespace {
    USER("user", CLONE_NEWUSER, "3.8", "user_namespaces(7)"),
    PID("pid", CLONE_NEWPID, "2.6.24", "pid_namespaces(7)"),
    UTS("uts", CLONE_NEWUTS, "2.6.19", "uts_namespaces(7)"),
    IPC("ipc", CLONE_NEWIPC, "2.6.19", "ipc_namespaces(7)"),
    NET("net", CLONE_NEWNET, "2.6.29", "network_namespaces(7)"),
    CGROUP("cgroup", CLONE_NEWCGROUP, "4.6", "cgroup_namespaces(7)"),
    TIME("time", CLONE_NEWTIME, "5.6", "time_namespaces(7)"),
    MNT("mnt", CLONE_NEWNS, "2.4.19", "mount_namespaces(7)");

    /** The user namespace that the machine starts with: PROC_USER_INIT_INO, linux/proc_ns.h. */
    public static final String INITIAL_USER = "user:[4026531837]";

    /** The name of the link in /proc/PID/ns. */
    public final String proc;
    /** The flag for clone(2), unshare(2) and setns(2). */
    public final int flag;
    /** The first kernel that has it. */
    public final String since;
    public final String manPage;

    Namespace(String proc, int flag, String since, String manPage) {
        this.proc = proc;
        this.flag = flag;
        this.since = since;
        this.manPage = manPage;
    }

    /** What the kernel calls this namespace of a process or thread, such as {@code uts:[4026531838]}. */
    public String of(long pid) {
        return Proc.readlink("/proc/" + pid + "/ns/" + proc);
    }

    /** The same for the calling thread; /proc/self would be the main thread's. */
    public String ofThisThread() {
        return Proc.readlink("/proc/thread-self/ns/" + proc);
    }

    /**
     * The link that unshare(2) changes. A caller never changes its own PID or time namespace: only its children's.
     * "none" where the kernel has no answer, as it has for a PID namespace before its first process.
     */
    String afterUnshare() {
        String path = "/proc/thread-self/ns/" + forChildren();
        return Proc.exists(path) ? Proc.readlink(path) : "none";
    }

    /** The link that setns(2) changes, and unshare(2): who joins a PID namespace is no member either, but its children are. */
    String forChildren() {
        return this == PID || this == TIME ? proc + "_for_children" : proc;
    }

    /** The types that a set of CLONE_NEW flags names. */
    public static Set<Namespace> in(int flags) {
        Set<Namespace> set = EnumSet.noneOf(Namespace.class);
        for (Namespace type : values()) {
            if ((flags & type.flag) != 0) {
                set.add(type);
            }
        }
        return set;
    }

    /** The flags as a C programmer writes them: {@code CLONE_NEWUTS|CLONE_NEWIPC}. */
    public static String flagNames(int flags) {
        StringBuilder names = new StringBuilder();
        for (Namespace type : in(flags)) {
            names.append(names.isEmpty() ? "" : "|").append(type == MNT ? "CLONE_NEWNS" : "CLONE_NEW" + type);
            flags &= ~type.flag;
        }
        if (flags != 0 || names.isEmpty()) {
            names.append(names.isEmpty() ? "" : "|").append(flags == 0 ? "0" : "0x" + Integer.toHexString(flags));
        }
        return names.toString();
    }
}
