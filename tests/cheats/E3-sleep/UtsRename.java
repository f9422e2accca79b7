///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: E3 | STUDENT_ERROR time | Sleeps for ever.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Thread.sleep(Long.MAX_VALUE);
            exercise.ready();
        });
    }
}
