package kit.container;

import static kit.Libc.CLONE_NEWTIME;

import com.grack.nanojson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;

/** What a container is to be, in the terms of the OCI runtime specification; {@link ContainerConfig} reads it from a config.json. */
public final class ContainerSpec {
    /** One mount: {@code where} is its place in the config, for errors. */
    public record Mount(String where, String destination, String type, String source, List<String> options) {}

    /** One device file, of type "c", "b" or "p". */
    public record Device(String where, String path, String type, int major, int minor, int mode, int uid, int gid) {}

    /** One resource limit; {@code kind} is the number of RLIMIT_...; -1 is unlimited; getrlimit(2). */
    public record Limit(String where, int kind, long soft, long hard) {}

    /** The five sets of capabilities(7), each a mask. */
    public record Capabilities(long bounding, long effective, long permitted, long inheritable, long ambient) {}

    /** The new root: a directory, or null for a root file system made of this machine's programs. */
    public String rootfs;
    public boolean readonlyRoot;
    /** Options that the root gets as a mount: MS_SHARED and its like, or 0. */
    public long propagation;

    public List<String> args = new ArrayList<>(), environment = new ArrayList<>();
    public String workingDirectory = "/";
    public int uid, gid, umask = -1, oomScoreAdj = Integer.MIN_VALUE;
    public List<Integer> groups = new ArrayList<>();
    public Capabilities capabilities = new Capabilities(0, 0, 0, 0, 0);
    public List<Limit> limits = new ArrayList<>();
    public boolean noNewPrivileges, terminal;
    /** The command gets a shell as the first process, which waits for it and for orphans. */
    public boolean init;

    /** Null leaves the creator's. */
    public String hostname, domainname;
    /** "" is a new namespace, a path one that exists; a type that is not here stays the creator's. */
    public Map<Namespace, String> namespaces = new LinkedHashMap<>();
    public UserMap userMap = UserMap.NONE;
    public String timeOffsets = "";

    public List<Mount> mounts = new ArrayList<>();
    public List<Device> devices = new ArrayList<>();
    public List<String> masked = new ArrayList<>(), readonly = new ArrayList<>();
    public Map<String, String> sysctl = new LinkedHashMap<>();
    /** Null for none. */
    public SeccompFilter seccomp;
    /** Bytes, processes, and microseconds in each period of {@code cpuPeriod}; 0 is no limit. */
    public long memory, pids, cpuQuota, cpuPeriod = 100_000;
    /** A veth pair to the creator's network namespace, with forwarding and NAT there: it changes that one. */
    public boolean nat;

    /** What the config asks for and this program does not do. */
    public final List<String> notes = new ArrayList<>();

    /** A container like that of {@code runc spec}, with a seccomp filter, for root as for an ordinary user; it runs a shell. */
    public static ContainerSpec standard(String rootfs) {
        ContainerSpec spec = ContainerConfig.read(standard(), Path.of("/"));
        spec.rootfs = rootfs;
        if (!Machine.privileged()) {
            spec.rootless();
        }
        return spec;
    }

    /** Adds a user namespace in which its creator is root. */
    public void rootless() {
        namespaces.put(Namespace.USER, "");
        userMap = UserMap.root();
    }

    /** The config.json of the standard container. */
    public static JsonObject standard() {
        StringBuilder clones = new StringBuilder(); // clone(2) with any of these flags; what clone3(2) is asked for no filter can see
        Namespace.in(~CLONE_NEWTIME).forEach(type -> clones.append("""
            {"action": "SCMP_ACT_ERRNO", "names": ["clone"], "args": [{"index": 0, "value": %1$d, "valueTwo": %1$d, "op": "SCMP_CMP_MASKED_EQ"}]},
            """.formatted(type.flag)));
        return ContainerConfig.parse(STANDARD.replace("CLONES", clones));
    }

    /** Docker refuses much the same calls, but by naming all others. */
    private static final String STANDARD = """
        {"ociVersion": "1.0.2",
         "process": {"user": {"uid": 0, "gid": 0}, "args": ["/bin/sh"], "cwd": "/", "noNewPrivileges": true,
          "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
          "capabilities": {"bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
           "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
           "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]}},
         "root": {"path": "rootfs", "readonly": false},
         "hostname": "container",
         "mounts": [
          {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
          {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
          {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
          {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]},
          {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": ["nosuid", "noexec", "nodev"]},
          {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}],
         "linux": {
          "namespaces": [{"type": "pid"}, {"type": "network"}, {"type": "ipc"}, {"type": "uts"}, {"type": "cgroup"}, {"type": "mount"}],
          "maskedPaths": ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
           "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
          "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
          "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
           {"action": "SCMP_ACT_ERRNO", "errnoRet": 38, "names": ["clone3"]},
           CLONES
           {"action": "SCMP_ACT_ERRNO", "names": ["unshare", "setns", "mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen",
            "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "bpf", "perf_event_open",
            "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "keyctl", "request_key", "init_module",
            "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl",
            "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "lookup_dcookie", "vmsplice"]}]}}}
        """;
}
