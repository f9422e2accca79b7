package kit;

import static kit.Libc.*;

import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this machine, and this process on it, is and may do; read from /proc, nothing tried. */
public final class Machine {
    private Machine() {}

    public static String kernel() {
        return Proc.read("/proc/sys/kernel/osrelease");
    }

    public static String arch() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    /** Whether this process has a capability in its user namespace; capabilities(7). */
    public static boolean capable(int capability) {
        return new BigInteger(Proc.status("self", "CapEff"), 16).testBit(capability);
    }

    /** What the labs do as root takes these. */
    private static final List<Integer> NEEDED = List.of(CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP,
            CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_CHROOT, CAP_SYS_ADMIN, CAP_SYS_TIME, CAP_SETFCAP);

    /**
     * Whether this process can do by itself what the labs do as root. Root of a container may have CAP_SYS_ADMIN and lack
     * another one; then a user namespace of its own, where it has all of them, is the better way.
     */
    public static boolean privileged() {
        return NEEDED.stream().allMatch(Machine::capable);
    }

    /** Whether a seccomp filter looks at this process's system calls; seccomp(2). */
    public static boolean seccompFilter() {
        return Proc.status("self", "Seccomp").equals("2");
    }

    /** "v1", "v2", "hybrid" (v1 with a v2 hierarchy beside it) or "none"; cgroups(7). */
    public static String cgroupVersion() {
        boolean v1 = false, v2 = false;
        for (String line : Proc.read("/proc/self/mountinfo").lines().toList()) {
            String type = line.substring(line.indexOf(" - ") + 3).split(" ")[0];
            v1 |= type.equals("cgroup");
            v2 |= type.equals("cgroup2");
        }
        return v1 && v2 ? "hybrid" : v1 ? "v1" : v2 ? "v2" : "none";
    }

    /** Where the kernel itself leaves an empty directory in /proc or /sys for another file system. */
    private static final List<String> PLACES = List.of("/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd", "/sys/fs/cgroup", "/sys/fs/bpf",
            "/sys/fs/fuse/connections", "/sys/fs/pstore", "/sys/fs/selinux", "/sys/fs/resctrl", "/sys/kernel/config", "/sys/kernel/debug",
            "/sys/kernel/security", "/sys/kernel/tracing", "/sys/firmware/efi/efivars");

    /**
     * The mount points that hide a part of /proc or /sys ({@code top}) from the calling thread. While there is one, the kernel
     * refuses to mount a fresh proc or sysfs in a user namespace; mount_namespaces(7).
     */
    public static List<String> masks(String top) {
        return Proc.read("/proc/thread-self/mountinfo").lines().map(line -> line.split(" ")[4])
                .filter(point -> point.startsWith(top + "/") && PLACES.stream().noneMatch(s -> (point + "/").startsWith(s + "/"))).toList();
    }

    /** A sysctl by its path below /proc/sys, or "" where this kernel has none or hides it. */
    public static String sysctl(String path) {
        try {
            return Proc.read("/proc/sys/" + path);
        } catch (UncheckedIOException e) {
            return "";
        }
    }

    /**
     * PATH with the system's own directories behind. An ordinary user's often lacks those for sbin; some machines' lacks /bin,
     * which there is /usr/bin, and not so in the root file system of a {@link Jail}.
     */
    private static final List<String> PATH = Stream.of((System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin").split(":"))
            .filter(directory -> !directory.isEmpty()).distinct().toList();

    /** Sets PATH to that for every program that this process and its children start. */
    public static void completePath() {
        Libc.setenv("PATH", String.join(":", PATH), 1);
    }

    /** Whether a directory of this PATH has a program. */
    public static boolean has(String program) {
        return PATH.stream().anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
