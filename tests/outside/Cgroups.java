package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the cgroups of a process are among the mounted files, for each controller; cgroups(7). */
public final class Cgroups {
    private Cgroups() {}

    /** The directory of its cgroup in the tree of a controller (memory), of v1 or v2; in that of v2 by the name "". Empty if none is mounted. */
    public static Optional<Path> directory(Proc who, String controller) {
        return Stream.of(controller, "").flatMap(name -> who.cgroups().entrySet().stream().filter(each -> List.of(each.getKey().split(",")).contains(name)))
                .findFirst().flatMap(tree -> Proc.self().mounts().stream().filter(mount -> tree.getKey().isEmpty() ? mount.type().equals("cgroup2")
                        : mount.type().equals("cgroup") && List.of(mount.superOptions().split(",")).containsAll(List.of(tree.getKey().split(","))))
                        .filter(mount -> Path.of(tree.getValue()).startsWith(mount.root())).findFirst()
                        .map(mount -> Path.of(mount.point(), Path.of(mount.root()).relativize(Path.of(tree.getValue())).toString())));
    }

    /** Whether a directory is one of cgroup v2: only these have the file. */
    public static boolean v2(Path directory) {
        return Files.exists(directory.resolve("cgroup.controllers"));
    }

    /** A file's text without the line end. */
    public static String read(Path directory, String file) {
        try {
            return Files.readString(directory.resolve(file)).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number behind a word, in a file of lines such as {@code oom_kill 1}. */
    public static long read(Path directory, String file, String word) {
        return read(directory, file).lines().filter(line -> line.startsWith(word + " ")).mapToLong(line -> Long.parseLong(line.split(" ")[1])).findFirst()
                .orElseThrow(() -> new AssertionError("no " + word + " in " + directory.resolve(file)));
    }

    /** How many processes were killed because there was no memory left for them in the cgroup. */
    public static long kills(Path directory) {
        return read(directory, v2(directory) ? "memory.events" : "memory.oom_control", "oom_kill");
    }

    /** Whether the cgroup has limits of this controller in cgroup v2. */
    public static boolean limits(Path directory, String controller) {
        return Ran.names(directory).anyMatch(name -> name.startsWith(controller + ".") && name.endsWith(".max"));
    }

    /** The uid to whom a cgroup, or a file of it, belongs. */
    public static int owner(Path file) {
        try {
            return (Integer) Files.getAttribute(file, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a shell script in a cgroup, as the user who runs the tests. */
    public static Ran run(Path directory, String script) {
        return Ran.command("sh", "-c", "echo $$ > " + directory + "/cgroup.procs && " + script);
    }

    /** What a write(2) to a file answers: an empty text, or the kernel's reason. */
    public static String write(Path directory, String file, String text) {
        try {
            Files.writeString(directory.resolve(file), text);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
