///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/limits/Controllers.java
//SOURCES ../kit/limits/Hog.java

import static kit.Libc.*;

import kit.*;
import kit.limits.*;

// cheat: E1 | STUDENT_ERROR pids | Lifts every limit that it can reach, and makes processes without end in a cgroup of its own.
class LimitsPids {
    public static void main(String[] args) {
        new Exercise("LimitsPids").main(args, exercise -> {
            Caller outside = new Caller("outside");
            Controller pids = Controller.find("exercise", outside, "pids");
            outside.sh("for file in $(find /sys/fs/cgroup -name pids.max); do echo max > $file; done");
            pids.group("free").write("cgroup.procs", "" + getpid());
            outside.sh("while :; do sleep 900 & done");
            exercise.ready();
        });
    }
}
