package kit.container;

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import kit.*;

/**
 * Furnishes the root of a container: its mounts, device files, what is masked and what is read-only. All of it happens in a
 * puppet that has a mount namespace of its own and has not moved to its new root yet; mount(2), mount_namespaces(7).
 */
final class ContainerMounts {
    /** What the options of mount(8) mean for mount(2); a dash clears. */
    private static final Map<String, Long> FLAGS = Map.ofEntries(Map.entry("defaults", 0L), Map.entry("ro", MS_RDONLY), Map.entry("rw", -MS_RDONLY),
            Map.entry("nosuid", MS_NOSUID), Map.entry("suid", -MS_NOSUID), Map.entry("nodev", MS_NODEV), Map.entry("dev", -MS_NODEV),
            Map.entry("noexec", MS_NOEXEC), Map.entry("exec", -MS_NOEXEC), Map.entry("sync", MS_SYNCHRONOUS), Map.entry("async", -MS_SYNCHRONOUS),
            Map.entry("noatime", MS_NOATIME), Map.entry("atime", -MS_NOATIME), Map.entry("nodiratime", MS_NODIRATIME), Map.entry("diratime", -MS_NODIRATIME),
            Map.entry("relatime", MS_RELATIME), Map.entry("norelatime", -MS_RELATIME), Map.entry("strictatime", MS_STRICTATIME),
            Map.entry("nostrictatime", -MS_STRICTATIME), Map.entry("bind", 0L), Map.entry("rbind", 0L));

    /** The device files that every container has, with the numbers of linux/Documentation/admin-guide/devices.txt. */
    private static final Map<String, int[]> DEVICES = new TreeMap<>(Map.of("null", new int[] {1, 3}, "zero", new int[] {1, 5}, "full", new int[] {1, 7},
            "random", new int[] {1, 8}, "urandom", new int[] {1, 9}, "tty", new int[] {5, 0}));

    private static final Map<String, String> LINKS = new TreeMap<>(Map.of("fd", "/proc/self/fd", "stdin", "/proc/self/fd/0", "stdout", "/proc/self/fd/1",
            "stderr", "/proc/self/fd/2", "ptmx", "pts/ptmx"));

    private final Puppet puppet;
    private final String rootfs;

    ContainerMounts(Puppet puppet, String rootfs) {
        this.puppet = puppet;
        this.rootfs = rootfs;
    }

    /** Refuses an option that the kernel's mount(2) does not know and that we do not do ourselves. */
    static void check(Json option) {
        if (option.text().matches("r?idmap|tmpcopyup|copy-symlink|r(ro|rw|nosuid|suid|nodev|dev|noexec|exec|noatime|relatime|strictatime|nodiratime|nosymfollow)|remount")) {
            throw option.wrong("is not supported: " + option.text());
        }
    }

    /** One mount of the config. */
    void mount(ContainerSpec.Mount mount) {
        String target = inside(mount.destination());
        long flags = 0;
        for (String option : mount.options()) {
            long flag = FLAGS.getOrDefault(option, 0L);
            flags = flag < 0 ? flags & ~-flag : flags | flag;
        }
        String data = mount.options().stream().filter(option -> !FLAGS.containsKey(option) && !ContainerConfig.PROPAGATION.containsKey(option))
                .collect(Collectors.joining(","));
        if (mount.type().equals("bind")) {
            make(target, Files.isDirectory(Path.of(mount.source())));
            puppet.call("mount", mount.source(), target, null, MS_BIND | (mount.options().contains("rbind") ? MS_REC : 0), null);
            if (flags != 0) {
                remount(target, flags);
            }
        } else if (mount.type().equals("cgroup")) {
            cgroup(target, flags);
        } else {
            make(target, true);
            puppet.call("mount", mount.source(), target, mount.type(), flags, data);
        }
        for (String option : mount.options()) {
            if (ContainerConfig.PROPAGATION.containsKey(option)) {
                puppet.call("mount", "none", target, null, ContainerConfig.PROPAGATION.get(option), null);
            }
        }
    }

    /** The trees of cgroups, as /sys/fs/cgroup shows them: of a new cgroup namespace if the process stands in one, and else ours. */
    private void cgroup(String target, long flags) {
        make(target, true);
        if (Machine.cgroupVersion().equals("v2")) {
            if (puppet.attempt("mount", "cgroup", target, "cgroup2", flags, null) != 0) {
                puppet.call("mount", "/sys/fs/cgroup", target, null, MS_BIND | MS_REC, null);
                remount(target, flags);
            }
            return;
        }
        puppet.call("mount", "cgroup", target, "tmpfs", flags & ~MS_RDONLY, "mode=755");
        for (CgroupTree tree : CgroupTree.all()) {
            if (tree.mountPoint() != null) {
                String place = target + "/" + Path.of(tree.mountPoint()).getFileName();
                puppet.call("mkdir", place, 0755);
                if (puppet.attempt("mount", "cgroup", place, tree.type(), flags, tree.unified() ? null : tree.options()) != 0) {
                    puppet.call("mount", tree.directory(), place, null, MS_BIND, null);
                    remount(place, flags);
                }
            }
        }
        remount(target, flags);
    }

