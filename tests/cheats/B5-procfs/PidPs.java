///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B5 | FAIL | Builds a directory that looks like /proc, with a process 1.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
            child.sh("mount -t tmpfs proc /proc; mkdir -p /proc/1/ns /proc/2; echo sh > /proc/1/comm; echo sleep > /proc/2/comm; ln -s 1 /proc/self");
            child.sh("sleep 1000 &");
            exercise.show(child.sh("ls /proc"));
            exercise.ready();
        });
    }
}
