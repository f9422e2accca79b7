package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A child process made by clone(2), in new namespaces if the flags say so.
 *
 * <p>Java code can not run in it: of the JVM's threads only the caller exists there. So the child makes a list of
 * libc calls instead, one after the other. Each call stands in a context of its own, made by makecontext(3), whose
 * uc_link names the next one; clone(2) starts the child in setcontext(3). The last call is execv(3).
 *
 * <p>The child waits at a gate before its first call. Meanwhile the parent proves by the links in /proc that the
 * kernel did what the flags say, and writes the user-id maps. Children end when the thread that made them ends, for
 * whatever reason: PR_SET_PDEATHSIG, prctl(2).
 */
public final class Child implements AutoCloseable {
    /** The shell that a child becomes unless it is told otherwise. */
    private static final String SHELL = "/bin/sh";

    private static final long STACK = 64 * 1024;

    /** One libc call for the child to make, by name, with int, long, String or Pointer arguments. */
    public record Step(long blocked, String function, Object... arguments) {
        /** The same call with a signal blocked meanwhile, as sigprocmask(2) does it. */
        public Step blocking(int signal) {
            return new Step(blocked | 1L << signal - 1, function, arguments);
        }
    }

    public static Step call(String function, Object... arguments) {
        return new Step(0, function, arguments);
    }

    /** Starts a program, which the child does not wait for; posix_spawn(3) fails as fork(2) would. */
    public static Step spawn(String... argv) {
        return call("posix_spawn", new Memory(4), argv[0], null, null, strings(argv), null);
    }

    /** The child's PID, as the parent sees it. */
    public final int pid;

    private final Conversation conversation;
    private Integer status;

    private Child(int pid, Conversation conversation) {
        this.pid = pid;
        this.conversation = conversation;
    }

    /** A child that becomes a shell and obeys {@link #sh}; with CLONE_NEWUSER the caller's ids are root there. */
    public static Child clone(int flags, Step... steps) {
        return clone(flags, UserMap.root(), steps);
    }

    /** The same with other user-id maps; they count only with CLONE_NEWUSER. */
    public static Child clone(int flags, UserMap map, Step... steps) {
        return start(flags, map, true, List.of(steps), SHELL);
    }

    /** A child that becomes the program {@code argv}, which must start a shell on its own input and output: {@code docker run -i IMAGE sh}. */
    public static Child talking(int flags, UserMap map, List<Step> steps, String... argv) {
        return start(flags, map, true, steps, argv);
    }

    /** A child that keeps this process's terminal and becomes the program {@code argv}. */
    public static Child interactive(int flags, UserMap map, List<Step> steps, String... argv) {
        return start(flags, map, false, steps, argv);
    }

    /**
     * Makes libc calls in a child that has one thread, and ends it: the name of each call's errno, or "success". A JVM
     * thread can not do this itself where the kernel wants a single-threaded caller, as for user namespaces.
     */
    public static List<String> errnos(int flags, UserMap map, Step... steps) {
        Pointer shared = mmap(Pointer.NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        Pointer errno = (Pointer) LIBRARY.getFunction("__errno_location").invoke(Pointer.class, new Object[0]);
        List<Step> all = new ArrayList<>();
        for (int i = 0; i < steps.length; i++) { // errno stands at the same address in the child, which is a copy
            shared.setInt(4L * i, -1);
            all.add(call("memset", errno, 0, 4L));
            all.add(steps[i]);
            all.add(call("memcpy", shared.share(4L * i), errno, 4L));
        }
        try (Child child = start(flags, map, false, all, "/bin/true")) {
            child.waitFor();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < steps.length; i++) {
                int number = shared.getInt(4L * i);
                names.add(number == 0 ? "success" : number < 0 ? "not reached" : Errno.name(number));
            }
            return names;
        } finally {
            munmap(shared, 4096);
        }
    }