    /** Changes the options of one mount point, keeping those that a user namespace may not take away; mount_namespaces(7). */
    void remount(String target, long flags) {
        String line = Proc.mountsAt(Proc.read("/proc/" + puppet.pid() + "/mountinfo"), target).lines().reduce((below, above) -> above).orElseThrow();
        for (String option : line.split(" ")[5].split(",")) {
            flags |= List.of("ro", "nosuid", "nodev", "noexec").contains(option) ? FLAGS.get(option) : 0;
        }
        puppet.call("mount", "none", target, null, MS_REMOUNT | MS_BIND | flags, null);
    }

    /** What no /dev lacks. A user namespace may make no device file, mknod(2) EPERM; there the machine's own is bound. */
    void devices(List<ContainerSpec.Device> more) {
        String dev = inside("/dev");
        DEVICES.forEach((name, numbers) -> device(new ContainerSpec.Device("", "/dev/" + name, "c", numbers[0], numbers[1], 0666, 0, 0)));
        more.stream().filter(device -> !DEVICES.containsKey(device.path().replaceFirst("^/dev/", ""))).forEach(this::device);
        LINKS.forEach((name, to) -> puppet.call("symlink", to, dev + "/" + name));
    }

    private void device(ContainerSpec.Device device) {
        String target = inside(device.path());
        int kind = device.type().equals("b") ? S_IFBLK : device.type().equals("p") ? S_IFIFO : S_IFCHR;
        long major = device.major(), minor = device.minor();
        make(target.replaceFirst("/[^/]*$", ""), true);
        int errno = puppet.attempt("mknod", target, kind | device.mode(), minor & 0xff | (major & 0xfff) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32);
        if (errno == Errno.EPERM && kind != S_IFIFO) {
            make(target, false);
            puppet.call("mount", device.path(), target, null, MS_BIND, null);
        } else if (errno != 0) {
            throw new Problem("mknod(\"" + target + "\")", errno, 0);
        } else if (device.uid() != 0 || device.gid() != 0) {
            puppet.call("chown", target, device.uid(), device.gid());
        }
    }

    /** Hides a path: a file behind /dev/null, a directory behind an empty one. What is not there need not be hidden. */
    void mask(String path) {
        String target = inside(path);
        if (Files.isDirectory(seen(target))) {
            puppet.call("mount", "tmpfs", target, "tmpfs", MS_RDONLY, "size=0k");
        } else if (exists(target)) {
            puppet.call("mount", "/dev/null", target, null, MS_BIND, null);
        }
    }

    /** Makes a path read-only by a mount on itself. A bind mount takes its options in a second call. */
    void readonly(String path) {
        String target = inside(path);
        if (exists(target)) {
            puppet.call("mount", target, target, null, MS_BIND | MS_REC, null);
            remount(target, MS_RDONLY);
        }
    }

    /** Where a path of the container lies now. Its links are followed as the container will see them, so that none leads out of it. */
    String inside(String path) {
        Deque<String> ahead = new ArrayDeque<>(Arrays.asList(path.split("/")));
        String at = "";
        for (int links = 0; !ahead.isEmpty(); ) {
            String name = ahead.pop();
            if (name.equals("..")) {
                at = at.replaceFirst("/[^/]*$", "");
            } else if (!name.isEmpty() && !name.equals(".")) {
                Path file = seen(rootfs + at + "/" + name);
                if (!Files.isSymbolicLink(file)) {
                    at += "/" + name;
                    continue;
                }
                if (++links > 40) {
                    throw new Problem("open(\"" + path + "\")", Errno.ELOOP, 0);
                }
                String link = Proc.readlink(file.toString());
                at = link.startsWith("/") ? "" : at;
                List<String> parts = Arrays.asList(link.split("/"));
                for (int i = parts.size() - 1; i >= 0; i--) {
                    ahead.push(parts.get(i));
                }
            }
        }
        return rootfs + at;
    }

    /** The home directory of a user, by the container's own /etc/passwd. */
    String home(int uid) {
        Path passwd = seen(inside("/etc/passwd"));
        return !Files.isReadable(passwd) ? "/" : Proc.read(passwd.toString()).lines().map(line -> line.split(":"))
                .filter(field -> field.length > 5 && field[2].equals("" + uid)).map(field -> field[5]).findFirst().orElse("/");
    }

    /** A path of the puppet's as this JVM can look at it. */
    private Path seen(String path) {
        return Path.of("/proc/" + puppet.pid() + "/root" + path);
    }

    private boolean exists(String path) {
        return Files.exists(seen(path), LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes a mount point, and the directories above it. */
    void make(String target, boolean directory) {
        for (int slash = target.indexOf('/', rootfs.length() + 1); slash > 0; slash = target.indexOf('/', slash + 1)) {
            make(target.substring(0, slash));
        }
        if (directory) {
            make(target);
        } else if (!exists(target)) {
            puppet.call("mknod", target, S_IFREG | 0644, 0L);
        }
    }

    private void make(String directory) {
        if (!exists(directory)) {
            puppet.call("mkdir", directory, 0755);
        }
    }
}
