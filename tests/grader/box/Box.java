package grader.box;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kit.Child;
import kit.Errno;
import kit.Libc;
import kit.Proc;
import kit.Puppet;
import kit.Syscall;

/**
 * A container for one program that nobody trusts, made as the labs make theirs: clone(2) into new namespaces, a root of its own
 * by pivot_root(2), no way to more privilege, a seccomp filter, limits. When it is closed the kernel ends all that is in it.
 */
public final class Box implements AutoCloseable {
    /**
     * What to run: {@code root} starts it as root of a further user namespace, else it is an ordinary user; a talker gets a pipe
     * as stdin; {@code cgroups} gives it some to make others in.
     */
    public record Job(List<String> argv, boolean root, boolean cgroups, Map<String, String> environment, boolean talks, long cpuMillis) {}

    /** How far it has come: it said "ready", it ended, or it went over a limit, which is named. */
    public record Event(String kind) {
        public static final Event READY = new Event("ready"), ENDED = new Event("ended");
    }

    private static final long CLONES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    private static final int CLOSE_RANGE_CLOEXEC = 4;
    private static final int RLIMIT_CPU = 0, RLIMIT_FSIZE = 1, RLIMIT_CORE = 4, RLIMIT_NPROC = 6, RLIMIT_NOFILE = 7;

    private final Boxes boxes;
    private final Job job;
    private final Puppet puppet;
    private final Limits.Run limits;
    private final int[] in = Child.pipe(), out = Child.pipe(), err = Child.pipe();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream(), errors = new ByteArrayOutputStream();
    private final boolean[] open = {true, true};
    private final List<Integer> disks = new ArrayList<>();
    private long written;
    private long asked, cpu;
    private boolean started;

    private Box(Boxes boxes, Job job) {
        this.boxes = boxes;
        this.job = job;
        var program = Filter.make().program();
        puppet = boxes.thread.call(() -> new Puppet(program).start((int) CLONES, kit.UserMap.NONE));
        Limits.Run made = null;
        try {
            boxes.map(puppet.pid());
            made = boxes.limits.new Run(puppet.pid(), job.cpuMillis, job.cgroups);
            limits = made;
            prepare();
            prove();
        } catch (RuntimeException | Error e) {
            puppet.close();
            if (made != null) made.close();
            closeAll();
            throw e;
        }
    }

    /** Makes one. Nothing runs in it until {@link #start}: one can look at it first. */
    public static Box make(Boxes boxes, Job job) {
        return new Box(boxes, job);
    }

    /** Lets the job in. */
    public void start() {
        restrict();
        Libc.close(in[0]);
        Libc.close(out[1]);
        Libc.close(err[1]);
        started = true;
    }

