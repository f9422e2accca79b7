package outside;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import com.sun.jna.ptr.IntByReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Runs a command whose namespace calls do nothing and report success, in it and in all that it starts.
 * {@code unshare} and {@code clone} lose their CLONE_NEW* flags, {@code setns} becomes {@code unshare(0)}.
 * What a program then claims about its isolation is false, and a good program notices.
 *
 * <p>How: a seccomp filter on one thread stops only those four calls (SECCOMP_RET_TRACE) and so costs nothing elsewhere; the thread
 * starts the command, which inherits the filter, and is its tracer, who edits the registers of a stopped call.
 * A process that slips from the tracer gets ENOSYS from the filter, and PTRACE_O_EXITKILL ends what outlives it.
 *
 * <p>What cannot be hidden: TracerPid and Seccomp in /proc/PID/status, and that a stopped process is in state t and not T.
 *
 * <p>As a program: {@code java outside.Sabotage [--only mount,uts] [--log FILE] -- COMMAND…}. It exits as COMMAND does (128 + the
 * signal that ended it; 125 for its own errors). FILE gets one line per call: {@code unshare CLONE_NEWUTS}.
 *
 * <p>Sources: ptrace(2), seccomp(2), clone(2), setns(2); {@code linux/ptrace.h}, {@code linux/elf.h}.
 */
public final class Sabotage {

    /** The eight types, with the flag of {@code linux/sched.h} and the name under /proc/PID/ns. */
    public enum Type {
        TIME(0x00000080, "time"), MOUNT(0x00020000, "mnt"), CGROUP(0x02000000, "cgroup"), UTS(0x04000000, "uts"),
        IPC(0x08000000, "ipc"), USER(0x10000000, "user"), PID(0x20000000, "pid"), NETWORK(0x40000000, "net");

        final int flag;
        final String file;

        Type(int flag, String file) {
            this.flag = flag;
            this.file = file;
        }

        String cName() {
            return "CLONE_NEW" + (this == MOUNT ? "NS" : file.toUpperCase(Locale.ROOT));
        }
    }

    private static final int PTRACE_PEEKDATA = 2;
    private static final int PTRACE_POKEDATA = 5;
    private static final int PTRACE_CONT = 7;
    private static final int PTRACE_GETREGSET = 0x4204;
    private static final int PTRACE_SETREGSET = 0x4205;
    private static final int PTRACE_SEIZE = 0x4206;
    private static final int PTRACE_LISTEN = 0x4208;
    private static final int PTRACE_EVENT_SECCOMP = 7;
    private static final int PTRACE_EVENT_STOP = 128;
    /** TRACEFORK, TRACEVFORK, TRACECLONE, TRACESECCOMP, EXITKILL: every descendant is traced, none survives. */
    private static final long OPTIONS = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 7 | 1 << 20;
    private static final int NT_PRSTATUS = 1;
    private static final int NT_ARM_SYSTEM_CALL = 0x404;
    private static final int WUNTRACED = 2;
    private static final int WALL = 0x40000000;
    /** Only this thread's children: the JVM's own threads wait for theirs, and ptrace belongs to one thread anyway. */
    private static final int WNOTHREAD = 0x20000000;
    private static final int O_RDONLY = 0;
    /** ioctl_ns(2), {@code linux/nsfs.h}: the CLONE_NEW* flag of a namespace's descriptor. */
    private static final long NS_GET_NSTYPE = 0xb703;
    private static final int ESRCH = 3;
    private static final int EIO = 5;
    private static final int SIGTRAP = 5;
    private static final int SIGCONT = 18;

    private interface C extends Library {
        C LIBC = Native.load("c", C.class);

        long ptrace(int request, int pid, Pointer addr, Pointer data) throws LastErrorException;

        int waitpid(int pid, IntByReference status, int options) throws LastErrorException;

        int kill(int pid, int signal) throws LastErrorException;

        int open(String path, int flags) throws LastErrorException;

        int ioctl(int fd, long request) throws LastErrorException;

        int close(int fd);

        int posix_spawnp(IntByReference pid, String file, Pointer actions, Pointer attr, StringArray argv, Pointer envp);
    }

    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    private static final Seccomp.Calls CALLS = Seccomp.Calls.here();
    /** Where the call's number and its first two arguments lie in struct user_regs_struct: in units of 8 bytes. */
    private static final int NUMBER = X86 ? 15 : 8;
    private static final int ARG0 = X86 ? 14 : 0;
    private static final int ARG1 = X86 ? 13 : 1;
    private static final int REGISTERS = X86 ? 27 * 8 : 34 * 8;

    private static String classPath;

