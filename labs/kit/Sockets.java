package kit;

import static kit.Libc.*;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntConsumer;

/** Sockets made where a {@link Caller} stands, by the calls that a C program would make; socket(7), ip(7), unix(7). */
public final class Sockets {
    private Sockets() {}

    /** A sockaddr_in: family, port and address, these two in network byte order; ip(7). */
    public static byte[] in(String address, int port) {
        ByteBuffer in = ByteBuffer.allocate(16).put((byte) AF_INET).put((byte) 0).putShort((short) port);
        List.of(address.split("[.]")).forEach(number -> in.put((byte) Integer.parseInt(number)));
        return in.array();
    }

    /** A sockaddr_un: family and name, a path or, after a NUL byte, an abstract one; unix(7). */
    public static byte[] un(String name) {
        return ByteBuffer.allocate(2 + name.length()).put((byte) AF_UNIX).put((byte) 0).put(name.getBytes(StandardCharsets.US_ASCII)).array();
    }

    /** What connect(2) of a new socket says. */
    public static String connect(Caller side, byte[] address) {
        return withSocket(side, address, fd -> Libc.connect(fd, address, address.length));
    }

    /** What bind(2) of a new socket says, which is closed again. */
    public static String bind(Caller side, byte[] address) {
        return withSocket(side, address, fd -> Libc.bind(fd, address, address.length));
    }

    private static String withSocket(Caller side, byte[] address, IntConsumer use) {
        return side.call(() -> {
            int fd = socket(address[0], SOCK_STREAM | SOCK_CLOEXEC, 0);
            try {
                return Errno.of(() -> use.accept(fd));
            } finally {
                Libc.close(fd);
            }
        });
    }

    /** A socket that listens at an address; {@code close(2)} it. */
    public static int listen(Caller side, byte[] address) {
        int fd = side.call(() -> socket(address[0], SOCK_STREAM | SOCK_CLOEXEC, 0));
        side.run(() -> Libc.bind(fd, address, address.length));
        side.run(() -> Libc.listen(fd, 8));
        return fd;
    }
}
