///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X38 | FAIL | Shifts one of the two clocks; the other goes as outside.
class TimeUptime {
    public static void main(String[] args) {
        new Exercise("TimeUptime").main(args, exercise -> {
            long days = exercise.number("days", 100, 1000);
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWTIME);
            Proc.write("/proc/" + caller.tid() + "/timens_offsets", "boottime " + days * 86_400 + " 0");
            exercise.show(caller.clone(0).sh("uptime"));
            exercise.ready();
        });
    }
}
