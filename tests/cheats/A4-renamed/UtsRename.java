///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: A4 | FAIL | Calls its class otherwise, so that nothing is found to be judged.
class UtsRenamed {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            exercise.value("hostname");
            exercise.ready();
        });
    }
}
