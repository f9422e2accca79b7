package kit;

import static kit.Libc.*;

import java.util.Arrays;
import java.util.List;

/**
 * How a lab runs without root: it starts itself again in a user namespace where the student is root. A JVM cannot
 * move there, for unshare(CLONE_NEWUSER) wants a process with one thread; so a clone(2) child becomes a second JVM with
 * the same command line.
 */
final class Rootless {
    private Rootless() {}

    /** Tells the second JVM that it is the second, and who its parent must be. */
    private static final String PARENT = "NAMESPACE_LABS_PARENT";

    /** Whether this JVM is the second one. It ends at once if the first has ended before it could ask for a signal. */
    static boolean isSecond() {
        String parent = System.getenv(PARENT);
        if (parent == null) {
            return false;
        }
        if (!parent.equals(String.valueOf(getppid()))) {
            Runtime.getRuntime().halt(1);
        }
        return true;
    }

    /** Runs this lab again as root of a new user namespace: the exit code of that run. */
    static int runAgain() {
        return runAgain(UserMap.root());
    }

    /** The same with other user-id maps. */
    static int runAgain(UserMap map) {
        String program = Proc.readlink("/proc/self/exe");
        String[] argv = Proc.read("/proc/self/cmdline").split("\0");
        argv[0] = program;
        setenv(PARENT, String.valueOf(getpid()), 1);
        try (Child second = Child.interactive(CLONE_NEWUSER, map, List.of(), argv)) {
            return second.waitFor();
        }
    }

    /** Who runs this lab, as the host knows them: the middle number of {@code 0 1000 1} in uid_map. */
    static int outerUid() {
        if (System.getenv(PARENT) == null) {
            return getuid();
        }
        return Integer.parseInt(Arrays.asList(Proc.read("/proc/self/uid_map").strip().split("\\s+")).get(1));
    }
}
