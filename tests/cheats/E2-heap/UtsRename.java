///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.util.ArrayList;
import java.util.List;
import kit.*;

// cheat: E2 | STUDENT_ERROR memory | Fills the heap.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            List<byte[]> all = new ArrayList<>();
            while (true) all.add(new byte[1 << 20]);
        });
    }
}
