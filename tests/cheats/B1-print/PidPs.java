///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B1 | FAIL | Prints what ps(1) would.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(0);
            child.sh("sleep 1000 &");
            exercise.show(child.sh("echo '    PID USER     COMMAND'; echo '      1 root     /bin/sh'"));
            exercise.ready();
        });
    }
}
