package kit.xray;

import static kit.Libc.*;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import com.grack.nanojson.JsonWriter;
import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kit.*;

/** Takes an {@link Xray} of a process: reads its files in /proc, and goes to the root of its mount namespace to compare. */
public final class XrayCamera {
    private XrayCamera() {}

    private static final List<String> FILES = List.of("status", "cgroup", "mountinfo", "uid_map", "gid_map", "limits", "oom_score_adj", "attr/current");

    /** What of the mounts says how much of the kernel's own files can be seen and written. */
    private static final String MOUNTS = "/(proc|sys)(/.*)?";

    /** Takes the picture of a process that is there. */
    public static Xray of(long pid) {
        return of(pid, null);
    }

    /**
     * The same with the help of a shell in the container, for what only its own processes may read.
     *
     * @param shell null, or a shell whose PID here is {@code pid}
     */
    public static Xray of(long pid, Child shell) {
        Map<String, String> files = new TreeMap<>();
        Stream.concat(FILES.stream(), Stream.of(Namespace.values()).map(type -> "ns/" + type.proc)).forEach(file -> {
            try {
                files.put(file, file.startsWith("ns/") ? Proc.readlink("/proc/" + pid + "/" + file) : Proc.read("/proc/" + pid + "/" + file));
            } catch (UncheckedIOException e) {
                Output answer = shell == null ? new Output(1, "") : shell.run((file.startsWith("ns/") ? "readlink" : "cat") + " /proc/$$/" + file);
                if (answer.status() == 0) {
                    files.put(file, answer.text());
                }
            }
        });
        files.computeIfPresent("mountinfo", (file, text) -> String.join("\n", text.lines().filter(line -> line.split(" ")[4].matches(MOUNTS)).toList()));
        List.of("uid_map", "gid_map").forEach(map -> files.computeIfPresent(map, (file, text) -> asOutside(file, text, files.get("ns/user"))));
        return new Xray(files, init(pid, files), root(pid, files));
    }

    /** The map of another user namespace tells our ids. Where we are in one with a single id, that one is somebody else outside. */
    private static String asOutside(String file, String text, String namespace) {
        String[] ours = Proc.read("/proc/self/" + file).strip().split("\\s+");
        boolean other = namespace != null && !namespace.equals(Namespace.USER.ofThisThread());
        return other && ours[2].equals("1") ? text.strip().replaceFirst("^(\\d+)\\s+" + ours[0] + "\\s", "$1 " + ours[1] + " ") : text;
    }

    /**
     * The picture that the student's own eyes see, by a name of our own. An ordinary user's lab runs in a second JVM, in a user
     * namespace, from where the host can hardly be seen; so the first JVM takes the picture and hands it on in its environment.
     */
    public static Xray beforehand(String name, long pid) {
        String variable = "NAMESPACE_LABS_XRAY_" + name, handed = System.getenv(variable);
        if (handed == null) {
            Xray picture = of(pid);
            setenv(variable, JsonWriter.string(new JsonObject(Map.of("files", picture.files(), "init", picture.init(), "root", picture.root()))), 1);
            return picture;
        }
        try {
            JsonObject picture = JsonParser.object().from(handed);
            Map<String, String> files = new TreeMap<>();
            picture.getObject("files").forEach((file, text) -> files.put(file, (String) text));
            return new Xray(files, picture.getString("init"), picture.getString("root"));
        } catch (JsonParserException e) {
            throw new IllegalStateException(variable + " is not ours", e);
        }
    }

    private static String init(long pid, Map<String, String> files) {
        if (Xray.status(files, "NSpid").matches("(.* )?1")) {
            return "itself";
        }
        if (Namespace.PID.ofThisThread().equals(files.get("ns/pid")) && Proc.exists("/proc/1/comm")) {
            return Proc.read("/proc/1/comm");
        }
        int init = files.containsKey("ns/pid") ? Proc.pidOf(files.get("ns/pid"), "1") : 0;
        return init == 0 ? Xray.UNKNOWN : Proc.read("/proc/" + init + "/comm");
    }

    /**
     * How its root directory came about. setns(2) to a mount namespace leads to the root of that namespace. Is that the very
     * directory that is the process's root, then pivot_root(2) has put it there; if not, chroot(2) has only turned the process's
     * eyes down, and the old root is still above.
     */
    private static String root(long pid, Map<String, String> files) {
        if (!files.containsKey("ns/mnt")) {
            return Xray.UNKNOWN;
        }
        try (Caller visitor = new Caller("visitor")) {
            boolean elsewhere = !visitor.link(Namespace.MNT).equals(files.get("ns/mnt"));
            if (elsewhere) {
                visitor.run(() -> unshare(CLONE_FS)); // threads share their root directory, and setns(2) changes it: EINVAL
                int namespace = open("/proc/" + pid + "/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
                try {
                    visitor.run(() -> setns(namespace, CLONE_NEWNS));
                } finally {
                    close(namespace);
                }
            }
            boolean top = directory("/proc/" + visitor.tid() + "/root").equals(directory("/proc/" + pid + "/root"));
            return !top ? "chroot" : elsewhere ? "pivot_root" : "as ours";
        } catch (LastErrorException | UncheckedIOException e) {
            return Xray.UNKNOWN; // we may look at it, but not enter it
        }
    }

    /** Mount and inode of a directory: the same inode can be seen through several mounts. */
    private static String directory(String path) {
        int fd = open(path, O_PATH | O_CLOEXEC, 0);
        try {
            String mount = Proc.read("/proc/self/fdinfo/" + fd).lines().filter(line -> line.startsWith("mnt_id:")).findFirst().orElseThrow();
            return mount + " " + Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            close(fd);
        }
    }
}
