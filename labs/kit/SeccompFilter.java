package kit;

import static kit.Libc.*;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A seccomp filter: a program for the kernel's little BPF machine, which runs it at the entry of every system call; seccomp(2).
 * The machine has one register. It can load 32 bits of struct seccomp_data (number, architecture, instruction pointer, six
 * arguments), compare, jump forward and return an action. It can not follow a pointer, so a filter never knows a path.
 */
public final class SeccompFilter {
    // What a filter returns, the strictest first: of several filters the strictest one wins; linux/seccomp.h
    public static final long RET_KILL_PROCESS = 0x80000000L;
    public static final long RET_KILL_THREAD = 0;
    public static final long RET_TRAP = 0x00030000;
    /** Or'ed with the errno: {@code RET_ERRNO | 1} is EPERM. */
    public static final long RET_ERRNO = 0x00050000;
    public static final long RET_USER_NOTIF = 0x7fc00000;
    public static final long RET_TRACE = 0x7ff00000;
    public static final long RET_LOG = 0x7ffc0000;
    public static final long RET_ALLOW = 0x7fff0000;

    /** Where struct seccomp_data keeps what a program can load; argument n stands at ARGS + 8 n, its low half first. */
    private static final int NR = 0, ARCH = 4, ARGS = 16;

    // The instructions that are needed: class, size or operator, and that the operand is a constant; linux/bpf_common.h
    private static final int LD = 0x20, AND = 0x54, JEQ = 0x15, JGT = 0x25, JGE = 0x35, RET = 0x06;
    private static final int X32_BIT = 0x40000000;
    /** A jump's 8 bits reach no further than 255 instructions; and a jump to the end of its rule, which is not known yet. */
    private static final int REACH = 200, END = -1;

    /** One instruction, struct sock_filter, but that the jumps name the instruction where to go on. */
    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    /** What an argument of a call must be, as the OCI runtime specification has it: op is SCMP_CMP_EQ, ..., SCMP_CMP_MASKED_EQ. */
    public record Argument(int index, String op, long value, long valueTwo) {}

    private final List<Instruction> instructions = new ArrayList<>();
    private final long defaultAction;

    /** @param defaultAction what calls get that no rule names */
    public SeccompFilter(long defaultAction) {
        this(defaultAction, RET_KILL_PROCESS);
    }

    /** @param foreign what calls get by the numbers of another architecture */
    public SeccompFilter(long defaultAction, long foreign) {
        this.defaultAction = defaultAction;
        // Numbers mean nothing before the architecture is known: 165 is mount on x86_64 and getrusage on aarch64.
        add(LD, 0, 0, ARCH);
        add(JEQ, 3, 2, Syscall.ARCH);
        add(RET, 0, 0, (int) foreign);
        add(LD, 0, 0, NR);
        if (Machine.arch().equals("x86_64")) { // the x32 ABI has the same architecture and this bit in its numbers
            add(JGE, 5, 6, X32_BIT);
            add(RET, 0, 0, (int) RET_ERRNO | Errno.ENOSYS);
        }
    }

    /** These calls get this action. The first rule that fits decides; a name that this architecture lacks is left out. */
    public SeccompFilter on(long action, String... syscalls) {
        return on(action, List.of(), syscalls);
    }

    /** The same if all of the arguments fit. */
    public SeccompFilter on(long action, List<Argument> arguments, String... syscalls) {
        int[] numbers = List.of(syscalls).stream().mapToInt(Syscall::number).filter(number -> number >= 0).toArray();
        for (int from = 0; from < numbers.length; from += REACH) {
            int start = instructions.size(), to = Math.min(numbers.length, from + REACH), found = start + to - from;
            for (int i = from; i < to; i++) {
                add(JEQ, found, i == to - 1 ? END : instructions.size() + 1, numbers[i]);
            }
            arguments.forEach(this::test);
            add(RET, 0, 0, (int) action);
            int end = instructions.size();
            instructions.subList(start, end).replaceAll(each -> new Instruction(each.code,
                    each.ifTrue == END ? end : each.ifTrue, each.ifFalse == END ? end : each.ifFalse, each.operand));
            if (!arguments.isEmpty()) {
                add(LD, 0, 0, NR); // the tests have loaded something else
            }
        }
        return this;
    }

