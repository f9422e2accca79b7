///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import com.sun.jna.Memory;
import java.util.ArrayList;
import java.util.List;
import kit.*;

// cheat: E2 | STUDENT_ERROR memory | Takes memory that the JVM knows nothing of.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            List<Memory> all = new ArrayList<>();
            while (true) {
                Memory memory = new Memory(16 << 20);
                memory.setMemory(0, memory.size(), (byte) 1);
                all.add(memory);
            }
        });
    }
}
