///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X2 | FAIL | Number 1 is a command that ends at once, and with it the namespace.
class PidFirst {
    public static void main(String[] args) {
        new Exercise("PidFirst").main(args, exercise -> {
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWPID);
            exercise.show(caller.sh("echo $$"));
            exercise.ready();
        });
    }
}
