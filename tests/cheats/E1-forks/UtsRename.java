///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: E1 | STUDENT_ERROR pids | Makes processes without end.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            new Caller("caller").sh("while :; do sleep 9 & done");
            exercise.ready();
        });
    }
}
