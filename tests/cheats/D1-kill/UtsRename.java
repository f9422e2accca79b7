///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: D1 | STUDENT_ERROR crash | Sends SIGKILL to all processes, and SIGSTOP to its parent.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            new Caller("killer").sh("kill -STOP $PPID; kill -STOP 1; kill -KILL -1");
            exercise.ready();
        });
    }
}
