package kit;

import static kit.Child.call;
import static kit.Libc.*;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cgroup that the lab has made, and what is below it. The kernel removes no cgroup when a lab is killed. So a shell
 * waits beside the lab for the end of its input, which comes however the lab ends, and removes it then.
 */
public final class OwnCgroup implements AutoCloseable {
    private static final String WATCHER = """
        read -r nothing
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ -d "$0" ] || exit 0
            find "$0" -depth -type d | while read -r cgroup; do kill -9 $(cat "$cgroup"/cgroup.procs); rmdir "$cgroup"; done
            [ -d "$0" ] && sleep 0.1
        done
        """;

    /** Its directory. */
    public final String path;

    private final Process watcher; // null for one below another
    private final List<OwnCgroup> below = new ArrayList<>();
    private int procs = -1;

    private OwnCgroup(String path, Process watcher) {
        this.path = path;
        this.watcher = watcher;
    }

    /**
     * Makes one.
     *
     * @param parent the directory of the cgroup that it will be in, where we may write
     * @param purpose ends its name; each of a lab's has another one
     */
    public static OwnCgroup make(Lab lab, String parent, String purpose) throws IOException {
        return make(parent, lab.token().hex("cgroup") + purpose);
    }

    /** The same with all of what ends its name. */
    public static OwnCgroup make(String parent, String ending) throws IOException {
        String pattern = "nslabs-" + Namespace.PID.ofThisThread().replaceAll("\\D", "") + "-"; // PIDs mean nothing in another one
        sweep(new File(parent), pattern);
        String path = parent.replaceFirst("/$", "") + "/" + pattern + getpid() + "-" + ending;
        Process watcher = new ProcessBuilder("setsid", "sh", "-c", WATCHER, path).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        makeDirectory(path);
        return new OwnCgroup(path, watcher);
    }

    /** One that everybody may look into, whatever the umask is. */
    private static void makeDirectory(String path) {
        mkdir(path, 0755);
        chmod(path, 0755);
    }

    /** What earlier runs left whose watcher was killed too. Only empty cgroups can be removed, rmdir(2). */
    private static void sweep(File parent, String pattern) {
        for (String name : parent.list((dir, each) -> each.startsWith(pattern))) {
            if (!Proc.exists("/proc/" + name.substring(pattern.length()).replaceFirst("-.*", ""))) {
                remove(new File(parent, name));
            }
        }
    }

    private static void remove(File directory) {
        File[] below = directory.listFiles(File::isDirectory);
        if (below != null) { // else somebody else has just removed it
            Stream.of(below).forEach(OwnCgroup::remove);
        }
        directory.delete();
    }

    /** Makes another one below this one. */
    public OwnCgroup below(String name) {
        OwnCgroup made = new OwnCgroup(path + "/" + name, null);
        makeDirectory(made.path);
        below.add(made);
        return made;
    }

    /** The calls by which a child comes here, and what it calls then; "0" means the process that writes. */
    public Child.Step[] enter(Child.Step... then) {
        if (procs < 0) {
            procs = open(path + "/cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
        }
        List<Child.Step> steps = new ArrayList<>(List.of(then));
        steps.add(0, call("write", procs, "0", 1L));
        return steps.toArray(Child.Step[]::new);
    }

    /** The files that hold the limits of a controller; memory.pressure is there without it. */
    public List<String> limits(String controller) {
        return Stream.of(new File(path).list()).filter(name -> name.startsWith(controller + ".") && name.endsWith(".max")).toList();
    }

    public boolean has(String file) {
        return Files.exists(Path.of(path, file));
    }

    public String read(String file) {
        return Proc.read(path + "/" + file);
    }

    /** The number after a word, in a file of lines such as {@code oom_kill 1}; -1 if there is none. */
    public long read(String file, String word) {
        return read(file).lines().filter(line -> line.startsWith(word + " ")).mapToLong(line -> Long.parseLong(line.split(" ")[1])).findFirst().orElse(-1);
    }

    public void write(String file, String text) {
        Proc.write(path + "/" + file, text);
    }

    private void forget() {
        below.forEach(OwnCgroup::forget);
        if (procs >= 0) {
            Libc.close(procs);
        }
    }

    @Override
    public void close() throws IOException {
        forget();
        try (OutputStream input = watcher.getOutputStream()) {
            input.write('\n'); // children that are still there may hold the other end of this pipe, too
        }
        watcher.onExit().join();
        if (Files.exists(Path.of(path))) {
            throw new IllegalStateException(path + " is still there");
        }
    }
}
