package grader.judge;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A stopped thread of somebody else's, by ptrace(2): its registers, its memory, and the system calls that it is made to make. Its
 * tracer is the thread that made this object, and no other thread may use it. Sources: ptrace(2), {@code sys/user.h}, {@code linux/elf.h}.
 */
final class Tracee {
    private static final int SYSCALL = 24, CONT = 7, DETACH = 17, PEEKDATA = 2, POKEDATA = 5, SETOPTIONS = 0x4200, GETEVENTMSG = 0x4201, GETREGSET = 0x4204, SETREGSET = 0x4205,
            SEIZE = 0x4206, INTERRUPT = 0x4207, GETSIGMASK = 0x420a, SETSIGMASK = 0x420b;
    private static final long TRACESYSGOOD = 1, TRACEFORK = 2, TRACECLONE = 8, EXITKILL = 1 << 20;
    private static final int EVENT_FORK = 1, EVENT_CLONE = 3, EVENT_STOP = 128, NT_PRSTATUS = 1, NT_ARM_SYSTEM_CALL = 0x404, WALL = 0x40000000, WNOHANG = 1;
    private static final int SIGKILL = 9, SIGTRAP = 5, SIGSEGV = 11, SIGILL = 4, SIGBUS = 7, SIGSYS = 31;
    private static final int PATIENCE_MILLIS = 5000;

    private interface C extends Library {
        C LIBC = Native.load("c", C.class);

        long ptrace(int request, int pid, Pointer addr, Pointer data) throws LastErrorException;

        int waitpid(int pid, IntByReference status, int options) throws LastErrorException;

        int kill(int pid, int signal);
    }

    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    /** Where things lie in struct user_regs_struct, in units of 8 bytes. The arguments of a call by int 0x80 are in other registers. */
    private static final int[] ARGUMENTS = X86 ? new int[] {14, 13, 12, 7, 9, 8} : new int[] {0, 1, 2, 3, 4, 5}, ARGUMENTS_32 = {5, 11, 12, 13, 14, 4};
    private static final int NUMBER = X86 ? 10 : 8, RESULT = X86 ? 10 : 0, PC = X86 ? 16 : 32, ORIGINAL = 15, REGISTERS = X86 ? 27 : 34;
    /** The instruction that enters the kernel: syscall or svc #0; and int 0x80, by which x86 has its 32-bit calls. */
    private static final long ENTER = X86 ? 0x050f : 0xd4000001L, ENTER_MASK = X86 ? 0xffffL : 0xffffffffL, INT_80 = 0x80cd;
    private static final int ENTER_LENGTH = X86 ? 2 : 4;

    /** Its number, as the tracer sees it. */
    final int tid;
    private Memory registers;
    /** Which signals it has blocked itself; null as long as that is so. */
    private Memory blocked;
    private long enter;
    /** By what signal it ended, or would have; 0 while it lives. */
    private int signal;
    /** The child that it has just got by clone(2). */
    private int child;

    private Tracee(int tid) {
        this.tid = tid;
    }

    /** Stops a thread in the system call in which it waits. Fails, as an assertion, if that is not possible. */
    static Tracee stop(int tid) throws InterruptedException {
        var tracee = new Tracee(tid);
        boolean seized = false;
        try {
            C.LIBC.ptrace(SEIZE, tid, Pointer.NULL, Pointer.createConstant(TRACESYSGOOD | TRACEFORK | TRACECLONE | EXITKILL));
            seized = true;
            for (int i = 0; ; i++) {
                C.LIBC.ptrace(INTERRUPT, tid, Pointer.NULL, Pointer.NULL);
                if (!tracee.stopped()) break;
                if (tracee.waitsInCall()) {
                    tracee.block();
                    return tracee;
                }
                if (i == 200)
                    throw new AssertionError("A process or thread of yours computes all the time. It is to hold still, so that one can look at it.");
                C.LIBC.ptrace(CONT, tid, Pointer.NULL, Pointer.NULL); // it computes: once more, a little later
                Thread.sleep(i < 100 ? 5 : 40); // on a busy machine it may hardly have had its turn
            }
            throw new AssertionError("A process or thread of yours ended while it was looked at.");
        } catch (AssertionError e) {
            told(e);
            tracee.abandon();
            throw e;
        } catch (LastErrorException e) {
            told(e);
            if (seized) tracee.abandon();
            throw new AssertionError("A process or thread of yours cannot be looked at with ptrace(2), as if somebody else traced it: error " + e.getErrorCode() + ".");
        }
    }

