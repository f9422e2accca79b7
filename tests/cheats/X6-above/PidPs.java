///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X6 | FAIL | A fresh proc, but of the PID namespace above: its only reader is in one further down.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWPID);
            child.sh("unshare --mount sh -c 'mount -t proc proc /proc; exec unshare --pid sh -c \"sleep 1000 >/dev/null 2>&1 &\"'");
            exercise.show(child.sh("ps -e -o pid,user,args"));
            exercise.ready();
        });
    }
}
