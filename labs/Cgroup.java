///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/CgroupPlace.java
//SOURCES kit/CgroupTree.java
//SOURCES kit/OwnCgroup.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/** Hide from a process where in the tree of cgroups it stands; cgroup_namespaces(7), cgroups(7). */
public class Cgroup {
    static final String QUESTION = "Does a cgroup namespace limit what a process may use, or only what it sees?";

    static final String CLAIMS = """
        cgroup.path-becomes-root     | CGR-01 | unshare(CLONE_NEWCGROUP) makes the caller's current cgroup the root: where /proc/self/cgroup showed a long path it shows "/".
        cgroup.unified-too           | CGR-02 | The same is true of the line "0::", that of cgroup v2.
        cgroup.outside-sees-the-path | CGR-03 | Outside, /proc/PID/cgroup shows the whole path as before.
        cgroup.nothing-moves         | CGR-04 | The process is not moved: cgroup.procs of its cgroup lists it, as it lists one that made no namespace.
        cgroup.nothing-is-limited    | CGR-04 | The namespace limits nothing: every limit is the same as for a process that made no namespace.
        cgroup.cgroups-limit         | CGR-04 | It is the cgroup that limits: one that may have no descendants gets none, with a namespace and without.
        cgroup.dots-lead-out         | CGR-05 | From inside, the path of a process outside starts with "/..", one for each level up to the cgroup that both have in common.
        cgroup.mountinfo-root        | CGR-07 | A cgroup mount made outside has a root in mountinfo that leads out of the namespace: "/.." for each level.
        cgroup.mount-shows-own-root  | CGR-07 | A cgroup file system mounted inside has the root of the namespace as its top directory, and no siblings of it.
        cgroup.moved-to-a-sibling    | CGR-08 | A process that is moved from outside to a cgroup beside its root reads "/../sibling" of itself.
        cgroup.needs-cap-sys-admin   | CGR-09 | unshare(CLONE_NEWCGROUP) without CAP_SYS_ADMIN fails with EPERM.
        cgroup.user-ns-suffices      | CGR-09 | With CLONE_NEWUSER|CLONE_NEWCGROUP in one call it needs no privilege.
        cgroup.rootless-mounts       | CGR-11 | Without privilege one may mount cgroup2 in new user, mount and cgroup namespaces, but not write the files that belong to root.
        """;

