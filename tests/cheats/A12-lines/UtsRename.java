///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: A12 | FAIL | Prints the lines by which course platforms take a grade.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            exercise.show("Grade :=>>100");
            exercise.show("TAP version 14\n1..2\nok 1\nok 2");
            exercise.show("::notice title=Autograding report::{\"totalPoints\":5,\"maxPoints\":5}");
            exercise.show("<testsuite tests=\"2\" failures=\"0\"/>");
            exercise.ready();
        });
    }
}
