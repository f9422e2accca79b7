package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class CapabilitiesFileCheck extends Check {
    /** What the attribute holds, whichever of the two structs it is. {@code root} is who must be root of the reader's user namespace; -1 in version 2. */
    private record Attribute(int version, boolean effective, long permitted, long inheritable, long root) {
        static Attribute of(byte[] bytes) {
            var data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int version = data.getInt(0) >>> 24;
            return new Attribute(version, (data.getInt(0) & 1) != 0, half(data, 4), half(data, 8), version == 3 ? Integer.toUnsignedLong(data.getInt(20)) : -1);
        }

        private static long half(ByteBuffer data, int at) {
            return Integer.toUnsignedLong(data.getInt(at)) | (long) data.getInt(at + 8) << 32;
        }
    }

    /** A process of the answer that is root of a user namespace apart from the box's. */
    private static Proc root(Live live) {
        return live.allApart("user").stream().filter(task -> Live.uidInside(task) == 0).findFirst().orElseThrow(() -> new AssertionError("You have no process that is root of a user namespace."));
    }

    @Test
    @Verifies("capabilities.file-capability")
    void file(Live live) {
        var root = root(live);
        var path = "/home/student/" + live.value("program");
        var files = live.files(root);
        if (!files.exists(path)) throw new AssertionError("The file " + path + " is not there.");
        assertEquals(0100000, (int) files.stat(path, "mode") & 0170000, path + " is not a regular file; its type");
        var bytes = files.attribute(path, "security.capability");
        if (bytes == null) throw new AssertionError(path + " has no attribute security.capability.");
        var has = Attribute.of(bytes);
        assertEquals(String.format("%016x", 1L << live.number("capability", 0, 38)), String.format("%016x", has.permitted), "The permitted set of " + path);
        assertEquals(String.format("%016x", 0), String.format("%016x", has.inheritable), "The inheritable set of " + path);
        assertEquals(true, has.effective, path + " is not marked as effective");
        // Whoever is the root of the file's user namespace reads it as version 2; to all above it is version 3, with the uid of that root.
        if (has.version == 3) assertEquals(root.uids().get(1), has.root, "For whom the capability of " + path + " counts: root of a user namespace where that is the user ID");
    }

    @Override
    public List<String> hints() {
        return List.of("getfattr -d -m - FILE shows such attributes; getcap FILE explains this one. Try it on a file that setcap(8) was used on.",
                "magic_etc is the version in the highest byte, with the flag VFS_CAP_FLAGS_EFFECTIVE or'ed to it. Without the flag the capability is only permitted.",
                "Capabilities 0 to 31 are bits of the int at byte 4, from 32 on of the one at byte 12. At 8 and 16 stand the inheritable ones, which remain 0.",
                "Function.getFunction(\"c\", \"setxattr\", Function.THROW_LAST_ERROR).invokeInt(new Object[] {file.toString(), \"security.capability\", data, data.size(), 0})");
    }

    @Override
    public String hint(Live live) {
        try {
            var bytes = live.files(root(live)).attribute("/home/student/" + live.value("program"), "security.capability");
            return bytes == null ? "The file has no such attribute." : "The judge, who stands outside, reads " + Attribute.of(bytes) + ".";
        } catch (AssertionError | IndexOutOfBoundsException e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            You wrote 20 bytes of version 2, and the kernel stored 24 of version 3: with the user ID that is root of your user namespace,
            as the file system counts. Where that user is root the file gives its capability; above, where the machine's own root would be
            fooled, it gives nothing. So a container builds images with capable programs (ping with CAP_NET_RAW), and nobody on the host gains by
            it. Under no_new_privs, as here, execve(2) takes no notice of it at all.""";
    }
}