    public static void main(String[] args) {
        new Lab("Cgroup", QUESTION, CLAIMS).main(args, Cgroup::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process makes a new cgroup namespace. Which of its limits change?");

        lab.step("Before", "Where this JVM stands: each line of /proc/self/cgroup is a tree (number:controllers:path; 0 is cgroup v2).");
        lab.show(Proc.read("/proc/self/cgroup"));
        Caller outside = new Caller("outside");
        Caller first = outside.another("first");
        first.unshare(CLONE_NEWCGROUP); // proves that this kernel does it at all, before anything is made
        whoMay(lab, outside, first);

        try (CgroupPlace place = CgroupPlace.find(lab, outside)) {
            lab.step("Change", place.tree == null ? "" : "Two processes in the cgroup " + place.path + ". One of them calls unshare(CLONE_NEWCGROUP).");
            // tag::change[]
            Child plain = outside.clone(0, place.enter());
            Child member = outside.clone(0, place.enter(call("unshare", CLONE_NEWCGROUP)));
            // end::change[]
            plain.sh(":"); // a child answers when it has made its calls
            member.sh(":");
            NotIsolated.unlessDifferent("unshare(CLONE_NEWCGROUP)", outside.link(Namespace.CGROUP), Namespace.CGROUP.of(member.pid));

            lab.step("Inside and outside", "");
            lab.sides("", "inside", "outside");
            lab.sides("/proc/PID/ns/cgroup", Namespace.CGROUP.of(member.pid), Namespace.CGROUP.of(plain.pid));
            lab.claim("cgroup.nothing-is-limited", inside(limits(plain.pid), limits(member.pid)));
            if (place.tree != null) {
                paths(lab, place, plain, member);
                mounted(lab, place, outside, plain, member);
            } else {
                cannot(lab, place, "cgroup.path-becomes-root", "cgroup.unified-too", "cgroup.outside-sees-the-path",
                        "cgroup.nothing-moves", "cgroup.dots-lead-out", "cgroup.mountinfo-root", "cgroup.mount-shows-own-root");
            }
            lab.look(member.pid, () -> outside.call(() -> Child.interactive(0, UserMap.NONE,
                    List.of(place.enter(call("unshare", CLONE_NEWCGROUP))), "/bin/sh")), "plain=" + plain.pid);
            if (place.made != null) {
                limit(lab, place, plain, member);
                move(lab, place, member);
            } else {
                cannot(lab, place, "cgroup.cgroups-limit", "cgroup.moved-to-a-sibling");
            }

            lab.step("Clean-up", "The processes end, and the cgroups that the lab made are removed.");
            String link = Namespace.CGROUP.of(member.pid);
            member.close();
            plain.close();
            lab.gone(link);
        }
        first.close();
        outside.close();
        lab.next("In a second terminal: ./build.sh run Cgroup --hold, then cat /proc/PID/cgroup, and the same after nsenter --cgroup"
                + " --target PID.");
    }

    static void whoMay(Lab lab, Caller outside, Caller first) {
        lab.step("Who may", "A thread gives up CAP_SYS_ADMIN. A new user namespace gives it back, inside.");
        Caller plain = outside.another("without CAP_SYS_ADMIN");
        plain.drop(CAP_SYS_ADMIN);
        lab.claim("cgroup.needs-cap-sys-admin", inside("EPERM", plain.errno(() -> unshare(CLONE_NEWCGROUP))));
        // Ubuntu's AppArmor gives nothing to user namespaces of who has no privilege: there, who has some shows it.
        Caller maker = Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1") ? outside : plain;
        try (plain; Child own = maker.clone(CLONE_NEWUSER | CLONE_NEWCGROUP)) {
            lab.claim("cgroup.user-ns-suffices", inside("a new one", List.of(outside.link(Namespace.CGROUP), first.link(Namespace.CGROUP))
                    .contains(own.sh("readlink /proc/self/ns/cgroup")) ? "an old one" : "a new one"));
        }
        CgroupTree unified = CgroupTree.all().stream().filter(CgroupTree::unified).findFirst().orElse(null);
        Path file = unified == null ? null : Path.of(unified.directory(), "cgroup.procs");
        if (file == null || !Files.exists(file)) {
            lab.cannot("cgroup.rootless-mounts", "no cgroup v2 is mounted here; start Linux with systemd.unified_cgroup_hierarchy=1");
        } else if (Files.isWritable(file) && !mapsNobody()) {
            lab.cannot("cgroup.rootless-mounts", "the cgroup of this process is delegated: its files belong to you; run from a login shell outside of it");
        } else {
            // As root the process becomes nobody first, for root owns the files; as an ordinary user it is one.
            UserMap nobody = mapsNobody() ? new UserMap("deny", "0 65534 1", "0 65534 1") : UserMap.root();
            List<String> errnos = outside.errnos(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP, nobody,
                    call("setresgid", 0, 0, 0), call("setresuid", 0, 0, 0), call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null),
                    call("mount", "none", unified.mountPoint(), "tmpfs", 0L, null), // below, see mounted()
                    call("mount", "none", unified.mountPoint(), "cgroup2", 0L, null),
                    call("open", unified.mountPoint() + "/cgroup.procs", O_RDONLY), call("open", unified.mountPoint() + "/cgroup.procs", O_WRONLY));
            lab.claim("cgroup.rootless-mounts", inside("mount: success, read: success, write: EACCES",
                    "mount: " + errnos.get(4) + ", read: " + errnos.get(5) + ", write: " + errnos.get(6)));
        }
    }

    /** Whether this user namespace knows user 65534, nobody; it does where root is really root. */
    static boolean mapsNobody() {
        return Long.parseLong(Proc.read("/proc/self/uid_map").strip().split("\\s+")[2]) > 65534;
    }

    static void paths(Lab lab, CgroupPlace place, Child plain, Child member) throws IOException {
        String id = place.tree.id();
        String own = CgroupTree.path(member.sh("cat /proc/self/cgroup"), id), before = CgroupTree.path(plain.sh("cat /proc/self/cgroup"), id);
        lab.sides("/proc/self/cgroup", own, before);
        lab.claim("cgroup.path-becomes-root", inside("/", own), outside(place.path, before));
        if (place.tree.unified()) {
            lab.claim("cgroup.unified-too", inside("0::/", member.sh("grep ^0:: /proc/self/cgroup")),
                    outside("0::" + place.path, plain.sh("grep ^0:: /proc/self/cgroup")));
        } else {
            cannot(lab, place, "cgroup.unified-too");
        }
        lab.claim("cgroup.outside-sees-the-path", outside(place.path, CgroupTree.path(plain.sh("cat /proc/" + member.pid + "/cgroup"), id)));
        List<String> procs = Files.readAllLines(Path.of(place.directory(), "cgroup.procs"));
        lab.claim("cgroup.nothing-moves", outside("true, true", procs.contains("" + plain.pid) + ", " + procs.contains("" + member.pid)));

        int other = place.made != null ? getpid() : 1;
        String others = CgroupTree.path(plain.sh("cat /proc/" + other + "/cgroup"), id);
        if (Path.of(others).startsWith(place.path)) {
            cannot(lab, place, "cgroup.dots-lead-out");
        } else {
            lab.claim("cgroup.dots-lead-out", outside(others, CgroupTree.path(Proc.read("/proc/" + other + "/cgroup"), id)),
                    inside(place.from(others), CgroupTree.path(member.sh("cat /proc/" + other + "/cgroup"), id)));
        }
    }