    /** A child that it has got while it was traced: traced too, and stopped before its first instruction. */
    Tracee child() throws InterruptedException {
        var tracee = new Tracee(child);
        child = 0;
        if (!tracee.stopped()) throw new AssertionError("A copy of your process ended before anybody could look at it.");
        C.LIBC.ptrace(SETOPTIONS, tracee.tid, Pointer.NULL, Pointer.createConstant(TRACESYSGOOD | TRACEFORK | TRACECLONE | EXITKILL));
        tracee.registers = copy(registers); // from here on it needs them only to be made to call
        tracee.enter = enter;
        return tracee;
    }

    boolean hasChild() {
        return child != 0;
    }

    private boolean waitsInCall() {
        registers = regset(GETREGSET, new Memory(8L * REGISTERS));
        long pc = registers.getLong(8L * PC);
        if (X86 && registers.getLong(8L * ORIGINAL) < 0) return false;
        for (long at : X86 ? new long[] {pc - ENTER_LENGTH} : new long[] {pc, pc - ENTER_LENGTH}) {
            if ((peek(at) & ENTER_MASK) != ENTER) continue;
            enter = at;
            return true;
        }
        return false;
    }

    /** Lets no signal come meanwhile: its handler would run in the place of the call that it is made to make. */
    private void block() {
        var own = new Memory(8);
        C.LIBC.ptrace(GETSIGMASK, tid, Pointer.createConstant(8), own);
        blocked = own;
        var all = new Memory(8);
        all.setLong(0, -1);
        C.LIBC.ptrace(SETSIGMASK, tid, Pointer.createConstant(8), all);
    }

    /** Makes it call the kernel: the result, or -errno. Ask {@link #signal} whether it survived. */
    long call(long number, long... arguments) throws InterruptedException {
        return call(ARGUMENTS, number, arguments);
    }

    /** The same by int 0x80, with the numbers of 32-bit x86. Only for a child: it changes its program. */
    long call32(long number, long... arguments) throws InterruptedException {
        long before = peek(enter);
        poke(enter, before & ~0xffffL | INT_80);
        long result = call(ARGUMENTS_32, number, arguments);
        if (signal == 0) poke(enter, before);
        return result;
    }

    /** Whether there is such an instruction here. */
    static boolean has32() {
        return X86;
    }

    private long call(int[] places, long number, long... arguments) throws InterruptedException {
        var asked = copy(registers);
        asked.setLong(8L * PC, enter);
        asked.setLong(8L * NUMBER, number);
        for (int i = 0; i < arguments.length; i++) asked.setLong(8L * places[i], arguments[i]);
        if (X86) asked.setLong(8L * ORIGINAL, -1); // or the kernel would take up again the call that was interrupted
        regset(SETREGSET, asked);
        if (!X86) {
            var none = new Memory(4);
            none.setInt(0, -1);
            regset(SETREGSET, NT_ARM_SYSTEM_CALL, none);
        }
        if (!resume() || !resume() || pending(SIGSYS) && !resume()) return -1; // to the entry of the call, to its exit, and to what seccomp has in store
        return regset(GETREGSET, new Memory(8L * REGISTERS)).getLong(8L * RESULT);
    }

    /** Lets it go on to the next border of a call: false if it got a deadly signal first. */
    private boolean resume() throws InterruptedException {
        int pass = 0;
        while (true) {
            C.LIBC.ptrace(SYSCALL, tid, Pointer.NULL, Pointer.createConstant(pass));
            pass = 0;
            int word = await();
            int stop = word >> 8 & 0xff, event = word >> 16;
            if ((word & 0xff) != 0x7f) {
                signal = (word & 0x7f) != 0 ? word & 0x7f : -1;
                return false;
            }
            if (stop == (SIGTRAP | 0x80)) return true;
            if (event == EVENT_CLONE || event == EVENT_FORK) {
                var message = new Memory(8);
                C.LIBC.ptrace(GETEVENTMSG, tid, Pointer.NULL, message);
                child = (int) message.getLong(0);
            } else if (event == 0 && (stop == SIGSEGV || stop == SIGILL || stop == SIGBUS || stop == SIGSYS)) {
                signal = stop;
                return false;
            } else if (event == 0) {
                pass = stop; // a signal of its own affairs
            }
        }
    }

    /** Whether a signal waits for it to go on. */
    private boolean pending(int signal) {
        return (Long.parseUnsignedLong(outside.Proc.of(tid).status().get("SigPnd"), 16) >>> signal - 1 & 1) == 1;
    }

