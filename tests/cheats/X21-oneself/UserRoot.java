///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X21 | FAIL | Maps the own ids to themselves, as unshare --map-current-user does: that is nobody special there, either.
class UserRoot {
    public static void main(String[] args) {
        new Exercise("UserRoot").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER, new UserMap("deny", getuid() + " " + getuid() + " 1", getgid() + " " + getgid() + " 1"));
            exercise.show(child.sh("id -u"));
            exercise.ready();
        });
    }
}
