package kit.container;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import kit.*;

/**
 * A pseudo-terminal of a container: its side lies in the container's own devpts, this side passes what is typed here and
 * what is printed there; pty(7), ioctl_tty(2). So no file descriptor of our terminal gets into the container.
 */
public final class Pty implements AutoCloseable {
    // asm-generic/ioctls.h
    private static final long TIOCSCTTY = 0x540e, TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414, TIOCSPTLCK = 0x40045431, TIOCGPTN = 0x80045430L;
    private static final int TERMIOS = 64, TCSANOW = 0;

    private final int master;
    private final int number;
    private Memory before;
    private Thread printer;

    private Pty(int master, int number) {
        this.master = master;
        this.number = number;
    }

    /** A new one in the devpts that a process has mounted at a path. */
    static Pty open(int pid, String devpts) {
        int master = Libc.open("/proc/" + pid + "/root" + devpts + "/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
        Memory word = new Memory(4);
        word.setInt(0, 0);
        ioctl(master, TIOCSPTLCK, word);
        ioctl(master, TIOCGPTN, word);
        return new Pty(master, word.getInt(0));
    }

    /** Its name in the container. */
    String name() {
        return "/dev/pts/" + number;
    }

    /** Makes it the controlling terminal, input and output of a process that leads a session. */
    void attach(Puppet puppet) {
        int fd = puppet.descriptor("open", name(), O_RDWR | O_CLOEXEC, 0);
        puppet.call("ioctl", fd, TIOCSCTTY, 0L);
        for (int stream = 0; stream <= 2; stream++) {
            puppet.call("dup2", fd, stream);
        }
    }

    /** Connects it with our own standard input and output. If that is a terminal too, it passes every key from now on. */
    public void connect() {
        if (isatty(0) == 1) {
            before = new Memory(TERMIOS);
            Memory raw = new Memory(TERMIOS);
            tcgetattr(0, before);
            tcgetattr(0, raw);
            cfmakeraw(raw);
            tcsetattr(0, TCSANOW, raw);
            resize();
        }
        printer = new Thread(() -> copy(master, 1), "prints");
        Thread typist = new Thread(() -> {
            copy(0, master);
            if (before == null) {
                Errno.of(() -> Libc.write(master, new byte[] {4}, 1)); // the end of a file, as one types it
            }
        }, "types");
        printer.setDaemon(true);
        typist.setDaemon(true);
        printer.start();
        typist.start();
    }

    /** Gives it the size of our own. */
    public void resize() {
        Memory size = new Memory(8);
        if (Errno.of(() -> ioctl(0, TIOCGWINSZ, size)).equals("success")) {
            Errno.of(() -> ioctl(master, TIOCSWINSZ, size));
        }
    }

    private static void copy(int from, int to) {
        byte[] piece = new byte[4096];
        try {
            for (int n = (int) Libc.read(from, piece, piece.length); n > 0; n = (int) Libc.read(from, piece, piece.length)) {
                for (int done = 0; done < n; ) {
                    byte[] rest = java.util.Arrays.copyOfRange(piece, done, n);
                    done += (int) Libc.write(to, rest, rest.length);
                }
            }
        } catch (LastErrorException e) {
            // EIO: nobody has the other side open any more
        }
    }

    /** Passes on what is still to be printed, and gives our terminal back as it was. */
    @Override
    public void close() {
        try {
            if (printer != null) {
                printer.join(2000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (before != null) {
            tcsetattr(0, TCSANOW, before);
            before = null;
        }
        Errno.of(() -> Libc.close(master));
    }
}
