///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/SeccompFilter.java
//SOURCES ../kit/Syscall.java

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import kit.*;

// cheat: X5 | FAIL | Says that the name has been set, and sets none.
class SeccompNotify {
    private static final int SECCOMP_SET_MODE_FILTER = 1, SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    private static final long NOTIF_RECV = 0xc0502100L, NOTIF_SEND = 0xc0182101L, NOTIF_ID_VALID = 0x40082102L; // SECCOMP_IOCTL_..., linux/seccomp.h
    // struct seccomp_notif, 80 bytes: u64 id, u32 pid, u32 flags, and from 16 on struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]
    // struct seccomp_notif_resp, 24 bytes: u64 id, s64 val, s32 error (a negative errno), u32 flags

    public static void main(String[] args) {
        new Exercise("SeccompNotify").main(args, SeccompNotify::solve);
    }

    static void solve(Exercise exercise) {
        String begins = exercise.value("allowed");
        int refusal = exercise.number("errno", 44, 58);
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWUTS);
        Caller supervised = host.another("supervised");
        supervised.drop(CAP_SYS_ADMIN);

        Memory program = new SeccompFilter(SeccompFilter.RET_ALLOW).on(SeccompFilter.RET_USER_NOTIF, "sethostname").program();
        supervised.run(() -> prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        int listener = supervised.call(() -> (int) syscall(Syscall.number("seccomp"), SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                Pointer.nativeValue(program), 0, 0, 0));
        Thread supervisor = new Thread(() -> supervise(listener, host, begins, refusal), "supervisor");
        supervisor.setDaemon(true);
        supervisor.start();

        for (String name : new String[] {begins + ".example", "other-" + begins}) {
            exercise.show(name + ": " + supervised.errno(() -> sethostname(name, name.length())));
        }
        exercise.ready();
    }

    /** Answers one call after the other, for ever. */
    static void supervise(int listener, Caller host, String begins, int refusal) {
        Memory notification = new Memory(80), answer = new Memory(24);
        while (true) {
            notification.clear(); // or the kernel gives EINVAL
            ioctl(listener, NOTIF_RECV, notification);
            int error = decide(listener, notification, host, begins, refusal);
            answer.clear();
            answer.setLong(0, notification.getLong(0));
            answer.setInt(16, -error);
            try {
                ioctl(listener, NOTIF_SEND, answer);
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Errno.ENOENT) throw e; // ENOENT: who asked is gone
            }
        }
    }

    /** 0 if the name has been set, else an errno. */
    static int decide(int listener, Memory notification, Caller host, String begins, int refusal) {
        int length = (int) notification.getLong(40);
        if (length < 0 || length > 64) return Errno.EINVAL;
        byte[] name = new byte[length];
        try {
            int memory = open("/proc/" + notification.getInt(8) + "/mem", O_RDONLY | O_CLOEXEC, 0);
            try {
                pread(memory, name, length, notification.getLong(32));
                ioctl(listener, NOTIF_ID_VALID, notification); // the PID may have become somebody else's; its first eight bytes are the id
            } finally {
                close(memory);
            }
        } catch (LastErrorException e) {
            return e.getErrorCode() == 5 ? 14 : Errno.EPERM; // nothing is at that address: EIO, which the caller knows as EFAULT
        }
        String text = new String(name, StandardCharsets.UTF_8); // read once: what the caller writes to its memory from now on has no effect
        if (!text.startsWith(begins)) return refusal;
        return 0;
    }
}
