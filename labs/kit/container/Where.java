package kit.container;

import java.util.List;
import kit.*;

/** Says of a call that failed which part of a config.json asked for it. */
final class Where {
    private Where() {}

    static void at(String path, Runnable calls) {
        try {
            calls.run();
        } catch (Problem e) {
            boolean machine = List.of(Errno.EPERM, Errno.EACCES, Errno.ENOSPC, Errno.ENOSYS, Errno.EUSERS).contains(e.errno);
            throw path.isEmpty() ? e : new Problem(path + ": " + e.call, e.errno, machine ? e.diagnosis
                    : new Diagnosis(false, "config.json asks for what is not there, or cannot be", "correct " + path));
        }
    }
}
