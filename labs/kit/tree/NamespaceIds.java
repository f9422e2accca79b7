//SOURCES ../NamespaceFile.java
package kit.tree;

import static kit.Libc.*;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/** The numbers of namespaces that no other namespace ever gets; linux/nsfs.h. */
public final class NamespaceIds {
    private NamespaceIds() {}

    private static final String INITIAL_PID = "pid:[4026531836]"; // PROC_PID_INIT_INO, linux/proc_ns.h

    /** The types that this kernel has. */
    public static List<Namespace> types() {
        return Stream.of(Namespace.values()).filter(type -> Proc.exists("/proc/self/ns/" + type.proc)).toList();
    }

    /** The id of a namespace of a process, by NS_GET_ID, or for a mount namespace by NS_GET_MNTNS_ID. */
    public static long of(int pid, Namespace type, long request) {
        NamespaceFile file = NamespaceFile.of(pid, type.proc);
        try {
            Memory answer = new Memory(8);
            ioctl(file.fd(), request, answer);
            return answer.getLong(0);
        } finally {
            file.close();
        }
    }

    /** The ids that listns(2) gives, with a struct ns_id_req: of what a user namespace owns, by the id of that; with 0 of all that the caller may know of. */
    public static Set<Long> listed(long userNamespace) {
        int room = 10_000;
        Memory request = new Memory(32), answer = new Memory(8L * room);
        request.clear();
        request.setInt(0, 32);
        request.setLong(24, userNamespace);
        int count = (int) syscall(SYS_listns, Pointer.nativeValue(request), Pointer.nativeValue(answer), room, 0, 0, 0);
        return Arrays.stream(answer.getLongArray(0, count)).boxed().collect(Collectors.toSet());
    }

    /** Of which types a process's namespaces are whose ids are among these. */
    public static List<String> among(Set<Long> ids, int pid) {
        return types().stream().filter(type -> ids.contains(of(pid, type, NS_GET_ID))).map(type -> type.proc).toList();
    }

    /** Whether listns(2) tells the caller of all namespaces: root of the machine. */
    public static boolean knowsAll() {
        return Machine.privileged() && Namespace.PID.of(getpid()).equals(INITIAL_PID) && Namespace.USER.of(getpid()).equals(Namespace.INITIAL_USER);
    }
}
