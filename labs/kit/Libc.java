package kit;

import com.sun.jna.Function;
import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * The C library, under its own names: what a C program would call, with the arguments in the same order.
 * A call that fails throws {@link LastErrorException}, which carries errno. Each group names its man page.
 */
public final class Libc {
    private Libc() {}

    // clone(2), unshare(2), setns(2): one flag per namespace type, from linux/sched.h
    public static final int CLONE_NEWTIME = 0x00000080;
    public static final int CLONE_NEWNS = 0x00020000;
    public static final int CLONE_NEWCGROUP = 0x02000000;
    public static final int CLONE_NEWUTS = 0x04000000;
    public static final int CLONE_NEWIPC = 0x08000000;
    public static final int CLONE_NEWUSER = 0x10000000;
    public static final int CLONE_NEWPID = 0x20000000;
    public static final int CLONE_NEWNET = 0x40000000;
    // clone(2): what parent and child share
    public static final int CLONE_VM = 0x00000100;
    public static final int CLONE_FS = 0x00000200;
    public static final int CLONE_FILES = 0x00000400;
    public static final int CLONE_SIGHAND = 0x00000800;
    public static final int CLONE_PARENT = 0x00008000;
    public static final int CLONE_THREAD = 0x00010000;
    /** Writes the child's PID where the fifth argument points, in the memory of who calls. */
    public static final int CLONE_PARENT_SETTID = 0x00100000;
    public static final int CLONE_SYSVSEM = 0x00040000;

    public static native int unshare(int flags) throws LastErrorException;

    public static native int setns(int fd, int nstype) throws LastErrorException;

    public static native int clone(Pointer fn, Pointer stackTop, int flags, Pointer arg) throws LastErrorException;

    // getcontext(3); makecontext(3) takes a variable number of arguments and is called by name in Child
    public static native int getcontext(Pointer ucp) throws LastErrorException;

    // gethostname(2), getdomainname(2)
    public static native int sethostname(String name, long len) throws LastErrorException;

    public static native int gethostname(byte[] name, long len) throws LastErrorException;

    public static native int setdomainname(String name, long len) throws LastErrorException;

    public static native int getdomainname(byte[] name, long len) throws LastErrorException;

    // mount(2), umount(2), chdir(2), chroot(2)
    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_SYNCHRONOUS = 16;
    public static final long MS_REMOUNT = 32;
    public static final long MS_NOATIME = 1024;
    public static final long MS_NODIRATIME = 2048;
    public static final long MS_BIND = 4096;
    public static final long MS_MOVE = 8192;
    public static final long MS_REC = 16384;
    public static final long MS_UNBINDABLE = 1 << 17;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SLAVE = 1 << 19;
    public static final long MS_SHARED = 1 << 20;
    public static final long MS_RELATIME = 1 << 21;
    public static final long MS_STRICTATIME = 1 << 24;
    public static final int MNT_DETACH = 2;

    public static native int mount(String source, String target, String type, long flags, String data)
            throws LastErrorException;

    public static native int umount2(String target, int flags) throws LastErrorException;

    public static native int chdir(String path) throws LastErrorException;

    public static native int chroot(String path) throws LastErrorException;

    public static native int fchdir(int fd) throws LastErrorException;

    // pivot_root(2): glibc has no header for it, but the symbol
    public static native int pivot_root(String newRoot, String putOld) throws LastErrorException;

    // open_tree(2), mount_setattr(2), move_mount(2): by syscall(2), for glibc has them since 2.36 only; the same on all architectures
    public static final long SYS_open_tree = 428;
    public static final long SYS_move_mount = 429;
    public static final long SYS_mount_setattr = 442;
    public static final int AT_FDCWD = -100;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int OPEN_TREE_CLONE = 1;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    public static final long MOUNT_ATTR_IDMAP = 0x00100000;

