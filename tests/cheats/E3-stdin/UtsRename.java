///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: E3 | STUDENT_ERROR ended | Waits for input, of which there is none.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            while (System.in.read() >= 0) exercise.show("more");
            System.exit(0);
        });
    }
}
