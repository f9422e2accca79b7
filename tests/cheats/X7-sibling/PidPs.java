///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X7 | FAIL | A process has the proc of another PID namespace, in which there is one process as well, number 1: the same list of numbers.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child other = Child.clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
            other.sh("mount -t proc proc /proc");
            Child child = Child.clone(0);
            child.sh("nsenter --user --mount --preserve-credentials --target " + other.pid + " unshare --pid --fork sleep 1000 >/dev/null 2>&1 &");
            child.sh("sleep 0.2");
            other.enter("exec unshare --mount sh -c 'umount /proc; exec sleep 1000'");
            child.sh("sleep 0.2");
            exercise.show(child.sh("ps -e -o pid,user,args"));
            exercise.ready();
        });
    }
}
