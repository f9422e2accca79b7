import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import outside.Home;

/** Reads the kit's table of system calls as text, and compares it with the kernel's own headers. */
@DisplayName("The kit's table of system calls")
class SyscallTest {
    @ParameterizedTest(name = "on {0}")
    @ValueSource(strings = {"X86_64", "AARCH64"})
    @DisplayName("has the numbers that the kernel's header has")
    void numbers(String architecture) throws IOException {
        var header = Stream.of(architecture.equals("X86_64") ? "/usr/include/x86_64-linux-gnu/asm/unistd_64.h" : "/usr/include/asm-generic/unistd.h")
                .map(Path::of).filter(Files::exists).findFirst();
        assumeTrue(header.isPresent(), "the kernel's headers for " + architecture + " are not installed (linux-libc-dev)");
        var source = Files.readString(Home.path().resolve("labs/kit/Syscall.java"));
        var table = new HashMap<String, Integer>();
        for (var name : List.of(architecture, "ALL")) {
            var next = 0;
            for (var word : source.split("String " + name + " = \"\"\"")[1].split("\"\"\"")[0].strip().split("\\s+")) {
                if (word.matches("\\d+")) next = Integer.parseInt(word);
                else assertEquals(null, table.put(word, next++), word + " stands there twice");
            }
        }
        var wrong = new LinkedHashMap<String, String>();
        // On 64 bits __NR3264_x is x, but for fstatat. Other names are of other architectures, or no calls.
        var others = Set.of("sync_file_range2", "arch_specific_syscall", "syscalls");
        var define = Pattern.compile("#define __NR(?:3264)?_(\\w+) (\\d+)").matcher(Files.readString(header.get()));
        while (define.find()) {
            var name = define.group(1).equals("fstatat") ? "newfstatat" : define.group(1);
            var number = Integer.parseInt(define.group(2));
            if (others.contains(name) || number >= 403 && number < 424) continue; // only on 32 bits
            if (!Integer.valueOf(number).equals(table.get(name))) wrong.put(name, number + " but not " + table.get(name));
        }
        assertEquals(Map.of(), wrong);
        assertTrue(table.size() > 300, () -> "only " + table.size());
    }
}
