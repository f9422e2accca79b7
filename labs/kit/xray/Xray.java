package kit.xray;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;

/**
 * One process as /proc shows it to who stands outside: all that makes a container out of it. It is a picture: what it tells
 * was true when {@link XrayCamera} took it. Sources: proc(5), namespaces(7), capabilities(7), and the text of each method.
 *
 * @param files the files of /proc/PID, by name; one that we may not read is not in it
 * @param init the program that is PID 1 in its PID namespace, "itself" if that is the process, "?" if we cannot see it
 * @param root how its root directory came about: "pivot_root", "chroot", or "shared" if it is the directory that is ours
 */
public record Xray(Map<String, String> files, String init, String root) {
    /** For what the kernel does not show us: the ordinary user who looks at a process of root's. */
    public static final String UNKNOWN = "?";

    static String status(Map<String, String> files, String name) {
        return files.getOrDefault("status", "").lines().filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip().replaceAll("\\s+", " ")).findFirst().orElse(UNKNOWN);
    }

    /** A value of /proc/PID/status, such as NSpid, NoNewPrivs, Seccomp. */
    public String status(String name) {
        return status(files, name);
    }

    /** Any of the files, or "?". */
    public String file(String name) {
        return files.getOrDefault(name, UNKNOWN);
    }

    /** "apart" or "shared": whether it stands in another namespace of a type than somebody else. */
    public String against(Xray other, Namespace type) {
        String link = file("ns/" + type.proc);
        return link.equals(UNKNOWN) ? UNKNOWN : link.equals(other.file("ns/" + type.proc)) ? "shared" : "apart";
    }

    /** Its PID in its own PID namespace, "none" if that is ours and it has but one; pid_namespaces(7). */
    public String innerPid() {
        String pids = status("NSpid");
        return pids.contains(" ") ? pids.substring(pids.lastIndexOf(' ') + 1) : "none";
    }

    /** One of the five {@link Capability#SETS}; capabilities(7). */
    public long capabilities(String set) {
        return Long.parseUnsignedLong(status(set), 16);
    }

    /** "all" of these capabilities, "fewer" for good, or "fewer now" where a program that it becomes may get them back. */
    public String power(long root) {
        long missing = root & ~capabilities("CapEff");
        return missing == 0 ? "all" : (missing & ~capabilities("CapBnd")) != 0 ? "fewer" : "fewer now";
    }

    /** The mode, and how many filters; seccomp(2). */
    public String seccomp() {
        return status("Seccomp").equals("1") ? "strict" : filters() == 0 ? "none" : filters() == 1 ? "filter" : filters() + " filters";
    }

    /** How many filters look at its system calls; 1 where an old kernel does not count them. */
    public int filters() {
        String filters = status("Seccomp_filters");
        return !status("Seccomp").equals("2") ? 0 : filters.equals(UNKNOWN) ? 1 : Integer.parseInt(filters);
    }

    /** "filter" or "no filter": whether more filters look at its system calls than at somebody else's. */
    public String filter(Xray other) {
        return filters() > other.filters() ? "filter" : "no filter";
    }

    /** What AppArmor, SELinux or another security module calls it; "none" where no module labels processes. */
    public String label() {
        return files.getOrDefault("attr/current", "none").replace("\0", "");
    }

    /** "shared" or "apart": whether a security module gives it another label than somebody else. */
    public String against(Xray other) {
        return label().equals(other.label()) ? "shared" : "apart";
    }

    /** The path in each tree of cgroups; cgroups(7). */
    public Map<String, String> cgroups() {
        Map<String, String> paths = new LinkedHashMap<>();
        file("cgroup").lines().map(line -> line.split(":", 3)).forEach(line -> paths.put(line[0].equals("0") ? "v2" : line[1], line[2]));
        return paths;
    }

    /** "shared" or "apart": whether it stands in the same cgroups as somebody else. */
    public String cgroup(Xray other) {
        return cgroups().equals(other.cgroups()) ? "shared" : "apart";
    }

    /** What is hidden below /proc and /sys: by an empty read-only tmpfs over a directory, by /dev/null over a file. */
    public List<String> masked() {
        return mounts(fields -> fields[3].endsWith("/null") || fields[fields.length - 3].equals("tmpfs") && readOnly(fields));
    }

    /** What is there to read, but not to write: parts of proc and sysfs, or the whole of one, mounted read-only. */
    public List<String> readOnly() {
        return mounts(fields -> fields[fields.length - 3].matches("proc|sysfs") && readOnly(fields));
    }

    /** What that makes of /proc: "masked" where something is hidden and /proc/sys read-only, "open" where neither is so, and else "partly". */
    public String view() {
        boolean readOnly = readOnly().contains("/proc/sys");
        return masked().isEmpty() ? readOnly ? "partly" : "open" : readOnly ? "masked" : "partly";
    }

    private interface Test {
        boolean passes(String[] fields);
    }

    /** mountinfo: field 4 is the part of the file system that is seen, 5 the mount point, 6 the options; proc_pid_mountinfo(5). */
    private List<String> mounts(Test test) {
        List<String> points = new ArrayList<>();
        if (files.containsKey("mountinfo")) {
            file("mountinfo").lines().map(line -> line.split(" ")).filter(fields -> !fields[4].startsWith("/sys/fs/cgroup") && test.passes(fields)).forEach(fields -> points.add(fields[4]));
        }
        return points;
    }

    private static boolean readOnly(String[] fields) {
        return List.of(fields[5].split(",")).contains("ro");
    }

    /** Whether every mount is known. */
    public boolean showsMounts() {
        return files.containsKey("mountinfo");
    }

    /** The limits that differ from somebody else's, {@code Max open files 1024/1048576}: soft and hard; getrlimit(2). */
    public List<String> limitsUnlike(Xray other) {
        List<String> ours = limits(), theirs = other.limits();
        return ours.stream().filter(limit -> !theirs.contains(limit)).toList();
    }

    private List<String> limits() {
        return file("limits").lines().skip(1).map(line -> line.split(" {2,}")).map(cells -> cells[0] + " " + cells[1] + "/" + cells[2]).toList();
    }

    static List<String> ids(Map<String, String> files, String map) {
        return files.getOrDefault(map, "").lines().map(line -> line.strip().replaceAll("\\s+", " ")).toList();
    }

    /** The lines of uid_map or gid_map, each {@code INSIDE OUTSIDE COUNT}; user_namespaces(7). */
    public List<String> ids(String map) {
        return ids(files, map);
    }

    /** Who root of its user namespace is outside: {@code 0}, or an ordinary user's id; "nobody" where no line has an inside 0. */
    public String rootIs(String map) {
        return ids(map).stream().filter(line -> line.startsWith("0 ")).map(line -> line.split(" ")[1]).findFirst().orElse(files.containsKey(map) ? "nobody" : UNKNOWN);
    }
}