    // mkdir(2), rmdir(2), mknod(2), chmod(2), umask(2)
    public static final int S_IFCHR = 0020000;
    public static final int S_IFIFO = 0010000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFREG = 0100000;

    public static native int mkdir(String path, int mode) throws LastErrorException;

    public static native int rmdir(String path) throws LastErrorException;

    public static native int mknod(String path, int mode, long dev) throws LastErrorException;

    public static native int chmod(String path, int mode) throws LastErrorException;

    public static native int umask(int mask);

    // rename(2), getxattr(2)
    public static native int rename(String from, String to) throws LastErrorException;

    public static native long lgetxattr(String path, String name, byte[] value, long size) throws LastErrorException;

    // open(2), read(2), write(2), pipe(2), poll(2), memfd_create(2)
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_NOCTTY = 0400;
    public static final int O_APPEND = 02000;
    public static final int O_NONBLOCK = 04000;
    public static final int O_CREAT = 0100;
    public static final int O_EXCL = 0200;
    public static final int O_TRUNC = 01000;
    public static final int O_CLOEXEC = 02000000;
    public static final int O_PATH = 010000000;
    public static final short POLLIN = 1;

    public static native int open(String path, int flags, int mode) throws LastErrorException;

    public static native long read(int fd, byte[] buf, long count) throws LastErrorException;

    public static native long pread(int fd, byte[] buf, long count, long offset) throws LastErrorException;

    public static native long write(int fd, byte[] buf, long count) throws LastErrorException;

    public static native int close(int fd) throws LastErrorException;

    public static native int pipe2(int[] fds, int flags) throws LastErrorException;

    /** One pollfd: an int fd, then the shorts events and revents. */
    public static native int poll(Pointer fds, long nfds, int timeoutMillis) throws LastErrorException;

    public static native int isatty(int fd);

    // termios(3)
    public static native int tcgetattr(int fd, Pointer termios) throws LastErrorException;

    public static native int tcsetattr(int fd, int actions, Pointer termios) throws LastErrorException;

    public static native void cfmakeraw(Pointer termios);

    // dup(2)
    public static native int dup2(int fd, int newFd) throws LastErrorException;

    // fcntl(2)
    public static final int F_SETFD = 2;
    public static final int FD_CLOEXEC = 1;

    // name_to_handle_at(2), open_by_handle_at(2): a file_handle begins with the ints handle_bytes and handle_type
    public static native int name_to_handle_at(int dirfd, String path, Pointer handle, int[] mountId, int flags)
            throws LastErrorException;

    public static native int open_by_handle_at(int mountFd, Pointer handle, int flags) throws LastErrorException;

    /** The namespace above, of a PID or user namespace; ioctl_ns(2). */
    public static final long NS_GET_PARENT = 0xb702;
    /** The user namespace that owns a namespace. */
    public static final long NS_GET_USERNS = 0xb701;
    /** The uid that made a user namespace. */
    public static final long NS_GET_OWNER_UID = 0xb704;
    /** A number for a mount namespace that is never given to another one (6.11), and for any namespace (6.18); linux/nsfs.h. */
    public static final long NS_GET_MNTNS_ID = 0x8008b705L;
    public static final long NS_GET_ID = 0x8008b70dL;
    /** What we call the process that a PID namespace calls by the number that is the argument, and the way back (6.11). */
    public static final long NS_GET_PID_FROM_PIDNS = 0x8004b706L;
    public static final long NS_GET_PID_IN_PIDNS = 0x8004b708L;

    /** How many bytes nobody has read yet; ioctl_tty(2), for pipes as well. */
    public static final long FIONREAD = 0x541b;

    public static native int ioctl(int fd, long request, Pointer arg) throws LastErrorException;

    // mmap(2)
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 1;
    public static final int MAP_ANONYMOUS = 0x20;

