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

/*
 * Exercise SeccompNotify | lab Seccomp | difficulty 5
 *
 * A thread without CAP_SYS_ADMIN may not rename its UTS namespace. You supervise it: where the name that it wants begins as the program
 * says you set that name in its place; for any other name it gets the errno that the program says, and the hostname stays.
 * A filter cannot tell the one from the other, for it does not see what a pointer points to.
 *
 *   seccomp.user-notification      | 5 | A thread that lacks CAP_SYS_ADMIN calls sethostname(2) with such a name, and the hostname changes.
 *   seccomp.arguments-not-pointers | 3 | With another name, at the same address and of the same length, it gets the errno, and nothing changes.
 *
 * Read: seccomp_unotify(2), its example, and what it says about SECCOMP_IOCTL_NOTIF_ID_VALID; /proc/PID/mem in proc(5)
 */
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

        // TODO 1: put the thread under a filter that returns USER_NOTIF for sethostname(2): Libc.syscall, seccomp(2) with
        //         SECCOMP_FILTER_FLAG_NEW_LISTENER gives the listener; new SeccompFilter(...).program() is what it wants (and without
        //         CAP_SYS_ADMIN first PR_SET_NO_NEW_PRIVS)
        // TODO 2: start a thread that calls supervise(listener, ...)

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
            // TODO 3: wait for a call, read the name, decide, act on the thread host, answer
            break;
        }
    }
}
