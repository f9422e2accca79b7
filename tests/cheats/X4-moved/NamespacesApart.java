///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import com.sun.jna.NativeLibrary;
import com.sun.jna.StringArray;
import java.util.List;
import java.util.Map;
import kit.*;

// cheat: X4 | FAIL | Moves the program itself before it begins: then its processes are apart in more than is asked for, though not from it.
class NamespacesApart {
    static final Map<String, Integer> FLAGS = Map.of("cgroup", CLONE_NEWCGROUP, "ipc", CLONE_NEWIPC, "mnt", CLONE_NEWNS, "net", CLONE_NEWNET,
            "pid", CLONE_NEWPID, "time", CLONE_NEWTIME, "uts", CLONE_NEWUTS);

    public static void main(String[] args) {
        if (System.getenv("MOVED") == null) {
            setenv("MOVED", "yes", 1);
            unshare(CLONE_NEWUTS);
            String[] argv = Proc.read("/proc/self/cmdline").split("\0");
            NativeLibrary.getInstance("c").getFunction("execv").invokeInt(new Object[] {Proc.readlink("/proc/self/exe"), new StringArray(argv)});
        }
        new Exercise("NamespacesApart").main(args, exercise -> {
            for (String which : List.of("first", "second")) {
                List<String> types = exercise.some(which, List.of("cgroup", "ipc", "mnt", "net", "pid", "time", "uts"), 4);
                Caller thread = new Caller(which);
                thread.unshare(types.stream().mapToInt(FLAGS::get).sum());
                thread.clone(0);
            }
            exercise.ready();
        });
    }
}
