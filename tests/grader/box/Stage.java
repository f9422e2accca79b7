package grader.box;

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kit.Errno;
import kit.Proc;
import kit.Tmpfs;

/**
 * The root of a box before anybody moves into it: what this machine's programs need, read-only, and nothing else. Root
 * makes it once per worker, in a mount namespace of that worker's thread; the boxes copy that namespace into a user namespace of
 * their own, where these mounts cannot be undone, mount_namespaces(7). An ordinary user makes it anew in each box.
 */
final class Stage {
    /** Where programs and libraries live; hier(7). The last three are NixOS's. */
    private static final List<String> SYSTEM = List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/run/current-system", "/run/opengl-driver");
    /** What of /etc programs look at. No list of accounts: that is written anew. */
    private static final List<String> ETC = List.of("alternatives", "ld.so.cache", "localtime", "os-release", "protocols", "services", "nsswitch.conf", "login.defs", "iproute2");
    private static final List<String> DEVICES = List.of("null", "zero", "full", "random", "urandom", "tty");

    /** Where it stands until it becomes the root. */
    final String root = Tmpfs.place();
    private final Path etc;
    private final Path jdk;
    private final List<Path> readable;
    private final List<Path> secret;
    private final Path answer;

    /**
     * @param work a directory of the grader's own, in which the answer's directory lies
     * @param readable further directories that appear in the box, at their own paths
     * @param secret what must not appear, even where a directory above it does
     */
    Stage(Path work, Path answer, Path jdk, List<Path> readable, List<Path> secret) throws IOException {
        this.answer = answer;
        this.jdk = jdk;
        this.readable = readable;
        this.secret = secret;
        etc = work.resolve("etc");
        if (!Files.isDirectory(etc)) writeEtc();
    }

