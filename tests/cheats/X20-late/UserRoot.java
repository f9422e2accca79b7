///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X20 | FAIL | Writes the maps when the shell has lost its capabilities already: execve(2) took them from who was nobody.
class UserRoot {
    public static void main(String[] args) {
        new Exercise("UserRoot").asUser().main(args, exercise -> {
            Child child = Child.clone(CLONE_NEWUSER, UserMap.NONE);
            child.sh(":"); // it is a shell now
            UserMap.root().writeFor(child.pid);
            exercise.show(child.sh("id -u"));
            exercise.ready();
        });
    }
}
