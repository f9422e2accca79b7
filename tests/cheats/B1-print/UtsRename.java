///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: B1 | FAIL | Prints what a right answer would print, and makes no namespace.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            exercise.show("inside: " + name + ", member: " + name);
            exercise.show("uts:[4026539999]");
            exercise.ready();
        });
    }
}
