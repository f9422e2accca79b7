//SOURCES ../OrdinaryUser.java
package kit.capabilities;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kit.*;
import kit.Child.Step;

/**
 * How to make children that are root of a user namespace, with every capability there and none outside; user_namespaces(7).
 * Each has a mount and a UTS namespace as well. Each method but those that make children gives a changed copy.
 *
 * @param wide whether more than one id can be mapped, which takes root: then 0 inside is an ordinary user outside, and 5 another one
 * @param named the children that have a name, to be looked at and closed at the end
 */
public record InnerRoot(Caller caller, boolean wide, int flags, UserMap map, List<Step> steps, Map<String, Child> named) {
    /** On a thread that stays outside. Its children die with it. */
    public InnerRoot(Caller caller) {
        this(caller, mapsMore());
    }

    private InnerRoot(Caller caller, boolean wide) {
        this(caller, wide, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS, wide ? new UserMap("deny", two(), two()) : UserMap.root(), become(0), new TreeMap<>());
    }

    private static boolean mapsMore() {
        return Machine.privileged() && Machine.capable(Capability.number("CAP_SETUID")) && Machine.capable(Capability.number("CAP_SETGID"))
                && Long.parseLong(Proc.read("/proc/self/uid_map").strip().split("\\s+")[2]) > OrdinaryUser.UID + 1;
    }

    private static String two() {
        return "0 " + OrdinaryUser.UID + " 1\n5 " + (OrdinaryUser.UID + 1) + " 1";
    }

    /** The calls by which a child becomes another user; with its uid it would lose PR_SET_PDEATHSIG. */
    public static List<Step> become(int id) {
        return List.of(call("setresgid", id, id, id), call("setresuid", id, id, id), call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L));
    }

    /** Children with a user namespace alone: what else they meet belongs to the outer one. */
    public InnerRoot alone() {
        return new InnerRoot(caller, wide, CLONE_NEWUSER, map, steps, named);
    }

    /** Children that are uid 5 inside, the only one there, and not root. */
    public InnerRoot as5() {
        return new InnerRoot(caller, wide, flags, wide ? new UserMap("deny", "5 " + OrdinaryUser.UID + " 1", "5 " + OrdinaryUser.UID + " 1")
                : new UserMap("deny", "5 " + getuid() + " 1", "5 " + getgid() + " 1"), become(5), named);
    }

    /** Children that make no namespaces but join those of another child, from which they may go on to join others, and become that id there. */
    public InnerRoot in(int id, Child other, Namespace... types) {
        List<Step> enter = new ArrayList<>(flags == 0 ? steps : List.of());
        for (Namespace type : types) {
            enter.add(call("setns", open(other, type), type.flag));
        }
        enter.addAll(become(id));
        return new InnerRoot(caller, wide, 0, map, enter, named);
    }

    /** Opens a namespace of a child's. */
    public int open(Child child, Namespace type) {
        return caller.call(() -> Libc.open("/proc/" + child.pid + "/ns/" + type.proc, O_RDONLY | O_CLOEXEC, 0));
    }

    /** Children that make these calls, after those named before. */
    public InnerRoot with(List<Step> more) {
        List<Step> all = new ArrayList<>(steps);
        all.addAll(more);
        return new InnerRoot(caller, wide, flags, map, all, named);
    }

    public InnerRoot with(Step... more) {
        return with(List.of(more));
    }

    /** One that becomes a shell. */
    public Child child() {
        Child child = caller.call(() -> Child.clone(flags, map, steps.toArray(Step[]::new)));
        child.sh(":"); // it answers, so it has made its calls
        return child;
    }

    /** The same, with a name. */
    public Child child(String name) {
        Child child = child();
        named.put(name, child);
        return child;
    }

    /** One that stops before execve(2), which would change its sets. When the JVM ends it goes on, to its own end. */
    public Child stopped(String name) {
        int[] ends = new int[2];
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
        InnerRoot last = with(call("close", ends[0]), call("write", ends[1], "\n", 1L), call("read", ends[1], new Memory(1), 1L));
        Child child = caller.call(() -> Child.clone(flags, map, last.steps.toArray(Step[]::new)));
        close(ends[1]);
        read(ends[0], new byte[1], 1);
        named.put(name, child);
        return child;
    }

    /** One that makes these calls and ends: their errnos, by name. */
    public List<String> errnos(Step... calls) {
        return caller.errnos(flags, map, with(calls).steps.toArray(Step[]::new)).subList(steps.size(), steps.size() + calls.length);
    }
}
