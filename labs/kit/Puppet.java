//SOURCES Arguments.java
//SOURCES Syscall.java
package kit;

import static kit.Child.CONTEXT;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;


/**
 * A child process that makes one libc call after the other, as its parent dictates them. Java can not run in it, for of
 * the JVM's threads only one exists there; so its calls stand in contexts, as those of a {@link Child}, but in memory that
 * both share. In each round it clears errno, makes a call, notes errno, reports and waits; meanwhile the parent looks at
 * the errno and writes the next round. So every call is checked before the next one is made.
 *
 * <p>Without its parent a puppet ends: by PR_SET_PDEATHSIG or, where the kernel has cleared that, by SIGPIPE at its next report.
 */
public final class Puppet implements AutoCloseable {
    private static final int STACK = 64 * 1024, SLOT = CONTEXT + STACK, WORDS = 256 * 1024;
    /** How long a call may take, in milliseconds. */
    private static final int PATIENCE = 20_000;
    private static final int CLEAR = 0, CALL = 1, NOTE = 2, REPORT = 3, GATE = 4, ROUND = 5;

    /** Two rounds, since the child stands in one while the other is written; then errno, a PID, and from 64 on the call's arguments. */
    private final Pointer shared = mmap(Pointer.NULL, 2 * ROUND * SLOT + WORDS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    private final Pointer words = shared.share(2 * ROUND * SLOT);
    private final Pointer errno = (Pointer) LIBRARY.getFunction("__errno_location").invoke(Pointer.class, new Object[0]); // also in the child
    private final int[] in = Child.pipe(), out = Child.pipe();
    private final Memory stack = new Memory(STACK), byteRead = new Memory(8);
    private final Pointer kept;
    private int round;
    private int pid;
    private Integer status;
    private boolean closed;

    public Puppet() {
        this(null);
    }

    /** Prepares one. {@code kept} is for a later call: memory to which that points must be there before the child is. */
    public Puppet(Pointer kept) {
        this.kept = kept;
        // The first round is another one: its own copies would keep the pipes open, and the JVM has a handler for SIGPIPE.
        fill(CLEAR, "close", in[1]);
        fill(CALL, "signal", SIGPIPE, 0L);
        fill(NOTE, "prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L);
        end();
    }

    /** Writes a place of the round. */
    private void fill(int place, String function, Object... arguments) {
        Child.fill(slot(place), slot(place).share(CONTEXT), STACK, slot(place + 1), 0, function, arguments);
    }

    /** A place in this round, or in the next one. */
    private Pointer slot(int place) {
        return shared.share((round * ROUND + place) % (2 * ROUND) * (long) SLOT);
    }

    private void end() {
        fill(REPORT, "write", out[1], byteRead, 1L);
        fill(GATE, "read", in[0], byteRead, 1L);
    }

    /** Makes the child on this thread, with which it ends, and proves by the links that it stands in new namespaces; clone(2). */
    public Puppet start(int flags, UserMap map) {
        String name = "clone(" + Namespace.flagNames(flags) + ")";
        try {
            pid = Libc.clone(LIBRARY.getFunction("setcontext"), stack.share(STACK - 64), flags | SIGCHLD, slot(0));
        } catch (LastErrorException e) {
            close();
            throw new Problem(name, e.getErrorCode(), flags);
        }
        try {
            begin();
            for (Namespace type : Namespace.in(flags)) {
                NotIsolated.unlessDifferent(name, type.ofThisThread(), type.of(pid));
            }
            if ((flags & CLONE_NEWUSER) != 0) {
                map.writeFor(pid);
            }
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Makes it a copy of another puppet, younger than this one, but a child of this thread, as runc does; CLONE_PARENT, clone(2). */
    public Puppet startFrom(Puppet other) {
        other.call("clone", LIBRARY.getFunction("setcontext"), stack.share(STACK - 64), CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, slot(0),
                words.share(4), Pointer.NULL, Pointer.NULL);
        pid = words.getInt(4); // as other's own PID namespace counts, which is ours
        begin();
        return this;
    }

    private void begin() {
        Libc.close(in[0]);
        Libc.close(out[1]);
        if (!answered()) {
            throw new IllegalStateException("process " + pid + " ended before its first call");
        }
    }

    public int pid() {
        return pid;
    }

    public Pointer kept() {
        return kept;
    }

    /**
     * Makes one call in the child.
     *
     * @param arguments int, long, String, String[] (an array that ends with NULL), byte[], or a pointer to memory older than the child
     * @throws Problem when it fails
     */
    public void call(String function, Object... arguments) {
        int errno = attempt(function, arguments);
        if (errno != 0) {
            throw new Problem(Arguments.text(function, arguments), errno, 0);
        }
    }

    /** The same by number, syscall(2): libc's functions that change ids want all threads of a process, of which here is only one. */
    public void syscall(String name, Object... arguments) {
        Object[] all = Stream.concat(Stream.of((long) Syscall.number(name)), Arrays.stream(arguments)).toArray();
        int errno = attempt("syscall", all);
        if (errno != 0) {
            throw new Problem(Arguments.text(name, arguments), errno, 0);
        }
    }

    /** The same, but gives the errno; 0 for success. */
    public int attempt(String function, Object... arguments) {
        if (!offer(function, arguments)) {
            throw new IllegalStateException("process " + pid + " ended in " + Arguments.text(function, arguments) + " with status " + waitFor());
        }
        return words.getInt(0);
    }

    /** Makes a call that opens something: the number of the new descriptor, found in /proc/PID/fd. */
    public int descriptor(String function, Object... arguments) {
        Set<String> before = descriptors();
        call(function, arguments);
        Set<String> after = descriptors();
        after.removeAll(before);
        return Integer.parseInt(after.iterator().next());
    }

    private Set<String> descriptors() {
        return new TreeSet<>(Arrays.asList(new File("/proc/" + pid + "/fd").list()));
    }

    /** unshare(2) in the child, and the proof of it; a PID namespace has none before its first process. */
    public void unshare(int flags) {
        Map<Namespace, String> before = new EnumMap<>(Namespace.class);
        Namespace.in(flags & ~CLONE_NEWPID).forEach(type -> before.put(type, link(type)));
        String name = "unshare(" + Namespace.flagNames(flags) + ")";
        int errno = attempt("unshare", flags);
        if (errno != 0) {
            throw new Problem(name, errno, flags);
        }
        before.forEach((type, link) -> NotIsolated.unlessDifferent(name, link, link(type)));
    }

    /** What {@code /proc/PID/ns} says of the namespace that unshare(2) and setns(2) change. */
    public String link(Namespace type) {
        return Proc.readlink("/proc/" + pid + "/ns/" + type.forChildren());
    }

    /** Gives the child a child of its own that makes one call, such as "pause": the errno of clone(2), 0 for success. */
    public int fork(String function) {
        return attempt("clone", LIBRARY.getFunction(function), stack.share(STACK - 64), SIGCHLD, 0L);
    }

    /** Writes a file by one write(2), as those in /proc and /sys want it. */
    public void write(String path, String text) {
        int fd = descriptor("open", path, O_WRONLY | O_CLOEXEC, 0);
        call("write", fd, text, (long) text.getBytes(StandardCharsets.UTF_8).length);
        call("close", fd);
    }

    /** Becomes a program, execve(2): 0 if it did, for then nobody reports any more, and else the errno. */
    public int exec(String program, List<String> argv, List<String> environment) {
        return offer("execve", program, argv.toArray(String[]::new), environment.toArray(String[]::new)) ? words.getInt(0) : 0;
    }

    /** Lets the child make a call: whether it came back from it. */
    private boolean offer(String function, Object... arguments) {
        Arguments there = new Arguments(words.share(64), WORDS - 64);
        round ^= 1;
        fill(CLEAR, "memset", errno, 0, 4L);
        fill(CALL, function, Arrays.stream(arguments).map(there::put).toArray());
        fill(NOTE, "memcpy", words, errno, 4L);
        end();
        Libc.write(in[1], new byte[] {'\n'}, 1);
        return answered();
    }

    private boolean answered() {
        Memory pollfd = new Memory(8);
        pollfd.setInt(0, out[0]);
        pollfd.setInt(4, POLLIN);
        try {
            if (poll(pollfd, 1, PATIENCE) == 0) {
                throw new IllegalStateException("process " + pid + " does not come back from its call");
            }
            return Libc.read(out[0], new byte[1], 1) == 1;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** The exit status, or 128 + the signal that ended it, once it has ended; wait(2). */
    public int waitFor() {
        while (status == null) {
            reap(0);
        }
        return status;
    }

    public boolean alive() {
        return status == null && !reap(WNOHANG);
    }

    private synchronized boolean reap(int options) {
        int[] word = new int[1];
        if (status == null && waitpid(pid, word, options | __WALL) == pid) {
            int signal = word[0] & 0x7f;
            status = signal == 0 ? word[0] >> 8 & 0xff : 128 + signal;
        }
        return status != null;
    }

    /** Ends the child, and with it the PID namespace of which it is the first process. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (pid != 0 && alive()) {
                kill(pid, SIGKILL);
                waitFor();
            }
            Libc.close(in[1]);
            Libc.close(out[0]);
            if (pid == 0) {
                Libc.close(in[0]);
                Libc.close(out[1]);
            }
            munmap(shared, 2 * ROUND * SLOT + WORDS);
        }
    }
}
