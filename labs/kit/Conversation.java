package kit;

import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Commands to a shell through one pipe, its answers through another. It needs no further Java thread, for a thread
 * that has unshared its PID namespace can start none; clone(2), EINVAL.
 */
public final class Conversation implements AutoCloseable {
    /** How long a command may take, in milliseconds. */
    private static final int PATIENCE = 30_000;

    private final int to;
    private final int from;
    private boolean closed;

    public Conversation(int to, int from) {
        this.to = to;
        this.from = from;
    }

    public void send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Libc.write(to, bytes, bytes.length);
    }

    /** Sends text and waits until it has been read: shells read ahead, and what follows is for the next one. */
    void hand(String text) {
        send(text);
        Memory left = new Memory(4);
        for (int round = 0; round < PATIENCE; round++) {
            ioctl(to, FIONREAD, left);
            if (left.getInt(0) == 0) {
                return;
            }
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        throw new IllegalStateException("nobody reads: " + text);
    }

    /** Runs one command and reads up to a mark that no command prints: SOH, the exit status, SOH. */
    public Output run(String command) {
        send("{ " + command + "\n} </dev/null 2>&1; printf '\\001%d\\001' $?\n");
        String answer = read(from, true);
        int end = answer.length() - 1;
        int mark = answer.lastIndexOf('\001', end - 1);
        if (mark < 0) {
            throw new IllegalStateException("the shell ended while it ran: " + command + "\n" + answer);
        }
        return new Output(Integer.parseInt(answer.substring(mark + 1, end)), answer.substring(0, mark).strip());
    }

    /** Reads to the end of input or, if {@code toMark}, to the second SOH. */
    static String read(int fd, boolean toMark) {
        var bytes = new ByteArrayOutputStream();
        byte[] chunk = new byte[4096];
        Memory pollfd = new Memory(8);
        for (int marks = 0; marks < 2; ) {
            pollfd.setInt(0, fd);
            pollfd.setShort(4, POLLIN);
            pollfd.setShort(6, (short) 0);
            if (poll(pollfd, 1, PATIENCE) == 0) {
                throw new IllegalStateException("no answer within " + PATIENCE / 1000 + " s; so far: " + bytes);
            }
            int n;
            try {
                n = (int) Libc.read(fd, chunk, chunk.length);
            } catch (LastErrorException e) {
                break;
            }
            if (n == 0) {
                break;
            }
            bytes.write(chunk, 0, n);
            for (int i = 0; toMark && i < n; i++) {
                marks += chunk[i] == 1 ? 1 : 0;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(to);
            Libc.close(from);
        }
    }
}
