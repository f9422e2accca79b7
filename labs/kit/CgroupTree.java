package kit;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** One tree of cgroups: a line of /proc/self/cgroup, and where it is mounted (null if nowhere that helps); cgroups(7). */
public record CgroupTree(String id, String options, String path, String mountPoint, String root) {
    public static List<CgroupTree> all() {
        List<String[]> mounts = Proc.read("/proc/self/mountinfo").lines().map(line -> line.split(" ")).toList();
        return Proc.read("/proc/self/cgroup").lines().map(line -> line.split(":", 3)).map(line -> mounts.stream().filter(mount -> {
            int end = Arrays.asList(mount).indexOf("-");
            boolean same = line[0].equals("0") ? mount[end + 1].equals("cgroup2") : mount[end + 1].equals("cgroup")
                    && Arrays.asList(mount[end + 3].split(",")).containsAll(List.of(line[1].split(",")));
            return same && Path.of(line[2]).startsWith(mount[3]); // not a mount made in another cgroup namespace: /..
        }).findFirst().map(mount -> new CgroupTree(line[0], line[1], line[2], mount[4], mount[3])).orElse(new CgroupTree(line[0], line[1], line[2], null, null)))
                .sorted((a, b) -> Boolean.compare(b.unified(), a.unified())).toList();
    }

    /** The topmost directory of a tree that is mounted here and such as asked for; null if there is none. */
    public static String top(Predicate<Path> wanted) {
        return all().stream().map(CgroupTree::mountPoint).filter(top -> top != null && wanted.test(Path.of(top))).findFirst().orElse(null);
    }

    public boolean unified() {
        return id.equals("0");
    }

    /** Whether a cgroup namespace is a border for its processes: a mount option of v2; cgroups(7). */
    public boolean nsdelegate() {
        return Proc.mountsAt(Proc.read("/proc/self/mountinfo"), mountPoint).contains("nsdelegate");
    }

    public String type() {
        return unified() ? "cgroup2" : "cgroup";
    }

    /** The directory of a cgroup of this tree. */
    public String at(String path) {
        return Path.of(mountPoint, Path.of(root).relativize(Path.of(path)).toString()).toString();
    }

    public String directory() {
        return mountPoint == null ? "/none" : at(path);
    }

    /** The path in this tree by the text of a /proc/PID/cgroup. */
    public static String path(String text, String id) {
        return text.lines().filter(line -> line.startsWith(id + ":")).map(line -> line.split(":", 3)[2]).findFirst().orElse("none");
    }
}
