///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: A2 | STUDENT_ERROR ended | Halts the JVM, which runs no shutdown hook.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            exercise.show("ready " + name);
            Runtime.getRuntime().halt(0);
        });
    }
}
