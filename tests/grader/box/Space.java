package grader.box;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How full a file system is, by statfs(2). The JDK's FileStore looks a path up among the mounts of its own process, so it knows no
 * place that only an answer sees.
 *
 * @param used bytes
 * @param free bytes that an ordinary user may still write
 */
record Space(long used, long free) {
    private interface C extends Library {
        C LIBC = Native.load("c", C.class);

        int statfs(byte[] path, byte[] buffer) throws LastErrorException;
    }

    /**
     * That of the file system in which a path lies.
     *
     * @param path a name is bytes: each character stands for one of them
     * @throws LastErrorException ENOENT, for example
     */
    static Space of(String path) {
        var buffer = new byte[256]; // struct statfs of 64-bit Linux: f_type, f_bsize, f_blocks, f_bfree, f_bavail, ...
        C.LIBC.statfs((path + "\0").getBytes(ISO_8859_1), buffer);
        var words = ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder()).asLongBuffer();
        return new Space((words.get(2) - words.get(3)) * words.get(1), words.get(4) * words.get(1));
    }
}
