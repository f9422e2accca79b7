package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Cgroups that root has given to an ordinary user, as systemd does by Delegate=yes: the directory, cgroup.procs and
 * cgroup.subtree_control are the user's, the limits are root's; cgroups(7), "Delegation".
 *
 * <p>What is started while this JVM stands there stands there too. {@link #close} goes back and takes them away; what a run
 * leaves that was killed, the next one does.
 */
public final class Delegated implements AutoCloseable {
    private static final String NAME = "nslabs-given-";
    /** The last one is what v2 has on a machine where v1 has all others. */
    private static final List<String> CONTROLLERS = List.of("memory", "pids", "cpu", "cpuacct", "cpuset", "hugetlb");

    private final List<Path> made = new ArrayList<>();
    private final List<Path> origins = new ArrayList<>();

    /** Makes them, in the trees of all controllers that are there, and goes in. Root only. */
    public Delegated(long uid) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        for (var controller : CONTROLLERS) {
            var own = Cgroups.directory(Proc.self(), controller).orElse(null);
            if (own == null || origins.contains(own) || made.contains(own)) continue;
            try {
                enter(own, controller, uid);
            } catch (IOException e) {
                close();
                throw new UncheckedIOException(e);
            }
        }
    }

    private void enter(Path own, String controller, long uid) throws IOException {
        var parent = own;
        // A cgroup of v2 that has processes gives no controller away: the one above that gives the most, the nearest of these.
        if (Cgroups.v2(own)) {
            for (var above = own.getParent(); Cgroups.v2(above); above = above.getParent()) if (given(above).size() > given(parent).size()) parent = above;
            if (!given(parent).contains(controller)) return;
        }
        sweep(parent);
        var given = make(parent.resolve(NAME + ProcessHandle.current().pid()));
        for (var file : List.of("cpuset.cpus", "cpuset.mems"))
            if (!Cgroups.v2(own) && Files.exists(given.resolve(file))) Cgroups.write(given, file, Cgroups.read(parent, file));
        var stand = given;
        if (Cgroups.v2(own)) {
            for (var each : Cgroups.read(given, "cgroup.controllers").split(" ")) Cgroups.write(given, "cgroup.subtree_control", "+" + each);
            stand = make(given.resolve("stand"));
        }
        for (var folder : List.of(given, stand))
            Ran.command("sh", "-c", "cd " + folder + " && for f in . cgroup.procs cgroup.subtree_control cgroup.threads tasks; do [ ! -e $f ] || chown " + uid + " $f; done").okay();
        origins.add(own);
        var refused = Cgroups.write(stand, "cgroup.procs", "" + ProcessHandle.current().pid());
        if (!refused.isEmpty()) throw new IOException(stand + ": " + refused);
    }

    /** Those of our controllers that a cgroup of v2 gives to those below it. */
    private static List<String> given(Path cgroup) {
        return Stream.of(Cgroups.read(cgroup, "cgroup.subtree_control").split(" ")).filter(CONTROLLERS::contains).toList();
    }

    private Path make(Path cgroup) throws IOException {
        made.add(Files.createDirectory(cgroup));
        return cgroup;
    }

    /** What tests left that were killed: the number in the name is nobody's. A cgroup with processes cannot be removed, rmdir(2). */
    private static void sweep(Path parent) {
        Ran.names(parent).filter(name -> name.startsWith(NAME) && !Files.exists(Path.of("/proc", name.substring(NAME.length())))).map(parent::resolve)
                .forEach(left -> List.of(left.resolve("stand"), left).forEach(Delegated::remove));
    }

    private static void remove(Path cgroup) {
        try {
            Files.deleteIfExists(cgroup);
        } catch (IOException busy) {
            System.err.println("could not remove " + cgroup + ": " + busy.getMessage());
        }
    }

    @Override
    public void close() {
        for (var origin : origins) Cgroups.write(origin, "cgroup.procs", "" + ProcessHandle.current().pid());
        origins.clear();
        made.stream().sorted(Comparator.reverseOrder()).forEach(Delegated::remove);
        made.clear();
    }
}
