package kit.lifetime;

import static kit.Libc.*;

import com.sun.jna.Memory;

/** A message of one byte and one file descriptor, for sendmsg(2) and recvmsg(2) of a UNIX socket: SCM_RIGHTS, unix(7). */
public final class Message {
    private Message() {}

    /** The parts stand behind the struct msghdr, which has the same form on x86_64 and aarch64; cmsg(3). */
    private static final int IOVEC = 56, TEXT = 72, CONTROL = 96, DESCRIPTOR = 112, SIZE = 120;

    /** One that carries a descriptor: the receiver gets another descriptor of the same open file. */
    public static Memory carrying(int fd) {
        Memory message = toReceive();
        message.setInt(DESCRIPTOR, fd);
        return message;
    }

    /** Room for such a message. */
    public static Memory toReceive() {
        Memory message = new Memory(SIZE);
        message.clear();
        message.setPointer(16, message.share(IOVEC)); // msg_iov, and how many
        message.setLong(24, 1);
        message.setPointer(IOVEC, message.share(TEXT)); // iov_base, iov_len
        message.setLong(IOVEC + 8, 1);
        message.setPointer(32, message.share(CONTROL)); // msg_control, msg_controllen
        message.setLong(40, SIZE - CONTROL);
        message.setLong(CONTROL, DESCRIPTOR + 4 - CONTROL); // cmsg_len, cmsg_level, cmsg_type
        message.setInt(CONTROL + 8, SOL_SOCKET);
        message.setInt(CONTROL + 12, SCM_RIGHTS);
        return message;
    }
}
