///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/SeccompFilter.java
//SOURCES ../kit/Syscall.java

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;

// cheat: X10 | FAIL | Lets the file be a pipe to which nobody writes.
class DoctorCause {
    static final Map<String, Integer> FLAGS = Map.of("uts", CLONE_NEWUTS, "ipc", CLONE_NEWIPC, "net", CLONE_NEWNET, "cgroup", CLONE_NEWCGROUP);

    public static void main(String[] args) {
        new Exercise("DoctorCause").main(args, DoctorCause::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        Caller patient = patient(exercise);
        Map<String, String> diagnosis = new LinkedHashMap<>();
        for (String type : List.of("uts", "ipc", "net", "cgroup")) {
            String errno = patient.errno(() -> unshare(FLAGS.get(type)));
            diagnosis.put(type, switch (errno) {
                case "success" -> "possible";
                case "ENOSPC" -> "limit"; // the kernel counts the namespaces of each user namespace, and of each user in it
                case "EPERM" -> "filter"; // the thread has CAP_SYS_ADMIN, so it is nothing else
                default -> errno;
            });
        }
        StringBuilder lines = new StringBuilder();
        diagnosis.forEach((type, cause) -> lines.append(type).append(' ').append(cause).append('\n'));
        new Caller("maker").sh("mkfifo /home/student/diagnosis.txt");
        exercise.show(lines.toString());
        exercise.ready();
    }

    /** A thread in bad health. Nothing is to be changed here. */
    static Caller patient(Exercise exercise) {
        List<String> types = List.of("uts", "ipc", "net", "cgroup");
        int first = Integer.parseInt(exercise.hex("first ailment").substring(0, 4), 16) % 4, second = Integer.parseInt(exercise.hex("second ailment").substring(0, 4), 16) % 3 + 1;
        int flag = FLAGS.get(types.get((first + second) % 4));
        SeccompFilter filter = new SeccompFilter(SeccompFilter.RET_ALLOW)
                .on(SeccompFilter.RET_ERRNO | Errno.EPERM, List.of(new SeccompFilter.Argument(0, "SCMP_CMP_MASKED_EQ", flag, flag)), "unshare");
        Proc.write("/proc/sys/user/max_" + types.get(first) + "_namespaces", "0"); // of this user namespace only
        Caller patient = new Caller("patient");
        patient.run(filter::installOnThisThread);
        return patient;
    }
}
