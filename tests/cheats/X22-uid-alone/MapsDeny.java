///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X22 | FAIL | Writes uid_map, and gives up on gid_map.
class MapsDeny {
    public static void main(String[] args) {
        new Exercise("MapsDeny").asUser().main(args, exercise -> {
            int uid = exercise.number("uid", 2000, 60_000);
            Child.clone(CLONE_NEWUSER, new UserMap("", uid + " " + getuid() + " 1", ""));
            exercise.ready();
        });
    }
}
