package kit;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine, and this process on it, is and may do; read from /proc, nothing tried. */
public final class Machine {
    private Machine() {}

    public static String kernel() {
        return Proc.read("/proc/sys/kernel/osrelease");
    }

    public static String arch() {
        return System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
    }

    /** Whether this process has CAP_SYS_ADMIN in its user namespace, which most namespace calls need. */
    public static boolean privileged() {
        return new BigInteger(Proc.status("self", "CapEff"), 16).testBit(Libc.CAP_SYS_ADMIN);
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

    /** A sysctl by its path below /proc/sys, or "" where this kernel has none or hides it. */
    public static String sysctl(String path) {
        try {
            return Files.readString(Path.of("/proc/sys", path)).strip();
        } catch (java.io.IOException e) {
            return "";
        }
    }

    /** Whether PATH, or one of the sbin directories that an ordinary user's PATH lacks, has a program. */
    public static boolean has(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
        for (String dir : path.split(":")) {
            if (!dir.isEmpty() && Files.isExecutable(Path.of(dir, program))) {
                return true;
            }
        }
        return false;
    }
}
