package kit.container;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kit.*;

/** The cgroups that limit a container: one below each tree that has a controller which is needed; cgroups(7). None without limits. */
final class ContainerCgroup implements AutoCloseable {
    private final List<OwnCgroup> cgroups = new ArrayList<>();

    private ContainerCgroup() {}

    /** @throws Problem where a limit cannot be had: a container that lacks one is not started */
    static ContainerCgroup make(ContainerSpec spec) {
        Map<String, Map<String, String>> v1 = new TreeMap<>(), v2 = new TreeMap<>();
        if (spec.memory > 0) {
            v1.put("memory", Map.of("memory.limit_in_bytes", "" + spec.memory));
            v2.put("memory", Map.of("memory.max", "" + spec.memory));
        }
        if (spec.pids > 0) {
            v1.put("pids", Map.of("pids.max", "" + spec.pids));
            v2.put("pids", v1.get("pids"));
        }
        if (spec.cpuQuota > 0) {
            v1.put("cpu", new TreeMap<>(Map.of("cpu.cfs_period_us", "" + spec.cpuPeriod, "cpu.cfs_quota_us", "" + spec.cpuQuota)));
            v2.put("cpu", Map.of("cpu.max", spec.cpuQuota + " " + spec.cpuPeriod));
        }
        ContainerCgroup made = new ContainerCgroup();
        try {
            v1.keySet().removeIf(controller -> made.v1(controller, v1.get(controller)));
            v2.keySet().retainAll(v1.keySet());
            if (!v2.isEmpty()) {
                made.v2(v2);
            }
            return made;
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Whether a tree of version 1 has this controller; then the limits stand in a new cgroup of it. */
    private boolean v1(String controller, Map<String, String> files) {
        CgroupTree tree = CgroupTree.all().stream().filter(each -> !each.unified() && each.mountPoint() != null
                && Arrays.asList(each.options().split(",")).contains(controller)).findFirst().orElse(null);
        if (tree != null) {
            make(tree.directory(), "the controller " + controller + " of cgroup v1 belongs to root here; run as root", files);
        }
        return tree != null;
    }

    /** In version 2 a process must not stand beside a cgroup with controllers: so from ours upwards, the first that gives them. */
    private void v2(Map<String, Map<String, String>> wanted) {
        CgroupTree tree = CgroupTree.all().stream().filter(each -> each.unified() && each.mountPoint() != null).findFirst().orElse(null);
        String remedy = "run as root, or as systemd lets an ordinary user: systemd-run --user --scope COMMAND";
        for (Path at = tree == null ? null : Path.of(tree.directory()); at != null && at.startsWith(tree.mountPoint()); at = at.getParent()) {
            if (Files.isWritable(at) && Files.isWritable(at.resolve("cgroup.procs"))) {
                Path file = at.resolve("cgroup.subtree_control");
                for (String controller : wanted.keySet()) {
                    Errno.of(() -> Proc.write(file.toString(), "+" + controller)); // where it is on already nothing happens
                }
                if (Arrays.asList(Proc.read(file.toString()).split(" ")).containsAll(wanted.keySet())) {
                    Map<String, String> files = new TreeMap<>();
                    wanted.values().forEach(files::putAll);
                    make(at.toString(), remedy, files);
                    return;
                }
            }
        }
        throw new Problem("cgroup " + String.join(", ", wanted.keySet()), Errno.EACCES, new Diagnosis(true, "no cgroup gives you the controller", remedy));
    }

    private void make(String parent, String obstacle, Map<String, String> files) {
        try {
            OwnCgroup cgroup = OwnCgroup.make(parent, "container" + cgroups.size());
            cgroups.add(cgroup);
            files.forEach(cgroup::write);
        } catch (IOException | LastErrorException e) {
            int semicolon = obstacle.lastIndexOf(';');
            throw new Problem("cgroup " + String.join(", ", files.keySet()) + " in " + parent, e instanceof LastErrorException errno ? errno.getErrorCode() : Errno.EACCES,
                    new Diagnosis(true, semicolon < 0 ? "this cgroup is not yours" : obstacle.substring(0, semicolon), obstacle.substring(semicolon + 1).strip()));
        }
    }

    /** Moves a process here. */
    void add(int pid) {
        cgroups.forEach(cgroup -> cgroup.write("cgroup.procs", "" + pid));
    }

    @Override
    public void close() {
        for (OwnCgroup cgroup : cgroups) {
            try {
                cgroup.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
