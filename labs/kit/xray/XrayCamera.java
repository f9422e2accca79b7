//SOURCES Xray.java
//SOURCES ../Puppet.java
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

    /** For an id that has none in our user namespace; (uid_t) -1. */
    private static final String NOBODY = "4294967295";

    /** What of the mounts says how much of the kernel's own files can be seen and written. */
    private static final String MOUNTS = "/(proc|sys)(/.*)?";

    /**
     * Takes the picture of a process.
     *
     * @throws Problem if it has ended
     */
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
                ask(shell, file, files);
            }
        });
        if (!files.containsKey("status")) {
            throw new Problem("read(/proc/" + pid + "/status)", Errno.ESRCH, new Diagnosis(true, "there is no process " + pid + " here", "ps -e shows them"));
        }
        files.computeIfPresent("mountinfo", (file, text) -> String.join("\n", text.lines().filter(line -> line.split(" ")[4].matches(MOUNTS)).toList()));
        for (String map : List.of("uid_map", "gid_map")) {
            files.computeIfPresent(map, (file, text) -> asOutside(file, text, files.get("ns/user")));
            if (Xray.ids(files, map).stream().anyMatch(line -> line.split(" ")[1].equals(NOBODY))) {
                ask(shell, map, files); // who is in the user namespace itself reads its parent's ids
            }
        }
        return new Xray(files, init(pid, files), root(pid, files));
    }

    private static void ask(Child shell, String file, Map<String, String> files) {
        Output answer = shell == null ? new Output(1, "") : shell.run((file.startsWith("ns/") ? "readlink" : "cat") + " /proc/$$/" + file);
        if (answer.ok()) {
            files.put(file, answer.text());
        }
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
        String variable = "NAMESPACE_LABS_XRAY_" + name + "_", handed = System.getenv(variable + getppid());
        if (handed == null) {
            Xray picture = of(pid);
            setenv(variable + getpid(), JsonWriter.string(new JsonObject(Map.of("files", picture.files(), "init", picture.init(), "root", picture.root()))), 1);
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
     * eyes down, and the old root is still above. Where nothing was pivoted it is the copy of a root directory that we have too.
     */
    private static String root(long pid, Map<String, String> files) {
        if (!files.containsKey("ns/mnt")) {
            return Xray.UNKNOWN;
        }
        try {
            Place ours = Place.of("/proc/self/root"), its = Place.of("/proc/" + pid + "/root");
            boolean elsewhere = !Namespace.MNT.ofThisThread().equals(files.get("ns/mnt"));
            if (!(elsewhere ? top(pid) : ours).equals(its)) {
                return "chroot";
            }
            return ours.file.equals(its.file) ? "shared" : "pivoted";
        } catch (LastErrorException | UncheckedIOException | Problem e) {
            return Xray.UNKNOWN; // we may look at it, but not enter it
        }
    }

    /** Where setns(2) leads to, by a visitor: a process with one thread, which may enter the owning user namespace on the way if it must. */
    private static Place top(long pid) {
        int mnt = open("/proc/" + pid + "/ns/mnt", O_RDONLY | O_CLOEXEC, 0), owner = ioctl(mnt, NS_GET_USERNS, null);
        try (Puppet visitor = new Puppet().start(0, UserMap.NONE)) {
            if (visitor.attempt("setns", mnt, CLONE_NEWNS) != 0) {
                visitor.call("setns", owner, CLONE_NEWUSER);
                visitor.call("setns", mnt, CLONE_NEWNS);
                visitor.call("prctl", PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); // or its files in /proc would be root's
            }
            return Place.of("/proc/" + visitor.pid() + "/root");
        } finally {
            close(owner);
            close(mnt);
        }
    }

    /** A directory, and the mount through which it is seen: the same one can be seen through several. */
    private record Place(String mount, String file) {
        static Place of(String path) {
            int fd = open(path, O_PATH | O_CLOEXEC, 0);
            try {
                Path opened = Path.of("/proc/self/fd/" + fd);
                return new Place(Proc.read("/proc/self/fdinfo/" + fd).lines().filter(line -> line.startsWith("mnt_id:")).findFirst().orElseThrow(),
                        Files.getAttribute(opened, "unix:dev") + " " + Files.getAttribute(opened, "unix:ino"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                close(fd);
            }
        }
    }
}
