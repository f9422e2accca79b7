///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.RandomAccessFile;
import kit.*;

// cheat: E7 | STUDENT_ERROR | Makes a file of a terabyte that holds nothing.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            try (RandomAccessFile file = new RandomAccessFile("/home/student/sparse", "rw")) {
                file.setLength(1L << 40);
            }
            throw new IllegalStateException("a file of a terabyte");
        });
    }
}
