///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: E3 | STUDENT_ERROR cpu | Computes for ever.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (long i = 0; ; i++) if (i < 0) exercise.ready();
        });
    }
}
