///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Makes the namespace by clone(2): then there is no thread that made it and stayed outside.
class PidFirst {
    public static void main(String[] args) {
        new Exercise("PidFirst").main(args, exercise -> {
            Caller caller = new Caller("caller");
            Child first = Child.clone(CLONE_NEWPID);
            first.sh("sleep 1000 &");
            exercise.ready();
        });
    }
}
