package kit;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.stream.Stream;

/**
 * clone3(2): its arguments, struct clone_args of linux/sched.h, and the call. libc has no function for it, and the bare
 * system call returns twice like fork(2), where no Java may run the second time. So a {@link Child} makes it, which has
 * one thread and runs no Java either: a list of libc calls. After clone3(2) two processes go on with that list, the
 * maker and its new child. What tells them apart is the pidfd: only the maker has it.
 */
public final class Clone3 {
    /** The same number on both architectures; asm/unistd.h. */
    public static final long SYS_clone3 = 435;
    /** The size of struct clone_args since Linux 5.7; that of 5.3, the first, is 64. */
    public static final long SIZE = 88, FIRST_SIZE = 64;

    // Flags for which clone(2) has no room, or another use; linux/sched.h
    public static final long CLONE_PIDFD = 0x1000;
    public static final long CLONE_INTO_CGROUP = 0x200000000L;

    private static final int P_PIDFD = 3; // waitid(2)
    private static final int WEXITED = 4;

    private final long flags;
    // Shared memory: what the kernel writes there for a child, this JVM reads.
    private final Pointer args = mmap(Pointer.NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    private final Pointer tids = args.share(512), pidfd = args.share(1024), siginfo = args.share(2048);

    public Clone3(long flags) {
        this.flags = flags;
        args.setLong(0, flags);
        args.setLong(8, Pointer.nativeValue(pidfd)); // the kernel writes the descriptor's number there, with CLONE_PIDFD
        exitSignal(SIGCHLD);
    }

    /** The signal that the parent gets when the child ends; 0 for none. */
    public Clone3 exitSignal(int signal) {
        args.setLong(32, signal);
        return this;
    }

    /** The numbers that the child shall have: in its own PID namespace, then in those above. */
    public Clone3 setTid(int... numbers) {
        tids.write(0, numbers, 0, numbers.length);
        args.setLong(64, Pointer.nativeValue(tids));
        args.setLong(72, numbers.length);
        return this;
    }

    /** With CLONE_INTO_CGROUP: an open directory of a cgroup2 file system, where the child shall start. */
    public Clone3 cgroup(int fd) {
        args.setLong(80, fd);
        return this;
    }

    /** The next argument, of which this version knows nothing. */
    public Clone3 unknown(long value) {
        args.setLong(SIZE, value);
        return this;
    }

    /** The bare call, for {@link Child#errnos} and its kin. If it succeeds, the new process makes the rest of the calls as well. */
    public Child.Step step(long size) {
        return call("syscall", SYS_clone3, args, size);
    }

    /** Two processes: the maker, a child of this JVM, which waits, and the one that it made by clone3(2). */
    public final class Made implements AutoCloseable {
        public final Child maker;
        /** The PID of the other one, as this JVM sees it. */
        public final int pid;

        private Made(Child maker, int pid) {
            this.maker = maker;
            this.pid = pid;
        }

        /** A command in the process that clone3(2) made. */
        public String sh(String command) {
            return maker.sh(command);
        }

        /** Kills that process, and gives the PID and the signal that the maker's waitid(2) by the pidfd then tells. */
        public String kill() {
            int own = (int) syscall(SYS_pidfd_open, pid, 0, 0, 0, 0, 0);
            Libc.kill(pid, SIGKILL);
            Libc.poll(readable(own), 1, -1); // it reads no more
            Libc.close(own);
            maker.sh(":"); // from now on the maker answers
            return siginfo.getInt(16) + " " + siginfo.getInt(24); // si_pid and si_status
        }

        @Override
        public void close() {
            maker.close();
            if ((flags & CLONE_PARENT) != 0) { // a child of this JVM, too
                Libc.kill(pid, SIGKILL);
                waitpid(pid, new int[1], __WALL);
            }
        }
    }

    /**
     * Makes the call in a new child of {@code caller}, always with CLONE_PIDFD, as descriptor 0 of that child.
     *
     * @param makerFlags CLONE_NEW flags for that child, the maker
     * @throws Problem when the call fails
     * @throws NotIsolated when a namespace that it should have made is not new
     */
    public Made make(Caller caller, int makerFlags) {
        String name = "clone3(" + Namespace.flagNames((int) flags) + ")";
        Memory pollfd = readable(0);
        Child maker = caller.clone(makerFlags, withPidfd(
                call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL), // the new process has not inherited it
                call("poll", pollfd, 1L, -1), // the maker waits here until that one ends, which has no descriptor 0 and goes on
                call("waitid", P_PIDFD, 0, siginfo, WEXITED | __WALL)));
        try {
            // By the shell itself, from a /proc of this JVM's: the number here, whatever it is inside.
            int pid = Integer.parseInt(maker.sh("read pid rest < /proc/self/stat; echo $pid"));
            if (pid == maker.pid) {
                int errno = Errno.number(caller.errnos(makerFlags, UserMap.root(), step(SIZE)).get(0));
                throw new Problem(name, errno, (int) flags);
            }
            for (Namespace type : Namespace.in((int) flags)) {
                NotIsolated.unlessDifferent(name, type.of(maker.pid), type.of(pid));
            }
            return new Made(maker, pid);
        } catch (RuntimeException e) {
            maker.close();
            throw e;
        }
    }

    /**
     * Makes the call in a new child of {@code caller}; the process that it makes ends at once, without execve(2).
     *
     * @return how the maker ended: with 7 after it had waited for the other one, or 128 + the signal that came first
     */
    public int makersEnd(Caller caller) {
        try (Child maker = caller.clone(0, withPidfd(call("waitid", P_PIDFD, 0, siginfo, WEXITED | __WALL), call("_exit", 7)))) {
            return maker.waitFor();
        }
    }

    /** A struct pollfd; a pidfd is readable when its process has ended, pidfd_open(2). */
    private static Memory readable(int fd) {
        Memory pollfd = new Memory(8);
        pollfd.setInt(0, fd);
        pollfd.setInt(4, POLLIN);
        return pollfd;
    }

    private Child.Step[] withPidfd(Child.Step... then) {
        args.setLong(0, flags | CLONE_PIDFD);
        Child.Step[] both = {call("close", 0), step(SIZE)}; // so that the pidfd gets the lowest number
        return Stream.concat(Stream.of(both), Stream.of(then)).toArray(Child.Step[]::new);
    }
}
