///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Syscall.java

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.List;
import kit.*;

/*
 * Exercise SeccompFilter | lab Seccomp | difficulty 4
 *
 * A child of this program shall stand under a seccomp filter that you write, instruction by instruction.
 * The filter refuses two system calls with errnos that the program says, a third one for one value of its first argument only,
 * and ends whoever tries to get around it. All other calls go on as before.
 *
 *   seccomp.errno-without-running  | 3 | sethostname(2) and mount(2) give the errnos asked for; other calls are not hindered.
 *   seccomp.arguments-not-pointers | 3 | socket(2) gives its errno for the domain asked for, and for no other.
 *   seccomp.kill-process           | 2 | reboot(2) ends the process, and so does every call by other numbers: another architecture's, or those of x32 from 0x40000000 on.
 *
 * Read: seccomp(2), "struct seccomp_data" and "Caveats" there; linux/filter.h
 */
class SeccompFilter {
    /** One instruction, struct sock_filter. A comparison goes on jt instructions behind the next one if it holds, else jf behind it. */
    record Instruction(int code, int jt, int jf, long k) {}

    // The machine has one register, A. linux/bpf_common.h
    static final int LD = 0x20; // BPF_LD | BPF_W | BPF_ABS: A = the four bytes of struct seccomp_data that begin at k
    static final int JEQ = 0x15; // BPF_JMP | BPF_JEQ | BPF_K: is A = k?
    static final int JGE = 0x35; // BPF_JMP | BPF_JGE | BPF_K: is A at least k?
    static final int RET = 0x06; // BPF_RET | BPF_K: the answer is k

    // What it can load: int nr, __u32 arch, __u64 instruction_pointer, __u64 args[6], with the low half of each first. linux/seccomp.h
    static final int NR = 0, ARCH = 4, ARGS = 16;

    // What it can answer; linux/seccomp.h
    static final long KILL_PROCESS = 0x80000000L, ERRNO = 0x00050000, ALLOW = 0x7fff0000; // ERRNO | 1 is EPERM

    public static void main(String[] args) {
        new Exercise("SeccompFilter").main(args, SeccompFilter::solve);
    }

    static void solve(Exercise exercise) {
        int hostname = exercise.number("errno of sethostname", 44, 48), mount = exercise.number("errno of mount", 48, 52);
        int socket = exercise.number("errno of socket", 52, 58), domain = exercise.number("domain of socket", 1, 3); // AF_UNIX or AF_INET

        List<Instruction> filter = List.of(
                // TODO 1: load what says whose numbers these are; Syscall.ARCH are ours
                // TODO 2: load the number, look whether it is one of x32's, and for the calls above; Syscall.number("mount") is one
                // TODO 3: for socket(2), load the argument too
                new Instruction(RET, 0, 0, ALLOW));

        Child child = Child.clone(0, call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program(filter)));
        exercise.show("the child: " + child.sh("grep Seccomp /proc/$$/status; unshare --uts hostname x; mount -t tmpfs none /mnt"));
        exercise.ready();
    }

    /** A struct sock_fprog: how many instructions, and where. The code lies in the same piece of memory, behind it. */
    static Memory program(List<Instruction> instructions) {
        Memory program = new Memory(16 + 8L * instructions.size());
        program.clear();
        program.setShort(0, (short) instructions.size());
        program.setPointer(8, program.share(16));
        for (int i = 0; i < instructions.size(); i++) {
            Instruction it = instructions.get(i);
            program.setShort(16 + 8L * i, (short) it.code);
            program.setByte(18 + 8L * i, (byte) it.jt);
            program.setByte(19 + 8L * i, (byte) it.jf);
            program.setInt(20 + 8L * i, (int) it.k);
        }
        return program;
    }
}
