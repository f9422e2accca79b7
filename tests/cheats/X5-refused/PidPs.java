///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X5 | FAIL | No PID namespace: then the kernel refuses the fresh proc, and ps(1) shows all.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWNS);
            exercise.show(child.sh("mount -t proc proc /proc"));
            child.sh("sleep 1000 &");
            exercise.show(child.sh("ps -e -o pid,user,args"));
            exercise.ready();
        });
    }
}
