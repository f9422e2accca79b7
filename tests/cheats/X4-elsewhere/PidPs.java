///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X4 | FAIL | Mounts the fresh proc where ps(1) does not look.
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS);
            child.sh("mount -t proc proc /mnt");
            child.sh("sleep 1000 &");
            exercise.show(child.sh("ls /mnt"));
            exercise.ready();
        });
    }
}
