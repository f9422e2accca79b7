///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X20 | FAIL | Writes the offsets when a child stands there already: they are final, EACCES.
class TimeUptime {
    public static void main(String[] args) {
        new Exercise("TimeUptime").main(args, exercise -> {
            long days = exercise.number("days", 100, 1000);
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWTIME);
            Child child = caller.clone(0);
            exercise.show(Errno.of(() -> Proc.write("/proc/" + caller.tid() + "/timens_offsets", "boottime " + days * 86_400 + " 0")) + ", " + child.sh("uptime"));
            exercise.ready();
        });
    }
}
