package kit;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.nio.charset.StandardCharsets;

/**
 * A service on a UNIX socket that does what it is told: it reads a line, runs it as a shell command with its own rights, and
 * sends back what the command prints. That is what a container engine's socket amounts to for whoever reaches it; unix(7).
 */
public final class RuntimeSocket {
    private RuntimeSocket() {}

    /** Serves one connection after the other until the JVM ends; commands run where the caller stands. */
    public static void serve(Caller caller, byte[] address) {
        int listener = Sockets.listen(caller, address);
        Thread service = new Thread(() -> {
            try {
                while (true) {
                    answer(caller, accept4(listener, null, null, SOCK_CLOEXEC));
                }
            } catch (LastErrorException e) {
                close(listener);
            }
        }, "runtime");
        service.setDaemon(true);
        service.start();
    }

    /** Steps by which a child connects and gives an order; the connection stays open for its shell, as file descriptor 3. */
    public static Child.Step[] client(byte[] un, String order) {
        Memory address = new Memory(un.length);
        address.write(0, un, 0, un.length);
        return new Child.Step[] {call("close", 0), call("socket", AF_UNIX, SOCK_STREAM, 0), call("connect", 0, address, un.length), // it is 0, the lowest
                call("send", 0, order, (long) order.length(), MSG_NOSIGNAL), call("dup2", 0, 3)};
    }

    private static void answer(Caller caller, int connection) {
        byte[] line = new byte[4096];
        try {
            int length = (int) read(connection, line, line.length);
            byte[] answer = caller.sh(new String(line, 0, length, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            write(connection, answer, answer.length);
        } finally {
            close(connection);
        }
    }
}
