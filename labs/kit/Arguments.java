package kit;

import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The arguments of one call of a {@link Puppet}: what they point to lies in memory that parent and child share. */
final class Arguments {
    private final Pointer memory;
    private final long size;
    private long used;

    Arguments(Pointer memory, long size) {
        this.memory = memory;
        this.size = size;
    }

    /** An argument as the child finds it. */
    Object put(Object argument) {
        if (argument instanceof String text) {
            return put((text + "\0").getBytes(StandardCharsets.UTF_8));
        } else if (argument instanceof byte[] bytes) {
            Pointer room = room(bytes.length);
            room.write(0, bytes, 0, bytes.length);
            return room;
        } else if (argument instanceof String[] texts) {
            Pointer array = room(8L * (texts.length + 1));
            for (int i = 0; i < texts.length; i++) {
                array.setPointer(8L * i, (Pointer) put(texts[i]));
            }
            array.setPointer(8L * texts.length, null);
            return array;
        }
        return argument;
    }

    private Pointer room(long bytes) {
        Pointer room = memory.share(used);
        used = (used + bytes + 15) / 16 * 16;
        if (used > size) {
            throw new Problem("execve", Errno.E2BIG, new Diagnosis(false, "the arguments are longer than " + size + " bytes", "pass less"));
        }
        return room;
    }

    /** A call as strace(1) writes it. */
    static String text(String function, Object... arguments) {
        return function + Arrays.stream(arguments).map(each -> each instanceof String text ? '"' + text + '"' : each instanceof Long number && number > 9
                ? "0x" + Long.toHexString(number) : each instanceof Pointer || each instanceof Object[] || each instanceof byte[] ? "..." : String.valueOf(each))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