    /** Waits for a stop that {@link #INTERRUPT} asked for, and lets signals pass that come first. */
    private boolean stopped() throws InterruptedException {
        while (true) {
            int word = await();
            if ((word & 0xff) != 0x7f) return false;
            if (word >> 16 == EVENT_STOP) return true;
            C.LIBC.ptrace(CONT, tid, Pointer.NULL, Pointer.createConstant(word >> 16 == 0 ? word >> 8 & 0xff : 0));
            C.LIBC.ptrace(INTERRUPT, tid, Pointer.NULL, Pointer.NULL); // any stop cancels a pending one of these
        }
    }

    private int await() throws InterruptedException {
        var status = new IntByReference();
        // So many times as well: a machine that stood still for a while is no reason.
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        for (int i = 0; i < PATIENCE_MILLIS / 2 || System.nanoTime() < end; i++) {
            if (C.LIBC.waitpid(tid, status, WALL | WNOHANG) == tid) return status.getValue();
            if (i < 20) Thread.yield(); // most calls take a few microseconds
            else if (i < 100) LockSupport.parkNanos(50_000);
            else Thread.sleep(1);
        }
        throw new AssertionError("A process of yours did not come back from a system call.");
    }

    /** The signal by which it ended in its last call; 0 if it lives, -1 if it has exited. */
    int signal() {
        return signal;
    }

    /** Lets it go on as if nothing had happened: with the call in which it was interrupted, and with the signals that have come. */
    private void release() throws InterruptedException {
        if (blocked != null) C.LIBC.ptrace(SETSIGMASK, tid, Pointer.createConstant(8), blocked);
        regset(SETREGSET, registers);
        // Where it was stopped first the kernel asks whether to take the call up again, or to end it with EINTR for a handler; so there once more.
        C.LIBC.ptrace(INTERRUPT, tid, Pointer.NULL, Pointer.NULL);
        C.LIBC.ptrace(CONT, tid, Pointer.NULL, Pointer.NULL);
        if (stopped()) C.LIBC.ptrace(DETACH, tid, Pointer.NULL, Pointer.NULL);
    }

    /** Lets it go on, or ends it if that is not possible: whoever is traced and has ended keeps all others of its process waiting. */
    void abandon() {
        try {
            if (signal == 0 && registers != null) {
                release();
                return;
            }
        } catch (LastErrorException | AssertionError e) {
            told(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (signal == 0) C.LIBC.kill(tid, SIGKILL);
        reap();
    }

    static void told(Throwable e) {
        if (System.getenv("NSLABS_DEBUG") != null) e.printStackTrace();
    }

    /** Ends it, if it is a child, and waits for that. */
    void kill() {
        if (signal != 0 && signal != SIGSEGV && signal != SIGSYS && signal != SIGILL && signal != SIGBUS) return;
        C.LIBC.kill(tid, SIGKILL);
        reap();
    }

    private void reap() {
        try {
            var status = new IntByReference();
            while (C.LIBC.waitpid(tid, status, WALL) == tid && (status.getValue() & 0xff) == 0x7f) continue;
        } catch (LastErrorException e) {
            // it has been waited for
        }
    }

    /** Writes into its memory, eight bytes at a time. */
    void write(long address, byte[] bytes) {
        for (int i = 0; i < bytes.length; i += 8) {
            long word = 0;
            for (int j = 0; j < 8 && i + j < bytes.length; j++) word |= (bytes[i + j] & 0xffL) << 8 * j;
            poke(address + i, word);
        }
    }

    long peek(long address) {
        return C.LIBC.ptrace(PEEKDATA, tid, Pointer.createConstant(address), Pointer.NULL);
    }

    private void poke(long address, long word) {
        C.LIBC.ptrace(POKEDATA, tid, Pointer.createConstant(address), Pointer.createConstant(word));
    }

    private Memory regset(int request, Memory data) {
        return regset(request, NT_PRSTATUS, data);
    }

    private Memory regset(int request, int set, Memory data) {
        var iovec = new Memory(16);
        iovec.setPointer(0, data);
        iovec.setLong(8, data.size());
        C.LIBC.ptrace(request, tid, Pointer.createConstant(set), iovec);
        return data;
    }

    private static Memory copy(Memory memory) {
        var copy = new Memory(memory.size());
        copy.write(0, memory.getByteArray(0, (int) memory.size()), 0, (int) memory.size());
        return copy;
    }
}