    /** Goes on with the next instruction if an argument fits. It has 64 bits, and the machine 32. */
    private void test(Argument argument) {
        int low = ARGS + 8 * argument.index, at = instructions.size();
        int lowValue = (int) argument.value, highValue = (int) (argument.value >>> 32);
        add(LD, 0, 0, low + 4);
        switch (argument.op) {
            case "SCMP_CMP_EQ", "SCMP_CMP_NE" -> {
                boolean equal = argument.op.equals("SCMP_CMP_EQ");
                add(JEQ, at + 2, equal ? END : at + 4, highValue);
                add(LD, 0, 0, low);
                add(JEQ, equal ? at + 4 : END, equal ? END : at + 4, lowValue);
            }
            case "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_LE", "SCMP_CMP_LT" -> {
                boolean greater = argument.op.contains("_G"); // less or equal is: not greater
                int yes = greater ? at + 5 : END, no = greater ? END : at + 5;
                add(JGT, yes, at + 2, highValue);
                add(JEQ, at + 3, no, highValue);
                add(LD, 0, 0, low);
                add(argument.op.endsWith("GT") || argument.op.endsWith("LE") ? JGT : JGE, yes, no, lowValue);
            }
            case "SCMP_CMP_MASKED_EQ" -> {
                add(AND, 0, 0, highValue);
                add(JEQ, at + 3, END, (int) (argument.valueTwo >>> 32));
                add(LD, 0, 0, low);
                add(AND, 0, 0, lowValue);
                add(JEQ, at + 6, END, (int) argument.valueTwo);
            }
            default -> throw new IllegalArgumentException("no comparison is called " + argument.op);
        }
    }

    private void add(int code, int ifTrue, int ifFalse, int operand) {
        instructions.add(new Instruction(code, ifTrue, ifFalse, operand));
    }

    private List<Instruction> complete() {
        List<Instruction> all = new ArrayList<>(instructions);
        all.add(new Instruction(RET, 0, 0, (int) defaultAction));
        return all;
    }

    /** A struct sock_fprog, which prctl(2) and seccomp(2) want: how many instructions, and where. */
    public Memory program() {
        return new Program(complete());
    }

    private static final class Program extends Memory {
        private final Memory code; // lives as long as who points at it

        Program(List<Instruction> instructions) {
            super(16);
            code = new Memory(8L * instructions.size());
            for (int i = 0; i < instructions.size(); i++) {
                Instruction instruction = instructions.get(i);
                code.setShort(8L * i, (short) instruction.code);
                code.setByte(8L * i + 2, (byte) Math.max(0, instruction.ifTrue - i - 1)); // the machine counts from the next one
                code.setByte(8L * i + 3, (byte) Math.max(0, instruction.ifFalse - i - 1));
                code.setInt(8L * i + 4, instruction.operand);
            }
            clear();
            setShort(0, (short) instructions.size());
            setPointer(8, code);
        }
    }

    /** The step by which a {@link Child} puts itself under this filter, for good; prctl(2). */
    public Child.Step install() {
        return Child.call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program());
    }

    /** The same for the calling thread alone; threads and processes that it starts inherit the filter. */
    public void installOnThisThread() {
        Memory program = program();
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, Pointer.nativeValue(program), 0, 0);
        Reference.reachabilityFence(program); // the garbage collector does not see that the kernel reads it
    }

    /** The program for a reader, an instruction a line: number, code, jumps, operand, meaning. */
    public String listing() {
        List<Instruction> all = complete();
        StringBuilder text = new StringBuilder();
        int loaded = NR;
        for (int i = 0; i < all.size(); i++) {
            Instruction it = all.get(i);
            loaded = it.code == LD ? it.operand : loaded;
            boolean jump = it.code == JEQ || it.code == JGT || it.code == JGE;
            text.append(String.format(Locale.ROOT, "%3d  {0x%02x, %2d, %2d, 0x%08x}  %s%n", i, it.code, jump ? it.ifTrue - i - 1 : 0,
                    jump ? it.ifFalse - i - 1 : 0, it.operand, meaning(it, loaded)));
        }
        return text.toString();
    }

    private static String meaning(Instruction it, int loaded) {
        String branch = "? then " + it.ifTrue + " else " + it.ifFalse;
        return switch (it.code) {
            case LD -> "load " + (it.operand == NR ? "the number of the call" : it.operand == ARCH ? "the architecture"
                    : (it.operand % 8 == 0 ? "the low" : "the high") + " half of argument " + (it.operand - ARGS) / 8);
            case AND -> "and with 0x" + Integer.toHexString(it.operand);
            case JEQ -> "is it " + (loaded == ARCH ? Machine.arch() : loaded == NR ? Syscall.name(it.operand)
                    : "0x" + Integer.toHexString(it.operand)) + branch;
            case JGT -> "is it more than 0x" + Integer.toHexString(it.operand) + branch;
            case JGE -> "is it 0x" + Integer.toHexString(it.operand) + " or more" + branch;
            default -> "return " + action(it.operand & 0xffffffffL);
        };
    }

    /** The name of an action, {@code ERRNO(EPERM)} for 0x50001. */
    public static String action(long action) {
        int data = (int) action & 0xffff;
        long bare = action & 0xffff0000L;
        return bare == RET_ERRNO ? "ERRNO(" + Errno.name(data) + ")" : bare == RET_KILL_PROCESS ? "KILL_PROCESS" : bare == RET_KILL_THREAD ? "KILL_THREAD"
                : bare == RET_TRAP ? "TRAP" : bare == RET_USER_NOTIF ? "USER_NOTIF" : bare == RET_TRACE ? "TRACE" : bare == RET_LOG ? "LOG" : "ALLOW";
    }
}
