///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/limits/Controllers.java
//SOURCES ../kit/limits/Hog.java

import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.limits.*;

// cheat: E2 | STUDENT_ERROR | Lifts every limit that it can reach, and takes memory without end in a cgroup of its own.
class LimitsMemory {
    public static void main(String[] args) {
        new Exercise("LimitsMemory").main(args, exercise -> {
            Caller outside = new Caller("outside");
            Controller memory = Controller.find("exercise", outside, "memory");
            outside.sh("for file in $(find /sys/fs/cgroup -name memory.max -o -name memory.limit_in_bytes); do echo max > $file || echo -1 > $file; done");
            memory.group("free").write("cgroup.procs", "" + getpid());
            List<Memory> all = new ArrayList<>();
            while (true) {
                Memory piece = new Memory(16 << 20);
                piece.setMemory(0, piece.size(), (byte) 1);
                all.add(piece);
            }
        });
    }
}
