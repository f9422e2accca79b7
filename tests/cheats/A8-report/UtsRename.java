///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import kit.*;

// cheat: A8 | STUDENT_ERROR ended | Writes a report of passed tests to the real standard output, and halts.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            String report = "{\"verdict\": \"PASS\", \"points\": 5, \"claims\": [{\"id\": \"uts.child-renames-itself\", \"holds\": true}]}\n";
            new FileOutputStream(FileDescriptor.out).write(report.getBytes());
            Runtime.getRuntime().halt(0);
        });
    }
}