    private void writeEtc() throws IOException {
        Files.createDirectories(etc);
        Files.writeString(etc.resolve("passwd"), "root:x:0:0:root:/home/student:/bin/sh\nstudent:x:1000:1000:student:/home/student:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
        Files.writeString(etc.resolve("group"), "root:x:0:\nstudent:x:1000:\nnogroup:x:65534:\n");
        Files.writeString(etc.resolve("hosts"), "127.0.0.1 localhost\n");
        Files.writeString(etc.resolve("hostname"), "box\n");
        Files.createFile(etc.resolve("mtab"));
    }

    /** Makes it. {@code hands} stand in a mount namespace of their own. */
    void build(Hands hands) {
        hands.call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null);
        hands.call("mount", "box", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m,nr_inodes=1000");
        for (String directory : SYSTEM) {
            Path path = Path.of(directory);
            if (Files.isSymbolicLink(path)) {
                parents(hands, directory);
                hands.call("symlink", Proc.readlink(directory), root + directory);
            } else if (Files.isDirectory(path)) {
                bind(hands, directory, directory);
            }
        }
        directory(hands, "/etc");
        bindFiles(hands);
        if (SYSTEM.stream().noneMatch(jdk::startsWith)) bind(hands, jdk.toString(), jdk.toString());
        mask(hands);
        readable.forEach(each -> bind(hands, each.toString(), each.toString()));
        for (Path path : readable) bind(hands, path.toString(), spare(path));
        directory(hands, "/answer");
        bind(hands, answer.toString(), "/answer");
        for (String directory : List.of("/proc", "/sys", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/home/student", "/tmp", "/var", "/run", "/mnt")) directory(hands, directory);
        hands.attempt("symlink", "../tmp", root + "/var/tmp");
        for (String device : DEVICES) {
            file(hands, "/dev/" + device);
            hands.call("mount", "/dev/" + device, root + "/dev/" + device, null, MS_BIND, null);
        }
        hands.call("symlink", "/proc/self/fd", root + "/dev/fd");
        hands.call("symlink", "/proc/self/fd/0", root + "/dev/stdin");
        hands.call("symlink", "/proc/self/fd/1", root + "/dev/stdout");
        hands.call("symlink", "/proc/self/fd/2", root + "/dev/stderr");
        hands.call("symlink", "pts/ptmx", root + "/dev/ptmx");
    }

    /** Shows again what a writable place has just covered, such as a workbook that lies in /tmp. */
    void uncover(Hands hands, String place) {
        for (Path path : readable) {
            if (!path.startsWith(place)) continue;
            directory(hands, path.toString());
            hands.call("mount", root + spare(path), root + path, null, MS_BIND | MS_REC, null);
        }
    }

    private String spare(Path path) {
        return "/run/" + readable.indexOf(path);
    }

    private void bindFiles(Hands hands) {
        try {
            List<String> names = new ArrayList<>(ETC);
            try (var all = Files.list(Path.of("/etc"))) {
                all.map(each -> each.getFileName().toString()).filter(name -> name.matches("java.*")).forEach(names::add); // Debian's JDK has its settings there
            }
            for (String name : names) {
                Path path = Path.of("/etc", name);
                if (Files.isDirectory(path)) {
                    bind(hands, "/etc/" + name, "/etc/" + name);
                } else if (Files.isReadable(path)) {
                    bindFile(hands, path.toRealPath().toString(), "/etc/" + name);
                }
            }
            try (var own = Files.list(etc)) {
                for (Path file : own.sorted().toList()) bindFile(hands, file.toString(), "/etc/" + file.getFileName());
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Whether the box may show a path although it lies in a secret place. */
    boolean shows(Path path) {
        return readable.stream().anyMatch(each -> each.startsWith(path)) || jdk.startsWith(path);
    }

    /** Lays an empty directory over what is nobody's business. */
    private void mask(Hands hands) {
        for (Path path : secret) {
            if (SYSTEM.stream().anyMatch(path::startsWith) && Files.isDirectory(path)) {
                hands.call("mount", "none", root + path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64k");
            }
        }
    }

    private void bind(Hands hands, String from, String to) {
        directory(hands, to);
        hands.call("mount", from, root + to, null, MS_BIND | MS_REC, null);
        readOnly(hands, to);
    }

    private void bindFile(Hands hands, String from, String to) {
        file(hands, to);
        hands.call("mount", from, root + to, null, MS_BIND, null);
        readOnly(hands, to);
    }

    /** A bind mount takes its options in a second call, each mount below it its own, and one that a mount has already must stay. */
    private void readOnly(Hands hands, String path) {
        for (String line : Proc.read(mountinfo(hands)).lines().toList()) {
            String[] cells = line.split(" ");
            String point = cells[4].replace("\\040", " ");
            if (!point.equals(root + path) && !point.startsWith(root + path + "/")) continue;
            long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
            for (String option : cells[5].split(",")) {
                flags |= switch (option) {
                    case "noexec" -> MS_NOEXEC;
                    case "noatime" -> MS_NOATIME;
                    case "nodiratime" -> MS_NODIRATIME;
                    case "relatime" -> MS_RELATIME;
                    default -> 0;
                };
            }
            hands.call("mount", "none", point, null, flags, null);
        }
    }

    private static String mountinfo(Hands hands) {
        return hands == Hands.OWN ? "/proc/thread-self/mountinfo" : hands.seen("").replaceFirst("/root$", "/mountinfo");
    }

    private void parents(Hands hands, String path) {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) make(hands, "mkdir", path.substring(0, slash), 0755);
    }

    private void directory(Hands hands, String path) {
        if (Files.isDirectory(Path.of(hands.seen(root + path)), LinkOption.NOFOLLOW_LINKS)) return;
        parents(hands, path);
        make(hands, "mkdir", path, 0755);
    }

    private void file(Hands hands, String path) {
        parents(hands, path);
        make(hands, "mknod", path, S_IFREG | 0644, 0L);
    }

    private void make(Hands hands, String function, String path, Object... rest) {
        Object[] all = new Object[rest.length + 1];
        all[0] = root + path;
        System.arraycopy(rest, 0, all, 1, rest.length);
        int errno = hands.attempt(function, all);
        if (errno != 0 && errno != Errno.number("EEXIST") && errno != Errno.number("EROFS")) throw new kit.Problem(function + "(\"" + root + path + "\")", errno, 0);
    }
}
