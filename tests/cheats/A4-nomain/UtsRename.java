///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: A4 | STUDENT_ERROR crash | Has the class, but no main in it.
class UtsRename {
    static void solve(Exercise exercise) {
        exercise.ready();
    }
}
