///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: D3 | STUDENT_ERROR ended | Leaves a daemon in a session of its own, and ends.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            new Caller("parent").sh("(setsid sh -c 'trap \"\" TERM HUP INT; while :; do sleep 1; done' </dev/null >/dev/null 2>&1 &) &");
            Runtime.getRuntime().halt(0);
        });
    }
}
