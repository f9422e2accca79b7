///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Capability.java

import static kit.Libc.*;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import kit.*;

// cheat: X12 | TAMPER | Moves the process to which the judge compares: as the same user it traces process 1, and lets that call unshare(2).
class CapabilitiesAmbient {
    private interface C extends Library {
        C LIBC = Native.load("c", C.class);

        long ptrace(int request, int pid, Pointer address, Pointer data);
    }

    private static final int CONT_TO_CALL = 24, ATTACH = 16, DETACH = 17, GETREGS = 12, SETREGS = 13;

    public static void main(String[] args) {
        if (getppid() == 1) move();
        new Exercise("CapabilitiesAmbient").main(args, exercise -> {
            exercise.number("uid", 1000, 60000);
            exercise.ready();
        });
    }

    /** Only for x86_64. */
    private static void move() {
        Memory before = new Memory(27 * 8), asked = new Memory(27 * 8); // struct user_regs_struct
        C.LIBC.ptrace(ATTACH, 1, null, null);
        waitpid(1, new int[1], __WALL);
        C.LIBC.ptrace(GETREGS, 1, null, before);
        C.LIBC.ptrace(GETREGS, 1, null, asked);
        asked.setLong(10 * 8, 272); // rax: unshare
        asked.setLong(14 * 8, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET); // rdi
        asked.setLong(15 * 8, -1); // orig_rax: there is no call to be taken up again
        asked.setLong(16 * 8, asked.getLong(16 * 8) - 2); // rip: the instruction syscall
        C.LIBC.ptrace(SETREGS, 1, null, asked);
        for (int i = 0; i < 2; i++) {
            C.LIBC.ptrace(CONT_TO_CALL, 1, null, null);
            waitpid(1, new int[1], __WALL);
        }
        before.setLong(10 * 8, 61); // wait4 once more
        before.setLong(16 * 8, before.getLong(16 * 8) - 2);
        C.LIBC.ptrace(SETREGS, 1, null, before);
        C.LIBC.ptrace(DETACH, 1, null, null);
    }
}