    static void mounted(Lab lab, CgroupPlace place, Caller outside, Child plain, Child member) {
        String point = place.tree.mountPoint();
        lab.claim("cgroup.mountinfo-root", inside(place.from(place.tree.root()), root(member.sh("cat /proc/self/mountinfo"), point)),
                outside(place.tree.root(), root(plain.sh("cat /proc/self/mountinfo"), point)));
        String source = "view-" + lab.token().hex("mount"); // any word: a cgroup file system has no device
        try (Child viewer = outside.clone(CLONE_NEWNS, place.enter(call("unshare", CLONE_NEWCGROUP),
                call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null),
                call("mount", "none", point, "tmpfs", 0L, null), // one file system twice on one point is EBUSY
                call("mount", source, point, place.tree.type(), 0L, place.tree.unified() ? null : place.tree.options())))) {
            String mountinfo = viewer.sh("cat /proc/self/mountinfo");
            lab.claim("cgroup.mount-shows-own-root",
                    inside(source + " with root /, lists itself: 1", source(mountinfo, point) + " with root " + root(mountinfo, point)
                            + ", lists itself: " + viewer.sh("grep -cx $$ " + point + "/cgroup.procs")),
                    outside("root " + place.path, "root " + root(Proc.read("/proc/" + viewer.pid + "/mountinfo"), point)));
        }
    }

    /** The root that mountinfo tells of the topmost mount at a mount point; proc(5), field 4. */
    static String root(String mountinfo, String point) {
        return topmost(mountinfo, point).split(" ")[3];
    }

    /** Its source; proc(5), field 10. */
    static String source(String mountinfo, String point) {
        return topmost(mountinfo, point).replaceFirst(".* - \\S+ (\\S+).*", "$1");
    }

    static String topmost(String mountinfo, String point) {
        return Proc.mountsAt(mountinfo, point).lines().reduce("none none none none", (below, above) -> above);
    }

    static void limit(Lab lab, CgroupPlace place, Child plain, Child member) {
        if (!place.tree.unified()) {
            cannot(lab, place, "cgroup.cgroups-limit");
            return;
        }
        String mkdir = "mkdir " + place.directory() + "/below 2>/dev/null && rmdir " + place.directory() + "/below; echo $?";
        String before = member.sh(mkdir) + " and " + plain.sh(mkdir);
        Proc.write(place.directory() + "/cgroup.max.descendants", "0");
        lab.claim("cgroup.cgroups-limit", inside("before: 0 and 0, after: 1 and 1", "before: " + before + ", after: " + member.sh(mkdir) + " and " + plain.sh(mkdir)));
    }

    static void move(Lab lab, CgroupPlace place, Child member) throws IOException {
        Files.createDirectory(Path.of(place.made, "sibling"));
        Proc.write(place.made + "/sibling/cgroup.procs", "" + member.pid);
        lab.claim("cgroup.moved-to-a-sibling", inside("/../sibling", CgroupTree.path(member.sh("cat /proc/self/cgroup"), place.tree.id())),
                outside(place.path.replaceFirst("[^/]+$", "sibling"), CgroupTree.path(Proc.read("/proc/" + member.pid + "/cgroup"), place.tree.id())));
    }

    static void cannot(Lab lab, CgroupPlace place, String... ids) {
        for (String id : ids) {
            lab.cannot(id, place.obstacle);
        }
    }

    /** Every limit that the cgroups of a process set and that we may read, without the unlimited ones. */
    static String limits(int pid) {
        String text = Proc.read("/proc/" + pid + "/cgroup");
        return CgroupTree.all().stream().filter(tree -> tree.mountPoint() != null).map(tree -> tree.at(CgroupTree.path(text, tree.id())))
                .flatMap(dir -> Stream.of("memory.max", "memory.limit_in_bytes", "pids.max", "cpu.max", "cpu.cfs_quota_us", "cpu.shares", "cpu.weight",
                        "cpuset.cpus", "cpuset.cpus.effective", "cgroup.max.descendants").map(name -> Path.of(dir, name)))
                .filter(Files::isReadable).map(file -> file.getFileName() + "=" + Proc.read(file.toString())).collect(Collectors.joining(" "));
    }
}
