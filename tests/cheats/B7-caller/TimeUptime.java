///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B7 | FAIL | Makes the namespace and writes the offsets, and looks at the clocks of the caller, who does not stand there.
class TimeUptime {
    public static void main(String[] args) {
        new Exercise("TimeUptime").main(args, exercise -> {
            long days = exercise.number("days", 100, 1000), hours = exercise.number("hours", 1000, 9000);
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWTIME);
            Proc.write("/proc/" + caller.tid() + "/timens_offsets", "boottime " + days * 86_400 + " 0");
            Proc.write("/proc/" + caller.tid() + "/timens_offsets", "monotonic " + hours * 3_600 + " 0");
            exercise.show(caller.call(() -> Proc.read("/proc/uptime")));
            exercise.ready();
        });
    }
}
