package grader.judge;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import kit.Errno;
import kit.Syscall;
import outside.Proc;

/**
 * A copy of a process or thread of an answer that makes the system calls which the judge dictates: so one sees what the kernel
 * permits it, whatever it says itself. The judge stops the original by ptrace(2), makes it call clone(2) without any flag, and lets
 * it go on; the child has its namespaces, its capabilities, its seccomp filters, its open files, and a memory of its own. It never
 * runs an instruction of the answer's.
 */
public final class Twin implements AutoCloseable {
    private static final int WORDS = 65536;

    private final Tracee copy;
    private long words, used;

    private Twin(Tracee copy) {
        this.copy = copy;
    }

    /**
     * Makes one. Fails, as an assertion, if the original ends, computes all the time, or is traced by somebody else.
     *
     * @param box the first process of the box in which it must be
     * @param end the signal that the original gets when the copy has ended; without one it does not learn of it
     */
    static Twin of(Proc task, long box, int end) {
        try {
            var original = Tracee.stop((int) task.pid());
            try {
                // It cannot end now without our notice. But before it was stopped it may have, and its number may be somebody else's.
                if (!below(original.tid, box)) throw new AssertionError("A process or thread of yours ended while it was looked at.");
                long made = original.call(Syscall.number("clone"), end, 0, 0, 0, 0);
                if (made < 0) throw new AssertionError("A copy of your process is refused: clone(2) gives " + Errno.name((int) -made) + ".");
                return new Twin(original.child());
            } finally {
                original.abandon();
            }
        } catch (LastErrorException e) {
            Tracee.told(e);
            throw new AssertionError("A process of yours ended while it was looked at.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static boolean below(long pid, long box) {
        for (; pid > 1; pid = Long.parseLong(Proc.of(pid).status().get("PPid"))) if (pid == box) return true;
        return false;
    }

    /** Its PID here. */
    public Proc proc() {
        return Proc.of(copy.tid);
    }

    /**
     * Makes a system call. A child that it gets by clone(2) is ended at once.
     *
     * @param arguments int, long, byte[], or String for a path or name: it gets a pointer to that
     * @return what the kernel gives, which is -errno for a failure
     */
    public long call(String name, Object... arguments) {
        if (Syscall.number(name) < 0) throw new IllegalArgumentException("no system call is called " + name);
        return call(Syscall.number(name), name + "(2)", arguments);
    }

    private long call(long number, String name, Object... arguments) {
        try {
            var all = new long[arguments.length];
            for (int i = 0; i < all.length; i++) all[i] = word(arguments[i]);
            long result = copy.call(number, all);
            if (copy.hasChild()) copy.child().kill(); // it was only to be seen whether there would be one
            return copy.signal() == 0 ? result : -Errno.number("EINTR");
        } catch (LastErrorException e) {
            throw new AssertionError("A copy of your process ended in " + name + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The same: "success", or the name of the errno. */
    public String errno(String name, Object... arguments) {
        return named(call(name, arguments));
    }

    /** The same for a call without a name. */
    public String errno(long number) {
        return named(call(number, "a call without a name"));
    }

    private String named(long result) {
        return copy.signal() != 0 ? "signal " + copy.signal() : result < 0 && result >= -4095 ? Errno.name((int) -result) : "success";
    }

    /** The same for a call by the numbers of 32-bit x86, which a 64-bit program makes with the instruction int 0x80. */
    public String errno32(int number, long... arguments) {
        try {
            long result = (int) copy.call32(number, arguments);
            return copy.signal() != 0 ? "signal " + copy.signal() : result < 0 && result >= -4095 ? Errno.name((int) -result) : "success";
        } catch (LastErrorException e) {
            throw new AssertionError("A copy of your process ended in a 32-bit call.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Whether this machine's processors have the instruction that {@link #errno32} takes. */
    public static boolean has32() {
        return Tracee.has32();
    }

    /** A text that a call has written: where the pointer leads that {@link #room} gave. */
    public String text(long address, int length) {
        var bytes = new byte[length + 8];
        for (int i = 0; i < length; i += 8) {
            long word = copy.peek(address + i);
            for (int j = 0; j < 8; j++) bytes[i + j] = (byte) (word >> 8 * j);
        }
        int end = 0;
        while (end < length && bytes[end] != 0) end++;
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** So many bytes of its memory, for a call to write to. */
    public long room(int bytes) {
        if (words == 0) {
            words = call("mmap", 0, WORDS, 3, 0x22, -1, 0); // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
            if (words < 0 && words >= -4095) throw new AssertionError("mmap(2) gives " + Errno.name((int) -words) + " in your process.");
        }
        if (used + bytes > WORDS) throw new IllegalStateException("a twin has " + WORDS + " bytes for arguments");
        long address = words + used;
        used += bytes + 7 & ~7L;
        return address;
    }

    /** Writes a text there, without a zero at its end. */
    public void write(long address, String text) {
        copy.write(address, text.getBytes(StandardCharsets.UTF_8));
    }

    private long word(Object argument) {
        if (argument instanceof Number number) return number.longValue();
        var bytes = argument instanceof String text ? Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8).length + 1) : (byte[]) argument;
        long address = room(bytes.length);
        copy.write(address, bytes);
        return address;
    }

    /** Ends it. */
    @Override
    public void close() {
        copy.kill();
    }
}
