package kit.container;

import static kit.Libc.*;

import com.sun.jna.Pointer;
import java.util.LinkedHashMap;
import java.util.Map;
import kit.*;

/**
 * Comes into namespaces that exist; setns(2). One child joins them, and its child, a member also of the PID namespace, is
 * who stays. A JVM could not: it has many threads, which a user and a mount namespace refuse.
 */
final class ContainerJoin {
    private ContainerJoin() {}

    /** A first process of a container that shares namespaces with others, and makes the rest of them ({@code flags}) itself. */
    static Puppet make(ContainerSpec spec, Puppet inner, int flags) {
        try (Puppet outer = new Puppet().start(0, UserMap.NONE)) {
            Where.at("linux.namespaces", () -> enter(outer, spec.namespaces));
            if ((flags & CLONE_NEWUSER) != 0) {
                outer.unshare(CLONE_NEWUSER);
                spec.userMap.writeFor(outer.pid());
            }
            outer.unshare(flags & ~CLONE_NEWUSER & ~CLONE_NEWCGROUP);
            if (!spec.timeOffsets.isEmpty()) {
                Where.at("linux.timeOffsets", () -> Proc.write("/proc/" + outer.pid() + "/timens_offsets", spec.timeOffsets));
            }
            return inner.startFrom(outer);
        }
    }

    /** A further process in all namespaces and cgroups of one that is there. {@code kept} is for its later calls. */
    static Puppet of(int pid, Pointer kept) {
        Puppet inner = new Puppet(kept);
        try (Puppet outer = new Puppet().start(0, UserMap.NONE)) {
            String there = Proc.read("/proc/" + pid + "/cgroup"), here = Proc.read("/proc/self/cgroup");
            for (CgroupTree tree : CgroupTree.all()) {
                String path = CgroupTree.path(there, tree.id());
                if (!path.equals(CgroupTree.path(here, tree.id()))) { // its limits hold for this one too
                    Proc.write(tree.at(path) + "/cgroup.procs", "" + outer.pid());
                }
            }
            Map<Namespace, String> others = new LinkedHashMap<>();
            for (Namespace type : Namespace.values()) {
                if (!type.of(pid).equals(type.of(outer.pid()))) { // setns(2) to the own user namespace is EINVAL
                    others.put(type, "/proc/" + pid + "/ns/" + type.proc);
                }
            }
            enter(outer, others);
            return inner.startFrom(outer);
        }
    }

    /** setns(2), user first and mnt last, with the proof of each. */
    private static void enter(Puppet puppet, Map<Namespace, String> paths) {
        Map<Namespace, Integer> fds = new LinkedHashMap<>();
        for (Namespace type : Namespace.values()) { // all are opened before a user namespace takes the right to it, or a mount namespace the path
            if (!paths.getOrDefault(type, "").isEmpty()) {
                fds.put(type, puppet.descriptor("open", paths.get(type), O_RDONLY | O_CLOEXEC, 0));
            }
        }
        fds.forEach((type, fd) -> {
            puppet.call("setns", fd, type.flag);
            String wanted = Proc.readlink("/proc/" + puppet.pid() + "/fd/" + fd), is = puppet.link(type);
            if (!wanted.equals(is)) {
                throw new NotIsolated("setns(" + paths.get(type) + ") reported success, but the namespace is " + is + " and not " + wanted);
            }
        });
    }
}
