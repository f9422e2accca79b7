///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: C2 | STUDENT_ERROR compile | Names the judge's own classes, to see whether the compiler finds them.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            exercise.show(grader.judge.Judge.class + " " + grader.checks.UtsRenameCheck.class + " " + grader.box.JavacServer.class);
            exercise.ready();
        });
    }
}