    private void prepare() {
        puppet.unshare(CLONE_NEWCGROUP);
        puppet.unshare(CLONE_NEWTIME); // its children would stand there; but before Linux 6.3 or so who has them elsewhere makes none by vfork(2): EINVAL
        int time = puppet.descriptor("open", "/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC, 0);
        puppet.call("setns", time, CLONE_NEWTIME);
        puppet.call("close", time);
        if (boxes.ids != Boxes.Ids.SHARED) {
            puppet.syscall("setresgid", 0L, 0L, 0L);
            puppet.syscall("setresuid", 0L, 0L, 0L);
            puppet.call("prctl", PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); // or its files in /proc would be root's
            puppet.call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L);
        }
        puppet.call("umask", 0);
        Hands hands = Hands.of(puppet);
        if (!boxes.staged()) boxes.stage.build(hands);
        String root = boxes.stage.root;
        hands.call("mount", root, root, null, MS_BIND | MS_REC, null); // what is inherited can not become the root; this can
        disk(hands, "/home/student", "uid=1000,gid=1000,mode=755,size=" + Limits.DISK + ",nr_inodes=10000");
        disk(hands, "/tmp", "mode=1777,size=" + Limits.DISK + ",nr_inodes=10000");
        disk(hands, "/dev/shm", "mode=1777,size=" + Limits.DISK + ",nr_inodes=1000");
        hands.call("mount", "proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
        hands.call("mount", "sysfs", root + "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
        hands.call("mount", "mqueue", root + "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, null);
        hands.call("mount", "devpts", root + "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
        if (job.cgroups) limits.given.give(hands, root + "/sys/fs/cgroup", path -> boxes.own(puppet, path));
        else hands.attempt("mount", "cgroup", root + "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, null); // where there is version 2
        hands.call("mount", "none", root, null, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, null);
        puppet.call("sethostname", "box", 3L);
        puppet.call("chdir", root);
        puppet.call("pivot_root", ".", "."); // the old root now lies on top of the new one
        puppet.call("umount2", ".", MNT_DETACH);
        puppet.call("chdir", "/home/student");
    }

    private void disk(Hands hands, String path, String options) {
        hands.call("mount", "box", boxes.stage.root + path, "tmpfs", MS_NOSUID | MS_NODEV, options);
        boxes.stage.uncover(hands, path);
    }

    /** Looks from outside at what has come of it, before anybody else is let in. */
    private void prove() {
        String root = "/proc/" + puppet.pid() + "/root";
        for (Path path : boxes.secret) {
            for (Path below : Files.exists(path) ? list(path) : List.<Path>of()) {
                if (boxes.stage.shows(below)) continue;
                if (Files.exists(Path.of(root + below), LinkOption.NOFOLLOW_LINKS)) throw new IllegalStateException("the box shows " + below);
            }
        }
        int errno = puppet.attempt("mkdir", "/usr/nslabs-probe", 0755);
        if (errno != Errno.number("EROFS") && errno != Errno.EACCES && errno != Errno.EPERM) throw new IllegalStateException("the box's /usr can be written: " + Errno.name(errno));
        for (String path : List.of("/home/student", "/tmp", "/dev/shm")) disks.add(open(root + path, O_RDONLY | O_CLOEXEC | 0200000, 0)); // O_DIRECTORY
    }

    private static List<Path> list(Path directory) {
        if (!Files.isDirectory(directory)) return List.of(directory);
        try (var all = Files.list(directory)) {
            return all.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Takes away what the program is not to have, in an order in which each step can still be made. */
    private void restrict() {
        puppet.call("dup2", job.talks ? in[0] : puppet.descriptor("open", "/dev/null", O_RDONLY, 0), 0);
        puppet.call("dup2", out[1], 1);
        puppet.call("dup2", err[1], 2);
        puppet.call("setsid");
        for (int signal = 1; signal < 32; signal++) { // what is ignored here would stay so
            if (signal != SIGKILL && signal != SIGSTOP) puppet.call("signal", signal, 0L);
        }
        limit(RLIMIT_CORE, 0);
        limit(RLIMIT_NOFILE, 1024);
        limit(RLIMIT_FSIZE, Limits.DISK);
        limit(RLIMIT_NPROC, Limits.TASKS + 8); // after the cgroup's limit, which can be counted
        if (job.cpuMillis < Integer.MAX_VALUE) limit(RLIMIT_CPU, job.cpuMillis / 1000 + 2);
        puppet.write("/proc/self/oom_score_adj", "1000"); // should the machine run out of memory: this one first
        puppet.call("umask", 022);
        puppet.call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
        puppet.call("prctl", PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); // until execve(2) it is a copy of this JVM
        if (boxes.ids != Boxes.Ids.SHARED) {
            puppet.syscall("setgroups", 0L, new byte[8]);
            puppet.syscall("setresgid", (long) Boxes.STUDENT, (long) Boxes.STUDENT, (long) Boxes.STUDENT);
            puppet.syscall("setresuid", (long) Boxes.STUDENT, (long) Boxes.STUDENT, (long) Boxes.STUDENT);
            puppet.call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L); // who changes the uid loses it
        }
        if (puppet.attempt("syscall", (long) Syscall.number("close_range"), 3L, 0xffffffffL, (long) CLOSE_RANGE_CLOEXEC) != 0) {
            for (String fd : new java.io.File("/proc/" + puppet.pid() + "/fd").list()) {
                if (Integer.parseInt(fd) > 2) puppet.call("fcntl", Integer.parseInt(fd), F_SETFD, FD_CLOEXEC);
            }
        }
        puppet.call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, puppet.kept());
        List<String> argv = new ArrayList<>(List.of("/bin/sh", "-c", "\"$@\"; exit $?", "init")); // a shell that waits reaps orphans too
        if (job.root) argv.addAll(List.of("unshare", "--user", "--map-root-user", "--"));
        argv.addAll(job.argv);
        List<String> environment = new ArrayList<>(List.of("PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "HOME=/home/student", "LANG=C.UTF-8"));
        job.environment.forEach((name, value) -> environment.add(name + "=" + value));
        int errno = puppet.exec("/bin/sh", argv, environment);
        if (errno != 0) throw new kit.Problem("execve(\"/bin/sh\")", errno, 0);
    }

    private void limit(int kind, long value) {
        puppet.call("setrlimit", kind, ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(value).putLong(value).array());
    }

    // ---- while it runs ----

    /** Its first process, by its PID here. */
    public int pid() {
        return puppet.pid();
    }

    public boolean alive() {
        return puppet.alive();
    }

    /** Ends it, from whatever thread; whoever waits for it sees it end. */
    public void end() {
        if (puppet.alive()) Errno.of(() -> Libc.kill(puppet.pid(), SIGKILL));
    }

    /** Waits until the program says "ready" on a line of stdout, ends, or goes over a limit. */
    public Event await(long millis) {
        long start = System.nanoTime(), end = start + millis * 1_000_000, look = start + 50_000_000;
        while (true) {
            boolean over = !puppet.alive(); // asked before the last output is read
            drain(over ? 0 : 20);
            if (written > Limits.OUTPUT) return new Event("output");
            String text = output.toString(StandardCharsets.UTF_8);
            if (text.startsWith("ready\n") || text.contains("\nready\n")) return Event.READY;
            if (System.nanoTime() > look || over) {
                String exceeded = limits.exceeded();
                if (exceeded != null) return new Event(exceeded);
                look = System.nanoTime() + 50_000_000;
            }
            if (over) return Event.ENDED;
            // On a busy machine an answer that computes gets its CPU time first; who only waits has had enough.
            if (System.nanoTime() > end && (idle() || System.nanoTime() > end + 4 * millis * 1_000_000)) return new Event("time");
        }
    }

    /** Whether it has used hardly any CPU time since this was last asked, a second ago or more. */
    private boolean idle() {
        long now = System.nanoTime();
        if (now < asked + 1_000_000_000L) return false;
        long used = limits.cpu(), before = cpu;
        boolean first = asked == 0;
        asked = now;
        cpu = used;
        return !first && used - before < 20;
    }

    /** Keeps reading what it prints for a while; false once it has ended or gone over a limit. */
    public boolean goOn(int millis) {
        drain(millis);
        return puppet.alive() && written <= Limits.OUTPUT;
    }

    /** The limit that was exceeded, or null. */
    public String exceeded() {
        return written > Limits.OUTPUT ? "output" : limits.exceeded();
    }

    /** Whether a writable place is full. */
    public boolean full() {
        for (int fd : disks) if (Space.of("/proc/self/fd/" + fd).free() == 0) return true;
        return false;
    }

    private void drain(int millis) {
        int[] fds = {out[0], err[0]};
        Memory pollfds = new Memory(16);
        for (int i = 0; i < 2; i++) {
            pollfds.setInt(8L * i, open[i] ? fds[i] : -1);
            pollfds.setInt(8L * i + 4, POLLIN);
        }
        try {
            if (!open[0] && !open[1]) Thread.sleep(millis);
            else poll(pollfds, 2, millis);
            byte[] piece = new byte[65536];
            for (int i = 0; i < 2; i++) {
                if (!open[i] || pollfds.getShort(8L * i + 6) == 0) continue;
                int n = (int) Libc.read(fds[i], piece, piece.length);
                open[i] = n > 0;
                written += Math.max(0, n);
                if (n > 0 && written <= Limits.OUTPUT) (i == 0 ? output : errors).write(piece, 0, n);
            }
        } catch (LastErrorException e) {
            if (e.getErrorCode() != 4) throw e; // EINTR
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public String output() {
        return output.toString(StandardCharsets.UTF_8);
    }

    public String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }

    /** For a talker: its stdin and stdout. */
    int stdin() {
        return in[1];
    }

    int stdout() {
        return out[0];
    }

    /** The exit status of the program, or 128 + the signal that ended it. */
    public int status() {
        return puppet.waitFor();
    }

    private void closeAll() {
        for (int[] pipe : List.of(in, out, err)) {
            for (int i = 0; i < 2; i++) {
                boolean ours = pipe == in ? i == 1 : i == 0;
                if (ours || !started) Libc.close(pipe[i]);
            }
        }
        disks.forEach(Libc::close);
    }

    /** Ends it: with its first process all others, and when that is gone so are they; pid_namespaces(7). */
    @Override
    public void close() {
        puppet.close();
        closeAll();
        if (job.cgroups) boxes.empty(limits.given);
        limits.close();
    }
}
