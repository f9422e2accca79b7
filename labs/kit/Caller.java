package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A thread of its own that makes system calls. Namespaces belong to threads: after unshare(2) on this one it stands
 * inside, while the rest of the JVM stays where it was. A new Caller starts where the thread that makes it stands.
 */
public final class Caller implements AutoCloseable {
    private final ThreadPoolExecutor thread;
    private final long tid;
    private volatile Thread self;

    public Caller(String name) {
        thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread t = new Thread(work, name);
            t.setDaemon(true);
            self = t;
            return t;
        });
        thread.prestartCoreThread(); // now, from the thread that asks: that one's namespaces are inherited
        tid = call(() -> {
            String link = Proc.readlink("/proc/thread-self"); // 123/task/456
            return Long.parseLong(link.substring(link.lastIndexOf('/') + 1));
        });
    }

    /** The kernel's number for this thread; gettid(2). /proc/TID works like /proc/PID. */
    public long tid() {
        return tid;
    }

    /** Runs code on this thread and gives its result; what it throws comes out here. */
    public <T> T call(Callable<T> code) {
        try {
            // On this very thread already: it would wait for itself.
            return Thread.currentThread() == self ? code.call() : thread.submit(code).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same for code without a result. */
    public void run(Errno.Call code) {
        call(() -> {
            code.run();
            return null;
        });
    }

    /** The name of the errno that code gives on this thread, or "success". */
    public String errno(Errno.Call code) {
        return call(() -> Errno.of(code));
    }

    /**
     * unshare(2) on this thread, and the proof that the kernel did it: each named link has changed.
     *
     * @throws Problem when the call fails
     * @throws NotIsolated when it reports success and nothing changed
     */
    public void unshare(int flags) {
        run(() -> {
            Map<Namespace, String> before = new EnumMap<>(Namespace.class);
            Namespace.in(flags).forEach(type -> before.put(type, type.afterUnshare()));
            String call = "unshare(" + Namespace.flagNames(flags) + ")";
            try {
                Libc.unshare(flags);
            } catch (LastErrorException e) {
                throw new Problem(call, e.getErrorCode(), flags);
            }
            before.forEach((type, link) -> NotIsolated.unlessDifferent(call, link, type.afterUnshare()));
        });
    }

    /** Takes a capability from this thread's permitted, effective and inheritable sets, for good; capabilities(7). */
    public void drop(int capability) {
        run(() -> {
            int[] header = {LINUX_CAPABILITY_VERSION_3, 0};
            int[] data = new int[6];
            capget(header, data);
            for (int set = 0; set < 3; set++) {
                data[capability / 32 * 3 + set] &= ~(1 << capability % 32);
            }
            capset(header, data);
        });
    }

    /** Makes this thread, alone of the process, another user and group with no further group, for good; credentials(7). */
    public void become(int id) {
        if (!Machine.capable(CAP_KILL)) { // foreseen, or processes would stay
            throw new Problem("kill(a process of uid " + id + ")", Errno.EPERM, new Diagnosis(true, "uid " + getuid() + " has no CAP_KILL (CapEff "
                    + Proc.status("self", "CapEff") + "), and could not end what another user starts", "run the lab as an ordinary user"));
        }
        run(() -> {
            try {
                syscall(SYS_setgroups, 0, 0, 0, 0, 0, 0);
                syscall(SYS_setresgid, id, id, id, 0, 0, 0);
                syscall(SYS_setresuid, id, id, id, 0, 0, 0); // from 0 to another: all capabilities go, capabilities(7)
            } catch (LastErrorException e) {
                throw new Problem("setresuid(" + id + ")", e.getErrorCode(), new Diagnosis(true, "uid " + getuid()
                        + " cannot become an ordinary user here: /proc/self/uid_map is '"
                        + Proc.read("/proc/self/uid_map").strip().replaceAll("\\s+", " ") + "', CapEff "
                        + Proc.status("thread-self", "CapEff"), "run the lab as an ordinary user"));
            }
            prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // else the files of its children in /proc belong to root; proc(5)
        });
    }

    /** What /proc calls a namespace of this thread, such as {@code uts:[4026532178]}. */
    public String link(Namespace type) {
        return type.of(tid);
    }

    /** A clone(2) child of this thread, which starts in this thread's namespaces but for the flags. */
    public Child clone(int flags, Child.Step... steps) {
        return call(() -> Child.clone(flags, steps));
    }

    /** An interactive shell on this terminal, standing where this thread stands. */
    public Child shell() {
        String shell = Files.isExecutable(Path.of("/bin/bash")) ? "/bin/bash" : "/bin/sh";
        return call(() -> Child.interactive(0, UserMap.NONE, List.of(), shell));
    }

    /** What libc calls say that a clone(2) child of this thread makes; see {@link Child#errnos}. */
    public List<String> errnos(int flags, UserMap map, Child.Step... steps) {
        return call(() -> Child.errnos(flags, map, steps));
    }

    /** Another thread that starts where this one stands. */
    public Caller another(String name) {
        return call(() -> new Caller(name));
    }

    /** What a shell command prints that is run where this thread stands, stdout and stderr together. */
    public String sh(String command) {
        return command(command).text();
    }

    /** The same with the exit status; posix_spawn(3), which a thread in a new PID namespace may still use. */
    public Output command(String command) {
        return call(() -> {
            int[] out = Child.pipe();
            int[] pid = new int[1];
            int[] status = new int[1];
            Memory actions = new Memory(1024); // posix_spawn_file_actions_t is 80 bytes in glibc
            posix_spawn_file_actions_init(actions);
            posix_spawn_file_actions_adddup2(actions, out[1], 1);
            posix_spawn_file_actions_adddup2(actions, out[1], 2);
            Pointer environ = LIBRARY.getGlobalVariableAddress("environ").getPointer(0);
            int error = posix_spawnp(pid, "sh", actions, null, Child.strings("sh", "-c", "exec </dev/null; " + command), environ);
            posix_spawn_file_actions_destroy(actions);
            Libc.close(out[1]);
            try {
                if (error != 0) {
                    throw new Problem("posix_spawn(sh)", error, 0);
                }
                String text = Conversation.read(out[0], false);
                waitpid(pid[0], status, __WALL);
                int signal = status[0] & 0x7f;
                return new Output(signal == 0 ? status[0] >> 8 & 0xff : 128 + signal, text.strip());
            } finally {
                Libc.close(out[0]);
            }
        });
    }

    /** Ends the thread, and by their parent-death signal the children that it made. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
