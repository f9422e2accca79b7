package kit;

import static kit.Libc.*;

/** Who makes the calls where a lab shows what anybody may do: you, or somebody without any privilege if root runs the lab. */
public final class OrdinaryUser {
    private OrdinaryUser() {}

    /** Who root becomes. Not 65534: that one means "not mapped". */
    public static final int UID = 64999;

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
