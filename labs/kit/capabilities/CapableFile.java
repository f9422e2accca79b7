//SOURCES InnerRoot.java
package kit.capabilities;

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/**
 * A copy of sed(1) on a tmpfs(5) that belongs to one user namespace, and a second one below, whose root is the same user and
 * owner of the file; user_namespaces(7), capabilities(7).
 *
 * @param above uid 5 of the first one; what it runs has no capabilities
 * @param uid who that is outside
 * @param below children who are uid 0 of the second one, with every capability there
 */
public record CapableFile(Child above, String uid, InnerRoot below) {
    public static final String PATH = "/tmp/sed";
    /** Runs it: it prints its own effective set. */
    public static final String RUN = PATH + " -n 's/CapEff:.//p' /proc/self/status";

    /** Makes both namespaces and the file, which has no capability yet. */
    public static CapableFile make(InnerRoot root) {
        Child above = root.as5().with(call("mount", "files", "/tmp", "tmpfs", 0L, "mode=755,uid=5")).child("above");
        above.sh("cp $(command -v sed) " + PATH + " && chmod 755 " + PATH);
        InnerRoot same = root.in(5, above, Namespace.USER, Namespace.MNT);
        Child below = same.child("below");
        below.enter("exec unshare --user --map-root-user sh"); // the same process
        NotIsolated.unlessDifferent("unshare --user", Namespace.USER.of(above.pid), below.sh("readlink /proc/self/ns/user"));
        return new CapableFile(above, Proc.status(above.pid, "Uid").split(" ")[0], same.in(0, below, Namespace.USER));
    }

    /** What getxattr(2) tells of it outside. */
    public String version() {
        return Capability.fileVersion("/proc/" + above.pid + "/root" + PATH);
    }

    /** Why the lab cannot show what it is for; null where it can. */
    public static Diagnosis obstacle(InnerRoot root) {
        return root.wide() || getuid() != 0 ? null : new Diagnosis(true, "the only id that can be mapped here is root's, for whom the file counts above as well",
                "run the lab as an ordinary user");
    }
}
