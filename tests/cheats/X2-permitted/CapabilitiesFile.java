///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Capability.java

import static kit.Libc.*;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

// cheat: X2 | FAIL | Makes the capability permitted, but not effective.
class CapabilitiesFile {
    static final int VFS_CAP_REVISION_2 = 0x02000000, VFS_CAP_FLAGS_EFFECTIVE = 1;

    public static void main(String[] args) {
        new Exercise("CapabilitiesFile").main(args, CapabilitiesFile::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        Path file = Path.of(exercise.value("program")).toAbsolutePath();
        int capability = exercise.number("capability", 0, 38);
        Files.copy(Path.of("/bin/cat"), file);
        exercise.show("which is " + Capability.NAMES.get(capability) + " for " + file);

        // struct vfs_cap_data: __le32 magic_etc, then twice (low half, high half) the __le32s permitted and inheritable
        Memory data = new Memory(20);
        data.clear();
        data.setInt(0, VFS_CAP_REVISION_2);
        data.setInt(capability < 32 ? 4 : 12, 1 << capability % 32);
        Function.getFunction("c", "setxattr", Function.THROW_LAST_ERROR).invokeInt(new Object[] {file.toString(), "security.capability", data, data.size(), 0});

        exercise.show("what a reader gets: " + Errno.of(() -> exercise.show(Capability.fileVersion(file.toString()))));
        exercise.ready();
        Files.delete(file);
    }
}
