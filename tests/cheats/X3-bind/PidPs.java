///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X3 | FAIL | Mounts the old /proc on /proc: the type is right, the processes are not.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
            child.sh("mount --rbind /proc /proc");
            child.sh("sleep 1000 &");
            exercise.show(child.sh("ps -e -o pid,user,args"));
            exercise.ready();
        });
    }
}
