package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;

/**
 * What a new user namespace needs before anybody in it is somebody: /proc/PID/setgroups, uid_map and gid_map;
 * user_namespaces(7). Each map line is {@code inside outside count}. An empty text is not written.
 */
public record UserMap(String setgroups, String uidMap, String gidMap) {

    /** No map at all: every id inside shows as 65534. */
    public static final UserMap NONE = new UserMap("", "", "");

    /**
     * The caller becomes root inside, which anybody may do. Without CAP_SETGID outside, the kernel accepts a gid_map
     * only after setgroups(2) has been given up for ever.
     */
    // tag::root[]
    public static UserMap root() {
        return new UserMap("deny", "0 " + getuid() + " 1", "0 " + getgid() + " 1");
    }
    // end::root[]

    /** Writes the three files of a child, in the order that the kernel demands. */
    // tag::write[]
    public void writeFor(int pid) {
        write(pid, "setgroups", setgroups);
        write(pid, "uid_map", uidMap);
        write(pid, "gid_map", gidMap);
    }
    // end::write[]

    private static void write(int pid, String file, String text) {
        if (!text.isEmpty()) {
            try {
                Proc.write("/proc/" + pid + "/" + file, text);
            } catch (LastErrorException e) {
                throw new Problem("write(/proc/PID/" + file + ", \"" + text + "\")", e.getErrorCode(), CLONE_NEWUSER);
            }
        }
    }
}
