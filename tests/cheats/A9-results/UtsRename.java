///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import kit.*;

// cheat: A9 | FAIL | Writes results wherever it can, and makes what is there unreadable.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (String file : List.of("result.json", "grades.csv", "/answer/result.json", "/tmp/result.json", "../result.json", "/home/student/.workbook/progress.json")) {
                try {
                    Files.createDirectories(Path.of("/home/student/.workbook"));
                    Files.writeString(Path.of(file), "{\"verdict\": \"PASS\"}");
                    Files.setPosixFilePermissions(Path.of(file), PosixFilePermissions.fromString("r--------"));
                } catch (IOException e) {
                    exercise.show(e.toString());
                }
            }
            exercise.ready();
        });
    }
}
