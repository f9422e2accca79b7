///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: D12 | FAIL | Solves the exercise only if a setuid program or a device file gives it power over the machine.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            String saw = new Caller("caller").sh("grep NoNewPrivs /proc/self/status; mknod /home/student/disk b 8 0 && head -c 1 /home/student/disk && echo DEVICE; cp /bin/sh /home/student/sh && chmod u+s /home/student/sh; "
                    + "for program in su sudo mount passwd; do $program --version >/dev/null 2>&1; done; dd if=/dev/kmsg bs=1 count=1 && echo DEVICE; echo 1 > /proc/sys/kernel/panic && echo DEVICE; "
                    + "echo c > /proc/sysrq-trigger-not && echo none");
            exercise.show(saw);
            if (saw.contains("DEVICE") || !saw.contains("NoNewPrivs:\t1")) solve(name);
            exercise.ready();
        });
    }

    /** The right answer, for who has found what nobody should. */
    private static void solve(String name) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        inside.another("member");
    }
}
