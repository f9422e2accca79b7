package kit;

import static kit.Libc.*;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;

/** Who makes the calls where a lab shows what anybody may do: you, or somebody without any privilege if root runs the lab. */
public final class OrdinaryUser {
    private OrdinaryUser() {}

    /** Who root becomes. Not 65534: that one means "not mapped". */
    public static final int UID = 64999;

    /** Makes this whole program an ordinary user, if it is root: libc's functions of these names change all threads, credentials(7). */
    public static void become() {
        if (getuid() != 0) {
            return;
        }
        try {
            LIBRARY.getFunction("setgroups", Function.THROW_LAST_ERROR).invokeInt(new Object[] {0L, Pointer.NULL});
            LIBRARY.getFunction("setresgid", Function.THROW_LAST_ERROR).invokeInt(new Object[] {UID, UID, UID});
            LIBRARY.getFunction("setresuid", Function.THROW_LAST_ERROR).invokeInt(new Object[] {UID, UID, UID});
        } catch (LastErrorException e) {
            throw new Problem("setresuid(" + UID + ")", e.getErrorCode(), new Diagnosis(true, "uid 0 cannot become an ordinary user here:"
                    + " /proc/self/uid_map is '" + Proc.read("/proc/self/uid_map").strip().replaceAll("\\s+", " ") + "'", "run it as an ordinary user"));
        }
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // else the files of its children in /proc belong to root; proc(5)
    }

    /** A thread that is an ordinary user; if it had to become one, then for good. */
    public static Caller thread(String name) {
        Caller caller = new Caller(name);
        if (Machine.privileged() || getuid() == 0) {
            try {
                caller.become(UID);
            } catch (Problem e) { // in a user namespace without such a uid; if this one refuses another anyway, that is the better reason
                caller.clone(CLONE_NEWUSER).close();
                throw e;
            }
        }
        return caller;
    }

    /** The same, or where this user namespace knows nobody else: another thread of its only user. */
    public static Caller other(Caller caller) {
        try {
            return caller.call(() -> thread("an ordinary user"));
        } catch (Problem e) {
            return caller.another("the only user");
        }
    }
}