    private final int types;
    private final List<String> log = new ArrayList<>();

    private Sabotage(Set<Type> types) {
        this.types = types.stream().mapToInt(t -> t.flag).reduce(0, (a, b) -> a | b);
    }

    /** The command line that runs {@code command} with every namespace call sabotaged; {@code log} gets the calls. */
    public static List<String> all(Path log, List<String> command) {
        return only(EnumSet.allOf(Type.class), log, command);
    }

    /** The same with only the calls for these types sabotaged: {@code unshare(uts|mount)} still makes the other one. */
    public static List<String> only(Set<Type> types, Path log, List<String> command) {
        var names = new StringJoiner(",");
        types.forEach(t -> names.add(t.name().toLowerCase(Locale.ROOT)));
        var arguments = new ArrayList<>(List.of("--only", names.toString(), "--log", log.toString(), "--"));
        arguments.addAll(command);
        return java(Sabotage.class, arguments);
    }

    /** A program of this package in a JVM of its own, quick to start and without traces in /tmp. */
    static List<String> java(Class<?> main, List<String> arguments) {
        var line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 22) {
            line.add("--enable-native-access=ALL-UNNAMED");
        }
        line.addAll(List.of("-cp", classPath(), main.getName()));
        line.addAll(arguments);
        return line;
    }

    /** What these programs need, copied to where every user can read it: the tests' own class path may lie in root's home. */
    private static synchronized String classPath() {
        if (classPath == null) {
            var folder = Scratch.newPath("classes");
            var parts = new StringJoiner(":");
            for (var part : List.of(Sabotage.class, Native.class)) {
                var from = Path.of(part.getProtectionDomain().getCodeSource().getLocation().getPath());
                folder.toFile().mkdir();
                Ran.command("cp", "-rL", from.toString(), folder.resolve(part.getSimpleName()).toString()).text();
                parts.add(folder.resolve(part.getSimpleName()).toString());
            }
            Ran.command("chmod", "-R", "a+rX", folder.toString()).text();
            classPath = parts.toString();
        }
        return classPath;
    }

    /** See the class comment. */
    public static void main(String... arguments) throws Exception {
        var types = EnumSet.allOf(Type.class);
        Path log = null;
        int i = 0;
        for (; !arguments[i].equals("--"); i += 2) {
            switch (arguments[i]) {
                case "--only" -> {
                    types = EnumSet.noneOf(Type.class);
                    for (var name : arguments[i + 1].split(",")) {
                        types.add(Type.valueOf(name.toUpperCase(Locale.ROOT)));
                    }
                }
                case "--log" -> log = Path.of(arguments[i + 1]);
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        var command = List.of(arguments).subList(i + 1, arguments.length);
        var sabotage = new Sabotage(types);
        var exit = new int[] {125};
        // A thread of its own, because filter and tracer both belong to a thread and not to the process.
        var tracer = new Thread(() -> exit[0] = sabotage.run(command), "tracer");
        tracer.start();
        tracer.join();
        if (log != null) {
            Files.write(log, sabotage.log);
        }
        // halt, because nothing here may outlive the tracer, and EXITKILL has just seen to that.
        System.out.flush();
        Runtime.getRuntime().halt(exit[0]);
    }

    private int run(List<String> command) {
        Seccomp.filterThisThread(types, Seccomp.RET_TRACE, Seccomp.RET_TRACE);
        int root = spawnStopped(command);
        C.LIBC.ptrace(PTRACE_SEIZE, root, Pointer.NULL, Pointer.createConstant(OPTIONS));
        C.LIBC.kill(root, SIGCONT);
        var status = new IntByReference();
        while (true) {
            int pid = C.LIBC.waitpid(-1, status, WALL | WNOTHREAD);
            int word = status.getValue();
            if ((word & 0xff) == 0x7f) {
                try {
                    resume(pid, word >> 8 & 0xff, word >> 16);
                } catch (LastErrorException e) {
                    if (e.getErrorCode() != ESRCH) { // ESRCH: killed while it was stopped
                        throw e;
                    }
                }
            } else if (pid == root) {
                return (word & 0x7f) == 0 ? word >> 8 & 0xff : 128 + (word & 0x7f);
            }
        }
    }

    /** A shell that stops itself until it is traced, and then becomes the command. Not ProcessBuilder: its reaper would wait, too. */
    private int spawnStopped(List<String> command) {
        var argv = new ArrayList<>(List.of("sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"));
        argv.addAll(command);
        var pid = new IntByReference();
        var environ = NativeLibrary.getInstance("c").getGlobalVariableAddress("environ").getPointer(0);
        int error = C.LIBC.posix_spawnp(pid, "sh", Pointer.NULL, Pointer.NULL, new StringArray(argv.toArray(String[]::new)), environ);
        if (error != 0) {
            throw new LastErrorException(error);
        }
        C.LIBC.waitpid(pid.getValue(), new IntByReference(), WUNTRACED | WNOTHREAD);
        return pid.getValue();
    }

    /** Lets a stopped thread go on; its signal is passed on, its namespace call is made harmless. */
    private void resume(int pid, int signal, int event) {
        switch (event) {
            case 0 -> C.LIBC.ptrace(PTRACE_CONT, pid, Pointer.NULL, Pointer.createConstant(signal));
            case PTRACE_EVENT_SECCOMP -> {
                disarm(pid);
                C.LIBC.ptrace(PTRACE_CONT, pid, Pointer.NULL, Pointer.NULL);
            }
            // A new thread or process (SIGTRAP), or one that was stopped with SIGSTOP and wants to stay so.
            case PTRACE_EVENT_STOP -> C.LIBC.ptrace(signal == SIGTRAP ? PTRACE_CONT : PTRACE_LISTEN, pid, Pointer.NULL, Pointer.NULL);
            default -> C.LIBC.ptrace(PTRACE_CONT, pid, Pointer.NULL, Pointer.NULL);
        }
    }

    private void disarm(int pid) {
        var registers = new Memory(REGISTERS);
        regset(PTRACE_GETREGSET, pid, NT_PRSTATUS, registers);
        int call = registers.getInt(8L * NUMBER);
        long arg0 = registers.getLong(8L * ARG0);
        if (call == CALLS.unshare() || call == CALLS.clone2()) {
            int mask = call == CALLS.clone2() ? types & ~Seccomp.CSIGNAL : types;
            note(call == CALLS.clone2() ? "clone" : "unshare", (int) arg0 & mask);
            registers.setLong(8L * ARG0, arg0 & ~mask);
            regset(PTRACE_SETREGSET, pid, NT_PRSTATUS, registers);
        } else if (call == CALLS.clone3()) {
            // struct clone_args begins with the flags, 64 bits, in the memory of the one who calls.
            long flags;
            try {
                flags = C.LIBC.ptrace(PTRACE_PEEKDATA, pid, Pointer.createConstant(arg0), Pointer.NULL);
            } catch (LastErrorException e) {
                if (e.getErrorCode() == EIO) return; // a pointer to nowhere, which the kernel refuses by itself
                throw e;
            }
            if ((flags & types) != 0) {
                note("clone3", (int) flags & types);
                C.LIBC.ptrace(PTRACE_POKEDATA, pid, Pointer.createConstant(arg0), Pointer.createConstant(flags & ~types));
            }
        } else if (call == CALLS.setns()) {
            int wanted = (int) registers.getLong(8L * ARG1);
            int asked = wanted != 0 ? wanted : typeOf(pid, (int) arg0);
            if ((asked & types) == 0) {
                return;
            }
            note("setns", asked & types);
            if ((asked & ~types) != 0) { // a pidfd with several flags: enter what is not sabotaged
                registers.setLong(8L * ARG1, asked & ~types);
                regset(PTRACE_SETREGSET, pid, NT_PRSTATUS, registers);
                return;
            }
            registers.setLong(8L * NUMBER, CALLS.unshare());
            registers.setLong(8L * ARG0, 0);
            regset(PTRACE_SETREGSET, pid, NT_PRSTATUS, registers);
            if (!X86) { // arm64 keeps the number of the call apart from x8
                var number = new Memory(4);
                number.setInt(0, CALLS.unshare());
                regset(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, number);
            }
        }
    }

    /** The type of the namespace behind a descriptor, as a flag; 0 for any other file, which setns refuses by itself. */
    private static int typeOf(int pid, int fd) {
        int own = -1;
        try {
            own = C.LIBC.open("/proc/" + pid + "/fd/" + fd, O_RDONLY);
            return C.LIBC.ioctl(own, NS_GET_NSTYPE);
        } catch (LastErrorException e) {
            return 0;
        } finally {
            if (own >= 0) {
                C.LIBC.close(own);
            }
        }
    }

    private static void regset(int request, int pid, int set, Memory data) {
        var iovec = new Memory(16);
        iovec.setPointer(0, data);
        iovec.setLong(8, data.size());
        C.LIBC.ptrace(request, pid, Pointer.createConstant(set), iovec);
    }

    private void note(String call, int flags) {
        var names = new StringJoiner("|");
        for (var type : Type.values()) {
            if ((flags & type.flag) != 0) {
                names.add(type.cName());
            }
        }
        log.add(call + " " + names);
    }
}
