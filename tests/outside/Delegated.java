package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Cgroups that root has given to an ordinary user, as systemd does by Delegate=yes: the directory, cgroup.procs and
 * cgroup.subtree_control are the user's, the limits are root's; cgroups(7), "Delegation".
 *
 * <p>What is started while this JVM stands there stands there too. {@link #close} goes back and takes them away.
 */
public final class Delegated implements AutoCloseable {
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "cpuacct", "cpuset");

    private final List<Path> made = new ArrayList<>();
    private final List<Path> origins = new ArrayList<>();

    /** Makes them, in the trees of all controllers that are there, and goes in. Root only. */
    public Delegated(long uid) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        for (var controller : CONTROLLERS) {
            var own = Cgroups.directory(Proc.self(), controller).orElse(null);
            if (own == null || origins.contains(own)) continue;
            try {
                enter(own, uid);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void enter(Path own, long uid) throws IOException {
        var parent = own;
        // A cgroup of v2 that has processes gives no controller away: the nearest one above that does.
        if (Cgroups.v2(own)) while (!Cgroups.read(parent, "cgroup.subtree_control").contains("pids")) parent = parent.getParent();
        var given = Files.createDirectory(parent.resolve("nslabs-given-" + Scratch.RUN));
        made.add(given);
        for (var file : List.of("cpuset.cpus", "cpuset.mems"))
            if (!Cgroups.v2(own) && Files.exists(given.resolve(file))) Cgroups.write(given, file, Cgroups.read(parent, file));
        var stand = given;
        if (Cgroups.v2(own)) {
            for (var controller : Cgroups.read(given, "cgroup.controllers").split(" ")) Cgroups.write(given, "cgroup.subtree_control", "+" + controller);
            stand = Files.createDirectory(given.resolve("stand"));
            made.add(stand);
        }
        for (var folder : List.of(given, stand))
            Ran.command("sh", "-c", "cd " + folder + " && for f in . cgroup.procs cgroup.subtree_control cgroup.threads tasks; do [ ! -e $f ] || chown " + uid + " $f; done").okay();
        origins.add(own);
        var refused = Cgroups.write(stand, "cgroup.procs", "" + ProcessHandle.current().pid());
        if (!refused.isEmpty()) throw new IOException(stand + ": " + refused);
    }

    @Override
    public void close() {
        for (var origin : origins) Cgroups.write(origin, "cgroup.procs", "" + ProcessHandle.current().pid());
        origins.clear();
        made.stream().sorted(Comparator.reverseOrder()).forEach(folder -> {
            try {
                Files.deleteIfExists(folder);
            } catch (IOException busy) {
                System.err.println("could not remove " + folder + ": " + busy.getMessage());
            }
        });
        made.clear();
    }
}