    public static native Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset)
            throws LastErrorException;

    public static native int munmap(Pointer address, long length) throws LastErrorException;

    // getpid(2), kill(2), wait(2), prctl(2), posix_spawn(3)
    public static final int SIGKILL = 9;
    public static final int SIGUSR1 = 10;
    public static final int SIGPIPE = 13;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;
    public static final int SIGSTOP = 19;
    public static final int SIGTSTP = 20;
    public static final int SIGWINCH = 28;
    public static final int SIGSYS = 31;
    public static final int WNOHANG = 1;
    /** waitpid also for children of other threads and with another exit signal; wait(2). */
    public static final int __WALL = 0x40000000;
    public static final int PR_SET_PDEATHSIG = 1;
    public static final int PR_SET_DUMPABLE = 4;
    public static final int PR_SET_KEEPCAPS = 8;
    public static final int PR_SET_SECCOMP = 22;
    public static final long SECCOMP_MODE_FILTER = 2;
    public static final int PR_CAPBSET_READ = 23;
    public static final int PR_CAPBSET_DROP = 24;
    public static final int PR_SET_SECUREBITS = 28;
    public static final int PR_SET_NO_NEW_PRIVS = 38;
    public static final int PR_GET_NO_NEW_PRIVS = 39;
    public static final int PR_CAP_AMBIENT = 47;
    public static final long PR_CAP_AMBIENT_RAISE = 2;
    public static final long PR_CAP_AMBIENT_CLEAR_ALL = 4;

    public static native int getpid();

    public static native int getppid();

    public static native int getuid();

    public static native int getgid();

    public static native int kill(int pid, int sig) throws LastErrorException;

    public static native int waitpid(int pid, int[] status, int options) throws LastErrorException;

    public static native int setenv(String name, String value, int overwrite) throws LastErrorException;

    public static native int prctl(int option, long arg2, long arg3, long arg4, long arg5) throws LastErrorException;

    // capget(2): of the calling thread alone; the header is version and pid, the data two times three masks
    public static final int LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    public static final int CAP_CHOWN = 0;
    public static final int CAP_DAC_OVERRIDE = 1;
    public static final int CAP_KILL = 5;
    public static final int CAP_SETGID = 6;
    public static final int CAP_SETUID = 7;
    public static final int CAP_SETPCAP = 8;
    public static final int CAP_NET_BIND_SERVICE = 10;
    public static final int CAP_NET_ADMIN = 12;
    public static final int CAP_NET_RAW = 13;
    public static final int CAP_SYS_CHROOT = 18;
    public static final int CAP_SYS_ADMIN = 21;
    public static final int CAP_SYS_TIME = 25;
    public static final int CAP_SETFCAP = 31;

    public static native int capget(int[] header, int[] data) throws LastErrorException;

    public static native int capset(int[] header, int[] data) throws LastErrorException;

    /** Returns the error number instead of setting errno. */
    public static native int posix_spawnp(int[] pid, String file, Pointer actions, Pointer attr, Pointer argv, Pointer envp);

    public static native int posix_spawn_file_actions_init(Pointer actions);

    public static native int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int newfd);

    public static native int posix_spawn_file_actions_destroy(Pointer actions);

    // System V IPC: shmget(2), shmop(2), msgget(2), semget(2)
    public static final int IPC_CREAT = 01000;
    public static final int IPC_EXCL = 02000;
    public static final int SHM_RDONLY = 010000;
    public static final int GETVAL = 12;
    public static final int SETVAL = 16;

    public static native int shmget(int key, long size, int flags) throws LastErrorException;

    public static native Pointer shmat(int id, Pointer address, int flags) throws LastErrorException;

    public static native int shmdt(Pointer address) throws LastErrorException;

    public static native int msgget(int key, int flags) throws LastErrorException;

    public static native int semget(int key, int count, int flags) throws LastErrorException;

    public static native int semctl(int id, int number, int cmd, long arg) throws LastErrorException;

    // socket(2), bind(2), listen(2), accept(2), connect(2); an address is the bytes of a sockaddr_in or sockaddr_un
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_CLOEXEC = 02000000;
    public static final int IPPROTO_ICMP = 1;
    public static final int MSG_NOSIGNAL = 0x4000;

    public static native int socket(int domain, int type, int protocol) throws LastErrorException;

    public static native int bind(int fd, byte[] address, int length) throws LastErrorException;

    public static native int listen(int fd, int backlog) throws LastErrorException;

    public static native int accept4(int fd, Pointer address, Pointer length, int flags) throws LastErrorException;

    public static native int connect(int fd, byte[] address, int length) throws LastErrorException;

    // setsockopt(2), socket(7)
    public static final int SO_SNDTIMEO = 21;

    public static native int setsockopt(int fd, int level, int name, long[] value, int length) throws LastErrorException;

    // socketpair(2), sendmsg(2), recvmsg(2): how a file descriptor gets to another process, unix(7)
    public static final int SOL_SOCKET = 1;
    public static final int SCM_RIGHTS = 1;

    public static native int socketpair(int domain, int type, int protocol, int[] fds) throws LastErrorException;

    public static native long sendmsg(int fd, Pointer message, int flags) throws LastErrorException;

    /** mq_open(3). */
    public static int mq_open(String name, int flags, int mode, Pointer attributes) throws LastErrorException {
        return mq("mq_open", name, flags, mode, attributes);
    }

    public static int mq_send(int queue, byte[] message, long length, int priority) throws LastErrorException {
        return mq("mq_send", queue, message, length, priority);
    }

    public static int mq_receive(int queue, byte[] buffer, long length, Pointer priority) throws LastErrorException {
        return mq("mq_receive", queue, buffer, length, priority);
    }

    /** Since glibc 2.34 these functions stand in libc, before that in librt. */
    private static int mq(String function, Object... arguments) throws LastErrorException {
        NativeLibrary library;
        try {
            LIBRARY.getFunction(function);
            library = LIBRARY;
        } catch (UnsatisfiedLinkError e) {
            library = NativeLibrary.getInstance("rt");
        }
        return library.getFunction(function, Function.THROW_LAST_ERROR).invokeInt(arguments);
    }

    // times(2): clock_gettime(2); a timespec is two longs, seconds and nanoseconds
    public static final int CLOCK_REALTIME = 0;
    public static final int CLOCK_MONOTONIC = 1;
    public static final int CLOCK_BOOTTIME = 7;
    public static final int TIMER_ABSTIME = 1;

    public static native int clock_gettime(int clock, long[] timespec) throws LastErrorException;

    /** For calls that libc has no function for; the number differs per architecture. syscall(2). */
    public static native long syscall(long number, long a, long b, long c, long d, long e, long f)
            throws LastErrorException;

    // For one thread alone: libc's functions of these names change all threads of the process. asm/unistd.h
    private static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");
    public static final long SYS_setgroups = X86_64 ? 116 : 159;
    public static final long SYS_setresgid = X86_64 ? 119 : 149;
    public static final long SYS_setresuid = X86_64 ? 117 : 147;

    /** pidfd_open(2); glibc has a function for it since 2.36. */
    public static final long SYS_pidfd_open = 434;
    /** listns(2), Linux 6.19. */
    public static final long SYS_listns = 470;

    public static native String strerror(int errno);

    /** The library itself, for a function that is passed by address (clone(2) wants one). */
    static final NativeLibrary LIBRARY = NativeLibrary.getInstance("c");

    static {
        Native.register(Libc.class, LIBRARY);
    }

    /** The hostname of the calling thread's UTS namespace; gethostname(2). */
    public static String gethostname() {
        byte[] buf = new byte[65];
        gethostname(buf, buf.length);
        return Native.toString(buf);
    }

    /** The NIS domain name of the calling thread's UTS namespace; getdomainname(2). */
    public static String getdomainname() {
        byte[] buf = new byte[65];
        getdomainname(buf, buf.length);
        return Native.toString(buf);
    }
}
