///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import java.util.Map;
import kit.*;

// cheat: X3 | FAIL | Only the threads move; there is no process, and threads stay in their PID and time namespaces.
class NamespacesApart {
    static final Map<String, Integer> FLAGS = Map.of("cgroup", CLONE_NEWCGROUP, "ipc", CLONE_NEWIPC, "mnt", CLONE_NEWNS, "net", CLONE_NEWNET,
            "pid", CLONE_NEWPID, "time", CLONE_NEWTIME, "uts", CLONE_NEWUTS);

    public static void main(String[] args) {
        new Exercise("NamespacesApart").main(args, exercise -> {
            for (String which : List.of("first", "second")) {
                List<String> types = exercise.some(which, List.of("cgroup", "ipc", "mnt", "net", "pid", "time", "uts"), 4);
                new Caller(which).unshare(types.stream().mapToInt(FLAGS::get).sum());
            }
            exercise.ready();
        });
    }
}