    private static Child start(int flags, UserMap map, boolean talks, List<Step> steps, String... argv) {
        int[] in = pipe(), out = pipe();
        List<Step> all = new ArrayList<>();
        all.add(call("close", in[1])); // its own copy, or the gate would outlive the parent
        all.add(call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL));
        all.add(call("write", out[1], "\n", 1L)); // from here on it dies with its parent
        all.add(call("read", in[0], new Memory(8), 1L)); // the gate
        all.addAll(steps);
        if (talks) {
            all.add(call("dup2", in[0], 0));
            all.add(call("dup2", out[1], 1));
            all.add(call("dup2", out[1], 2));
        }
        all.add(call("execv", argv[0], strings(argv)));
        all.add(call("_exit", 127));
        List<Object> alive = new ArrayList<>(); // what the garbage collector must leave alone until clone() is done
        Memory first = null;
        for (int i = all.size() - 1; i >= 0; i--) {
            first = context(all.get(i), first, alive);
        }
        Memory stack = new Memory(STACK);
        int pid;
        try {
            // tag::clone[]
            pid = Libc.clone(LIBRARY.getFunction("setcontext"), stack.share(STACK - 64), flags | SIGCHLD, first);
            // end::clone[]
        } catch (LastErrorException e) {
            closeAll(in[0], in[1], out[0], out[1]);
            throw new Problem("clone(" + Namespace.flagNames(flags) + ")", e.getErrorCode(), flags);
        } finally {
            alive.clear();
        }
        closeAll(in[0], out[1]);
        Child child = new Child(pid, new Conversation(in[1], out[0]));
        try {
            Libc.read(out[0], new byte[1], 1);
            for (Namespace type : Namespace.in(flags)) {
                NotIsolated.unlessDifferent("clone(" + Namespace.flagNames(flags) + ")", type.ofThisThread(), type.of(pid));
            }
            if ((flags & CLONE_NEWUSER) != 0) {
                map.writeFor(pid);
            }
        } catch (RuntimeException e) {
            child.close();
            throw e;
        }
        child.conversation.send("\n"); // opens the gate
        return child;
    }

    /** One libc call on a stack of its own, with {@code next} to follow it. */
    private static Memory context(Step step, Memory next, List<Object> alive) {
        Memory context = new Memory(CONTEXT);
        Memory stack = new Memory(STACK);
        List<Object> arguments = new ArrayList<>();
        for (Object argument : step.arguments()) {
            arguments.add(argument instanceof String s ? string(s) : argument);
        }
        fill(context, stack, STACK, next, step.blocked(), step.function(), arguments.toArray());
        alive.add(stack);
        alive.add(next == null ? stack : next);
        alive.addAll(arguments);
        return context;
    }

    /** The memory that a context takes: ucontext_t is 968 bytes on x86_64 and 4560 on aarch64. */
    static final int CONTEXT = 8192;

    /** Writes a context that calls a function of libc, with pointers in the place of strings; makecontext(3). */
    static void fill(Pointer context, Pointer stack, long size, Pointer next, long blocked, String function, Object... arguments) {
        context.clear(CONTEXT);
        getcontext(context);
        context.setPointer(8, next); // uc_link; but for uc_sigmask the offsets are the same on both architectures
        context.setLong(Machine.arch().equals("aarch64") ? 40 : 296, blocked); // uc_sigmask: a JVM thread blocks some signals
        context.setPointer(16, stack); // uc_stack.ss_sp
        context.setLong(32, size); // uc_stack.ss_size
        List<Object> all = new ArrayList<>(List.of(context, LIBRARY.getFunction(function), arguments.length));
        all.addAll(Arrays.asList(arguments));
        LIBRARY.getFunction("makecontext").invokeVoid(all.toArray());
    }

    private static Memory string(String text) {
        Memory memory = new Memory(text.getBytes(StandardCharsets.UTF_8).length + 1);
        memory.setString(0, text, "UTF-8");
        return memory;
    }

    /** A NULL-terminated array of C strings. */
    static Memory strings(String... texts) {
        Memory array = new StringArray(texts);
        return array;
    }

    private static final class StringArray extends Memory {
        private final List<Memory> texts = new ArrayList<>(); // lives as long as the array

        StringArray(String... texts) {
            super((texts.length + 1) * 8L);
            for (String text : texts) {
                this.texts.add(string(text));
                setPointer((this.texts.size() - 1) * 8L, this.texts.get(this.texts.size() - 1));
            }
            setPointer(texts.length * 8L, null);
        }
    }

    /** A pipe that no program started later inherits; pipe(2). */
    public static int[] pipe() {
        int[] fds = new int[2];
        pipe2(fds, O_CLOEXEC);
        return fds;
    }

    private static void closeAll(int... fds) {
        for (int fd : fds) {
            Libc.close(fd);
        }
    }

    /** What a command that this child's shell runs prints, stdout and stderr together. */
    public String sh(String command) {
        return run(command).text();
    }

    /** The same with the exit status. */
    public Output run(String command) {
        return conversation.run(command);
    }

    /** Types a line that starts another shell: that one reads from the same input, and obeys from then on. */
    public void enter(String command) {
        conversation.hand(command + "\n");
    }

    /** Sends a signal, kill(2). */
    public void signal(int signal) {
        Libc.kill(pid, signal);
    }

    public boolean alive() {
        return status == null && reap(WNOHANG) == null;
    }

    /** Waits until the child has ended: its exit status, or 128 + the signal that ended it; wait(2). */
    public int waitFor() {
        while (status == null) {
            reap(0);
        }
        return status;
    }

    private Integer reap(int options) {
        int[] word = new int[1];
        if (waitpid(pid, word, options | __WALL) == pid) {
            int signal = word[0] & 0x7f;
            status = signal == 0 ? word[0] >> 8 & 0xff : 128 + signal;
        }
        return status;
    }

    /** Ends the child and all that depends on it; a PID namespace ends with its first process. */
    @Override
    public void close() {
        conversation.close();
        if (alive()) {
            signal(SIGKILL);
            waitFor();
        }
    }
}
