package outside;

import com.sun.jna.LastErrorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** Runs a command inside some of the namespaces of a process, by nsenter(1): the way in that the labs do not use. */
public final class Enter {
    private static final Map<String, String> OPTION = Map.of("mnt", "mount", "uts", "uts", "ipc", "ipc", "net", "net",
            "pid", "pid", "user", "user", "cgroup", "cgroup", "time", "time");

    private final Proc target;
    private final List<String> types;
    private final List<String> files;
    private final boolean asRoot;

    private Enter(Proc target, List<String> types, List<String> files, boolean asRoot) {
        this.target = target;
        this.types = types;
        this.files = files;
        this.asRoot = asRoot;
    }

    /** The namespaces of a process, by their names in /proc/PID/ns: {@code Enter.the(inside, "uts").text("hostname")}. */
    public static Enter the(Proc target, String... types) {
        return new Enter(target, List.of(types), List.of(), false);
    }

    /** And the namespace of this type that is kept by a file. */
    public Enter by(String type, Path file) {
        return new Enter(target, types, Stream.concat(files.stream(), Stream.of("--" + OPTION.get(type) + "=" + file)).toList(), asRoot);
    }

    /** For a program that needs capabilities, such as ping(8): only as uid 0 of the user namespace it has them after execve(2). */
    public Enter asRoot() {
        return new Enter(target, types, files, true);
    }

    /** The command's output; fails if the command fails. */
    public String text(String... command) {
        return run(command).text();
    }

    /** The command's end, whatever it is. With "pid" among the types it is a child of nsenter, hence a member. */
    public Ran run(String... command) {
        // Root has every capability in every user namespace below. Another user has them only in the namespaces that a
        // user namespace of its own owns, and only once inside that (user_namespaces(7), "Capabilities").
        if (As.TESTS_ARE_ROOT || types.contains("user") || !target.apartFrom(Proc.self()).contains("user")) return run(List.of(), command);
        Function<Path, Ran> through = user -> run(asRoot ? List.of("--user=" + user, "--setuid=0") : List.of("--user=" + user), command);
        var own = target.folder().resolve("ns/user");
        if (types.isEmpty()) return through.apply(own);
        try {
            return Nsfs.atOwner(target.folder().resolve("ns").resolve(types.get(0)), through);
        } catch (LastErrorException above) {
            return through.apply(own); // the owner is not below us: then nsenter tells what the kernel says
        }
    }

    private Ran run(List<String> user, String... command) {
        var line = new ArrayList<>(List.of("nsenter"));
        for (var type : types) line.add("--" + OPTION.get(type) + "=" + target.folder() + "/ns/" + type);
        line.addAll(files);
        line.addAll(user);
        // Without this nsenter becomes uid 0 and drops its groups, which a map of one id does not allow.
        if (line.stream().anyMatch(word -> word.startsWith("--user="))) line.add("--preserve-credentials");
        line.add("--");
        line.addAll(List.of(command));
        return Ran.command(line.toArray(String[]::new));
    }
}
