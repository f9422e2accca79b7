///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: X1 | FAIL | Shows short-lived processes in ever new UTS namespaces, so that the judge stumbles over one that is gone.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (int i = 0; i < 4; i++) {
                Caller caller = new Caller("caller " + i);
                new Thread(() -> caller.sh("while :; do unshare --uts true; done")).start();
            }
            exercise.show(name);
            exercise.ready();
        });
    }
}
