package kit;

import static kit.Child.call;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;

/** Makes containers that have a root directory of their own and nothing else, but for what they are given; pivot_root(2). */
public final class Jail implements AutoCloseable {
    /** A mount namespace whose mounts tell nobody of changes, at any depth; mount_namespaces(7). */
    public static final long EVERYWHERE = MS_REC | MS_PRIVATE;

    /** The proc of the container's own PID namespace, and the one of the host. */
    public static final Child.Step OWN_PROC = call("mount", "proc", "proc", "proc", 0L, 0L);
    public static final Child.Step HOSTS_PROC = call("mount", "/proc", "proc", 0L, MS_BIND | MS_REC, 0L);

    private final Caller host;
    private final String root;
    private final List<Child> containers = new ArrayList<>();

    /** @param root a directory with programs and an empty file dev/null, where the host stands */
    public Jail(Caller host, String root) {
        this.host = host;
        this.root = root;
    }

    /** One more container with a shell in it; flags of clone(2) besides CLONE_NEWNS. The rest is what {@link #steps} takes. */
    public Child container(int flags, long propagation, List<Child.Step> mounts, Child.Step... then) {
        return container(flags, UserMap.root(), propagation, mounts, then);
    }

    /** The same with other user-id maps; they count only with CLONE_NEWUSER. */
    public Child container(int flags, UserMap map, long propagation, List<Child.Step> mounts, Child.Step... then) {
        Child child = host.call(() -> Child.clone(CLONE_NEWNS | flags, map, steps(propagation, mounts, then).toArray(Child.Step[]::new)));
        containers.add(child);
        child.sh(":"); // now every step has been taken
        return child;
    }

    /** A container with this terminal, a PID namespace and its own proc, in which no hole was left on purpose. */
    public Child shell() {
        return host.call(() -> Child.interactive(CLONE_NEWNS | CLONE_NEWPID, UserMap.NONE, steps(EVERYWHERE, List.of(OWN_PROC)), "/bin/sh"));
    }

    /** All that is done in a new mount namespace: mounts in the directory that becomes the root, the change of root, and the rest in the new one. */
    private List<Child.Step> steps(long propagation, List<Child.Step> mounts, Child.Step... then) {
        List<Child.Step> steps = new ArrayList<>(List.of(
                call("mount", "none", "/", 0L, propagation, 0L),
                call("mount", root, root, 0L, MS_BIND | MS_REC, 0L), // pivot_root(2) wants a mount point
                call("chdir", root),
                call("mount", "/dev/null", "dev/null", 0L, MS_BIND, 0L)));
        steps.addAll(mounts);
        steps.addAll(List.of(
                call("pivot_root", ".", "."),
                call("umount2", ".", MNT_DETACH),
                call("chdir", "/")));
        steps.addAll(List.of(then));
        return steps;
    }

    @Override
    public void close() {
        containers.forEach(Child::close);
    }
}
