package outside;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.util.List;

/**
 * Puts a seccomp filter over the four calls that make or enter a namespace: unshare, setns, clone, clone3.
 * A filter belongs to one thread and is inherited by every process that it starts; it can never be taken off again.
 *
 * <p>As a program it is a machine that says no, the way Docker's default profile does:
 * {@code java outside.Seccomp COMMAND…} runs COMMAND under a filter that answers EPERM. Exit 127 if it cannot.
 *
 * <p>Sources: seccomp(2), the kernel's Documentation/userspace-api/seccomp_filter.rst;
 * {@code linux/seccomp.h}, {@code linux/filter.h}, {@code linux/audit.h} for the numbers.
 */
public final class Seccomp {

    /** All namespace flags, clone(2) and {@code linux/sched.h}: time, mount, cgroup, uts, ipc, user, pid, network. */
    static final int CLONE_NEW = 0x00000080 | 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000
            | 0x20000000 | 0x40000000;
    /** The lowest byte of clone(2)'s flags is the signal at the child's death: there is no CLONE_NEWTIME in clone(2). */
    static final int CSIGNAL = 0xff;

    static final int RET_ALLOW = 0x7fff0000;
    static final int RET_TRACE = 0x7ff00000;
    static final int RET_ERRNO = 0x00050000;
    /** BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JSET|BPF_K, BPF_RET|BPF_K. */
    private static final int LOAD = 0x20;
    private static final int EQUAL = 0x15;
    private static final int ANY_BIT = 0x45;
    private static final int RETURN = 0x06;

    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int ENOSYS = 38;

    private static final int PR_SET_SECCOMP = 22;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_MODE_FILTER = 2;

    /** The numbers of the four calls on one architecture. */
    record Calls(int audit, int unshare, int setns, int clone2, int clone3) {
        static Calls here() {
            return switch (System.getProperty("os.arch")) {
                case "amd64" -> new Calls(0xc000003e, 272, 308, 56, 435);
                case "aarch64" -> new Calls(0xc00000b7, 97, 268, 220, 435);
                default -> throw new UnsupportedOperationException("no syscall numbers for " + System.getProperty("os.arch"));
            };
        }
    }

    private interface C extends Library {
        C LIBC = Native.load("c", C.class);

        int prctl(int option, long arg2, Object arg3, long arg4, long arg5) throws LastErrorException;

        int execvp(String file, StringArray argv) throws LastErrorException;
    }

    private Seccomp() {
    }

    /**
     * Filters the calling thread: each of the four calls that asks for a type in {@code types} gets {@code action}.
     * setns gets it always, because its type may be 0 (any); clone3 gets {@code clone3}, because a filter cannot read its struct.
     *
     * @throws LastErrorException EINVAL where the kernel has no filters
     */
    static void filterThisThread(int types, int action, int clone3) {
        var calls = Calls.here();
        // Loads and returns fill one slot each; a jump names the slots where it goes on if true and if not.
        var filter = new Memory(8L * 14);
        put(filter, 0, LOAD, 0, 0, 4);                          // struct seccomp_data: the architecture
        put(filter, 1, EQUAL, 2, 13, calls.audit);              // another one (32 bits)? allow
        put(filter, 2, LOAD, 0, 0, 0);                          // the number of the call
        put(filter, 3, EQUAL, 11, 4, calls.setns);
        put(filter, 4, EQUAL, 12, 5, calls.clone3);
        put(filter, 5, EQUAL, 7, 6, calls.unshare);
        put(filter, 6, EQUAL, 9, 13, calls.clone2);
        put(filter, 7, LOAD, 0, 0, 16);                         // unshare's flags, its first argument
        put(filter, 8, ANY_BIT, 11, 13, types);
        put(filter, 9, LOAD, 0, 0, 16);                         // clone's flags, its first argument, too
        put(filter, 10, ANY_BIT, 11, 13, types & ~CSIGNAL);
        put(filter, 11, RETURN, 0, 0, action);
        put(filter, 12, RETURN, 0, 0, clone3);
        put(filter, 13, RETURN, 0, 0, RET_ALLOW);
        var program = new Memory(16);
        program.setShort(0, (short) (filter.size() / 8));
        program.setPointer(8, filter);
        try {
            C.LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != EACCES) {
                throw e;
            }
            // Without CAP_SYS_ADMIN the kernel first wants the promise that set-user-ID programs gain nothing any more.
            C.LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, Pointer.NULL, 0, 0);
            C.LIBC.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
        }
    }

    /** struct sock_filter; the machine counts jumps from the next instruction, people count slots. */
    private static void put(Memory filter, int slot, int operation, int ifTrue, int ifFalse, int operand) {
        boolean jumps = operation == EQUAL || operation == ANY_BIT;
        filter.setShort(8L * slot, (short) operation);
        filter.setByte(8L * slot + 2, (byte) (jumps ? ifTrue - slot - 1 : 0));
        filter.setByte(8L * slot + 3, (byte) (jumps ? ifFalse - slot - 1 : 0));
        filter.setInt(8L * slot + 4, operand);
    }

    /** The command line that runs {@code command} where the four calls are refused with EPERM. */
    public static List<String> refuses(List<String> command) {
        return Sabotage.java(Seccomp.class, command);
    }

    /** Runs the command in this process's place. clone3 gives ENOSYS, so that glibc falls back to clone: threads still start. */
    public static void main(String... command) {
        filterThisThread(CLONE_NEW, RET_ERRNO | EPERM, RET_ERRNO | ENOSYS);
        try {
            // exec from any thread ends the others and keeps the filter of the one that called it.
            C.LIBC.execvp(command[0], new StringArray(command));
        } catch (LastErrorException e) {
            System.err.println("execvp(" + command[0] + "): " + e.getMessage());
            Runtime.getRuntime().halt(127);
        }
    }
}
