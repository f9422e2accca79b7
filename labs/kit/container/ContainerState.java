package kit.container;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kit.*;

/**
 * What is known of the containers that one user runs: a folder for each, in a folder that only that user can enter. A PID
 * says little, for PIDs come again; with the time when the process started it says which process is meant; proc(5).
 */
public final class ContainerState {
    public final String id;
    private final Path folder;
    private JsonObject state;

    private ContainerState(Path folder, JsonObject state) {
        this.id = folder.getFileName().toString();
        this.folder = folder;
        this.state = state;
    }

    /** Where they are: in the user's own runtime directory or, without one, in a folder below /run or /tmp. */
    private static Path place() {
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        Path place = runtime != null && mine(Path.of(runtime)) ? Path.of(runtime, "namespace-labs")
                : Path.of(Files.isWritable(Path.of("/run")) ? "/run" : "/tmp", "namespace-labs-" + Libc.getuid());
        try {
            if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(place, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + place, e);
        }
        if (!mine(place)) {
            throw new IllegalStateException(place + " is not yours alone; set XDG_RUNTIME_DIR to a folder of yours that nobody else can enter");
        }
        return place;
    }

    private static boolean mine(Path folder) {
        try {
            return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && (int) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS) == Libc.getuid()
                    && PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)).endsWith("------");
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes a name for a container of which this process is the supervisor. @throws Json.Wrong if the name is taken */
    public static ContainerState take(String id, JsonObject config) {
        all(); // clears away what is dead, which may have had this name
        try {
            Path part = Files.createDirectory(place().resolve("." + Libc.getpid()));
            ContainerState made = new ContainerState(part, new JsonObject());
            made.state.put("supervisor", process(Libc.getpid()));
            made.state.put("command", String.join(" ", Json.of(config).at("process").at("args").texts()));
            made.write("config.json", JsonWriter.string(config));
            made.save();
            try {
                Files.move(part, part.resolveSibling(id), StandardCopyOption.ATOMIC_MOVE); // so nobody sees a folder with half of it
            } catch (FileSystemException e) {
                made.remove();
                throw new Json.Wrong("there is a container " + id + " already; remove it: rm " + id);
            }
            return new ContainerState(part.resolveSibling(id), made.state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The containers that run, that are kept, or whose supervisor still lives. What a killed one has left is removed. */
    public static List<ContainerState> all() {
        List<ContainerState> all = new ArrayList<>();
        try (Stream<Path> folders = Files.list(place())) {
            for (Path folder : folders.sorted().toList()) {
                Path file = folder.resolve("state.json");
                ContainerState each = new ContainerState(folder, Files.exists(file) ? ContainerConfig.parse(Files.readString(file)) : new JsonObject());
                boolean here = each.state.getString("namespace", "").equals(Namespace.PID.ofThisThread()); // elsewhere its PIDs mean others
                if (each.id.startsWith(".") ? !Proc.exists("/proc/" + each.id.substring(1)) : here && !each.runs() && !each.supervised() && each.exited() == null) {
                    each.remove();
                } else if (here) {
                    all.add(each);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** @throws Json.Wrong if there is none */
    public static ContainerState of(String id) {
        return all().stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow(() -> new Json.Wrong("there is no container " + id + "; ps lists them"));
    }

    private static String process(int pid) {
        return pid + " " + start(pid);
    }

    /** When a process started, in clock ticks since boot: field 22 of its stat file, the 20th after the name in parentheses. */
    private static String start(int pid) {
        String stat = Proc.read("/proc/" + pid + "/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return fields[0].matches("[ZX]") ? "ended" : fields[19];
    }

    private boolean alive(String who) {
        String[] words = state.getString(who, "0 none").split(" ");
        try {
            return start(Integer.parseInt(words[0])).equals(words[1]);
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    public boolean runs() {
        return alive("process");
    }

    public boolean supervised() {
        return alive("supervisor");
    }

    public int pid() {
        return Integer.parseInt(state.getString("process", "0").split(" ")[0]);
    }

    public String command() {
        return state.getString("command");
    }

    /** The exit status of one that has ended and was to be kept; null for others. */
    public Integer exited() {
        return state.has("exit") ? (Integer) state.getInt("exit") : null;
    }

    public void running(int pid) {
        state.put("process", process(pid));
        save();
    }

    public void exited(int status) {
        state.put("exit", status);
        save();
    }

    public Path log() {
        return folder.resolve("log");
    }

    public JsonObject config() {
        return ContainerConfig.parse(Proc.read(folder.resolve("config.json").toString()));
    }

    private void save() {
        state.put("namespace", Namespace.PID.ofThisThread());
        write("state.json", JsonWriter.string(state));
    }

    /** A reader finds the old text or the new one, never half of it. */
    private void write(String name, String text) {
        try {
            Path part = Files.writeString(folder.resolve(name + ".part"), text);
            Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void remove() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // somebody else was quicker
        }
    }
}
