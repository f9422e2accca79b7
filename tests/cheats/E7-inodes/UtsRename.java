///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

// cheat: E7 | STUDENT_ERROR | Makes files without end.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (int i = 0; ; i++) Files.createFile(Path.of("/home/student/" + i));
        });
    }
}
