///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Asks for as many days and hours as a run of yesterday.
class TimeUptime {
    public static void main(String[] args) {
        new Exercise("TimeUptime").main(args, exercise -> {
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWTIME);
            Proc.write("/proc/" + caller.tid() + "/timens_offsets", "boottime 8640000 0");
            Proc.write("/proc/" + caller.tid() + "/timens_offsets", "monotonic 3600 0");
            exercise.show(caller.clone(0).sh("uptime"));
            exercise.ready();
        });
    }
}
