package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/**
 * Answers the system calls for which a filter returns USER_NOTIF. The kernel stops the calling thread and hands the call to
 * whoever has the filter's listener, a file descriptor; the answer becomes the call's result; seccomp_unotify(2).
 */
public final class Supervisor implements AutoCloseable {
    // linux/seccomp.h; the requests hold the size of their struct
    private static final int SECCOMP_SET_MODE_FILTER = 1, SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    private static final long SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100L, SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101L;

    /** A call that waits for its answer. */
    public record Request(int pid, int number, long[] arguments) {
        /** What stands in the caller's memory where an argument points to: what a filter cannot look at; proc(5), /proc/PID/mem. */
        public String text(int argument, int length) {
            int memory = open("/proc/" + pid + "/mem", O_RDONLY | O_CLOEXEC, 0);
            byte[] bytes = new byte[length];
            try {
                pread(memory, bytes, length, arguments[argument]);
            } finally {
                Libc.close(memory);
            }
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }

    /** Decides about a call, and does it in the caller's place if it shall be done: 0 or the errno for the caller. */
    public interface Judge {
        int answer(Request request);
    }

    private final int listener;
    private final Thread thread;

    /** Puts a caller under a filter, and a judge beside it. */
    public Supervisor(Caller supervised, SeccompFilter filter, Judge judge) {
        Memory program = filter.program();
        listener = supervised.call(() -> (int) syscall(Syscall.number("seccomp"), SECCOMP_SET_MODE_FILTER,
                SECCOMP_FILTER_FLAG_NEW_LISTENER, Pointer.nativeValue(program), 0, 0, 0));
        Reference.reachabilityFence(program);
        thread = new Thread(() -> answer(judge), "supervisor");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer(Judge judge) {
        try {
            while (wanted()) {
                Memory notification = new Memory(80), answer = new Memory(24); // struct seccomp_notif, struct seccomp_notif_resp
                notification.clear();
                ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notification);
                // u64 id, u32 pid, u32 flags, then struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]
                int errno = judge.answer(new Request(notification.getInt(8), notification.getInt(16), notification.getLongArray(32, 6)));
                answer.clear();
                answer.setLong(0, notification.getLong(0)); // u64 id, s64 val, s32 error, u32 flags
                answer.setInt(16, -errno);
                ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer);
            }
        } catch (LastErrorException e) {
            // the caller is gone: nobody wants an answer any more
        } finally {
            Libc.close(listener); // from now on the kernel answers ENOSYS
        }
    }

    /** Waits for a call: false when nobody is left under the filter. */
    private boolean wanted() {
        Memory pollfd = new Memory(8);
        pollfd.setInt(0, listener);
        pollfd.setInt(4, POLLIN);
        poll(pollfd, 1, -1);
        return (pollfd.getShort(6) & POLLIN) != 0;
    }

    /** Waits for the end of the judge, which comes with the end of the last one under the filter. */
    @Override
    public void close() {
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
