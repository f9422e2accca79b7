package kit;

import static kit.Child.call;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;

/** Secrets that the kernel keeps for processes, and that only the user namespace divides; keyrings(7), keyctl(2). */
public final class Keyring {
    private Keyring() {}

    // linux/keyctl.h
    private static final long KEYCTL_JOIN_SESSION_KEYRING = 1, KEYCTL_READ = 11, KEY_SPEC_SESSION_KEYRING = -3;

    public static final String NOTHING = "no key";

    /** Gives the calling thread, and all that it starts, a new session keyring with a key in it, gone with the last of them: the key's number. */
    public static int add(String description, String secret) throws LastErrorException {
        syscall(Syscall.number("keyctl"), KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0, 0);
        Memory type = string("user"), name = string(description), payload = string(secret);
        try {
            return (int) syscall(Syscall.number("add_key"), Pointer.nativeValue(type), Pointer.nativeValue(name), Pointer.nativeValue(payload),
                    secret.length(), KEY_SPEC_SESSION_KEYRING, 0);
        } finally {
            Reference.reachabilityFence(type);
            Reference.reachabilityFence(name);
            Reference.reachabilityFence(payload);
        }
    }

    /** Leaves the session keyring that a child has inherited for a new one. */
    public static Child.Step join() {
        return call("syscall", (long) Syscall.number("keyctl"), KEYCTL_JOIN_SESSION_KEYRING, 0L);
    }

    /** Steps by which a child reads a key and writes it to a file: {@link #NOTHING} where it may not. */
    public static Child.Step[] copy(int key, String file) {
        int size = 64;
        Memory buffer = new Memory(size);
        for (int i = 0; i < size; i++) {
            buffer.setByte(i, (byte) '\n');
        }
        buffer.write(0, NOTHING.getBytes(StandardCharsets.US_ASCII), 0, NOTHING.length());
        return new Child.Step[] {call("syscall", (long) Syscall.number("keyctl"), KEYCTL_READ, (long) key, buffer, (long) size),
                call("close", 0), call("open", file, O_WRONLY | O_CREAT | O_TRUNC, 0600), call("write", 0, buffer, (long) size)}; // it is 0, the lowest
    }

    private static Memory string(String text) {
        Memory memory = new Memory(text.length() + 1);
        memory.setString(0, text);
        return memory;
    }
}
