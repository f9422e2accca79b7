package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.Twin;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kit.Errno;
import kit.Syscall;
import org.junit.jupiter.api.Test;
import outside.Verifies;

class SeccompFilterCheck extends Check {
    /** Calls that succeed for anybody, whatever they are given here; none has an effect. */
    private static final List<String> HARMLESS = List.of("getpid", "getppid", "getuid", "geteuid", "getgid", "getegid", "gettid", "sched_yield", "umask", "getpgid", "getsid",
            "times", "getrandom", "uname", "getgroups", "sigaltstack");
    /** Calls that fail for anybody because descriptor -1 is none: neighbours of those that are to be refused, and others with the same kind of arguments. */
    private static final List<String> NO_FILE = List.of("connect", "bind", "listen", "sendto", "fchdir", "fsync", "setns", "read", "write", "ioctl");
    private static final int SOCK_DGRAM = 2, X32 = 0x40000000;

    @Test
    @Verifies("seccomp.errno-without-running")
    void errnos(Live live) {
        try (var twin = live.twin(live.filtered())) {
            assertEquals(Errno.name(live.number("errno of sethostname", 44, 48)), twin.errno("sethostname", 0, 5), "Your filter answers sethostname(2) otherwise");
            assertEquals(Errno.name(live.number("errno of mount", 48, 52)), twin.errno("mount", 0, 0, 0, 0, 0), "Your filter answers mount(2) otherwise");
            for (var name : HARMLESS) assertEquals("success", twin.errno(name, arguments(twin, name)), () -> "Your filter hinders " + name + "(2), of which nothing was said");
            for (var name : NO_FILE) assertEquals("EBADF", twin.errno(name, -1, 0, 0, 0), () -> "Your filter hinders " + name + "(2), of which nothing was said");
            assertEquals("EFAULT", twin.errno("umount2", 0, 0), "Your filter hinders umount2(2), of which nothing was said");
        }
    }

    private static Object[] arguments(Twin twin, String name) {
        return name.equals("times") || name.equals("uname") ? new Object[] {twin.room(512)} : new Object[] {0, 0, 0};
    }

    @Test
    @Verifies("seccomp.arguments-not-pointers")
    void domain(Live live) {
        int domain = live.number("domain of socket", 1, 3);
        var expected = Errno.name(live.number("errno of socket", 52, 58));
        try (var twin = live.twin(live.filtered())) {
            assertEquals(expected, twin.errno("socket", domain, SOCK_DGRAM, 0), "Your filter answers socket(" + domain + ", ...) otherwise");
            assertEquals("success", twin.errno("socket", 3 - domain, SOCK_DGRAM, 0), "Your filter answers socket(" + (3 - domain) + ", ...), of which nothing was said");
            assertEquals("success", twin.errno("socket", 3 - domain, 3 - domain, 0), "Your filter looks at another argument than the first");
            assertEquals(expected, twin.errno("socket", domain | 1L << 32, SOCK_DGRAM, 0),
                    "For socket(2) the domain is an int. Whoever sets a bit in the upper half of the register gets the same socket, and around your filter");
        }
    }

    @Test
    @Verifies("seccomp.kill-process")
    void killed(Live live) {
        try (var twin = live.twin(live.filtered())) {
            assertEquals("signal 31", twin.errno("reboot", 0, 0, 0, 0), "reboot(2) does not end the process with SIGSYS");
            assertEquals(false, twin.proc().alive(), "After reboot(2) the process lives on");
        }
        try (var twin = live.twin(live.filtered())) {
            assertEquals("signal 31", twin.errno(X32 + Syscall.number("getpid")), "A call by a number of x32, getpid's, does not end the process with SIGSYS");
        }
        if (!foreign(live)) return; // a process of this machine has no other architecture's calls
        for (int number : List.of(20, 74, 21)) { // getpid, sethostname, mount: asm/unistd_32.h
            try (var twin = live.twin(live.filtered())) {
                assertEquals("signal 31", twin.errno32(number, 0, 5, 0, 0, 0), "System call " + number + " of 32-bit x86, by the instruction int 0x80, does not end the process with SIGSYS");
                assertEquals(false, twin.proc().alive(), "After a 32-bit call the process lives on");
            }
        }
    }

    /** Whether there is a way to 32-bit calls from a 64-bit process here. The box itself refuses them, with an errno that is less strict. */
    private static boolean foreign(Live live) {
        if (!Twin.has32()) return false;
        try (var twin = live.twin(live.init())) {
            return twin.errno32(20).equals("ENOSYS");
        }
    }

    @Override
    public List<String> hints() {
        return List.of("Numbers mean nothing before you know whose they are: 74 is fsync on x86_64 and sethostname in 32-bit x86, which the same process can call.",
                "A program begins: load ARCH; if it is Syscall.ARCH go on, else return KILL_PROCESS. Then load NR: JGE 0x40000000 finds the numbers of x32, JEQ one number after the other.",
                "new Instruction(JEQ, 0, 1, Syscall.number(\"mount\")) and new Instruction(RET, 0, 0, ERRNO | mount): jf = 1 jumps over the answer.",
                "A jump counts from the next instruction, and only forward. So what comes last, ALLOW, can be reached from everywhere.",
                "For socket(2): compare NR, then load ARGS, which is the low half of the first argument, and compare that with the domain. Leave the upper half alone.");
    }

    @Override
    public String hint(Live live) {
        var saw = new TreeMap<String, String>();
        try (var twin = live.twin(live.filtered())) {
            int domain = live.number("domain of socket", 1, 3);
            for (var call : Map.of("sethostname(NULL, 5)", new Object[] {"sethostname", 0, 5}, "mount(NULL, NULL, ...)", new Object[] {"mount", 0, 0, 0, 0, 0},
                    "socket(" + domain + ", SOCK_DGRAM, 0)", new Object[] {"socket", domain, SOCK_DGRAM, 0}).entrySet())
                saw.put(call.getKey(), twin.errno((String) call.getValue()[0], java.util.Arrays.copyOfRange(call.getValue(), 1, call.getValue().length)));
            return "What a copy of your child " + twin.proc().pid() + " gets from the kernel: " + saw;
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            The kernel runs the filter at the entry of every system call, before it looks at an argument: mount(NULL, ...) got your
            errno and not EFAULT. The filter sees registers, never what a pointer points to. An int argument fills half a register, and
            the kernel ignores the rest: a filter that compares all 64 bits can be passed by with one bit above. And one process has
            several sets of numbers: on x86 those of 32 bits by int 0x80, and where the kernel has the x32 ABI its own with bit 30 set. The judge
            saw all this from a copy of your child, made by fork(2): a filter is inherited, and nothing takes it off.""";
    }
}
