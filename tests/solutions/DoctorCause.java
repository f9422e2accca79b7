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

/*
 * Exercise DoctorCause | lab Doctor | difficulty 2
 *
 * The thread "patient" cannot make every namespace: for one type there is a limit, user.max_TYPE_namespaces, that is 0; for another one a
 * seccomp filter refuses unshare(2) with the flag. Each time it is another one. Find out which, by trying on this thread, and write it to
 * the file diagnosis.txt: four lines, such as "net limit", with one of the words possible, limit and filter.
 *
 *   doctor.uts    | 1 | The file tells rightly whether the thread can make a UTS namespace, and if not, why.
 *   doctor.ipc    | 1 | The same for an IPC namespace.
 *   doctor.net    | 1 | The same for a network namespace.
 *   doctor.cgroup | 1 | The same for a cgroup namespace.
 *
 * Read: "The /proc/sys/user directory" in namespaces(7), ERRORS in unshare(2)
 */
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
        Files.writeString(Path.of("diagnosis.txt"), lines);
        exercise.show(lines.toString());
        exercise.ready();
        Files.delete(Path.of("diagnosis.txt"));
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
