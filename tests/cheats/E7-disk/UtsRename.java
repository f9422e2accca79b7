///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.FileOutputStream;
import kit.*;

// cheat: E7 | STUDENT_ERROR disk | Fills its disk.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            try (FileOutputStream out = new FileOutputStream("/home/student/big")) {
                while (true) out.write(new byte[1 << 20]);
            }
        });
    }
}
