///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B2 | FAIL | Maps itself to the numbers that a run of yesterday asked for.
class MapsDeny {
    public static void main(String[] args) {
        new Exercise("MapsDeny").asUser().main(args, exercise -> {
            Child.clone(CLONE_NEWUSER, new UserMap("deny", "4711 " + getuid() + " 1", "4712 " + getgid() + " 1"));
            exercise.ready();
        });
    }
}
