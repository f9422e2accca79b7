///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise MapsDeny | lab Maps | difficulty 3 | starts as user
 *
 * A child in a user namespace of its own shall be known there by two numbers that the program names, one for its uid and one
 * for its gid. Nobody writes its maps for you this time, and without privilege the kernel takes them only in a certain order.
 *
 *   maps.only-the-own-id     | 2 | The child's uid_map has one line: the uid asked for, inside, is you, outside.
 *   maps.deny-before-gid-map | 3 | Its gid_map has one line for the gid asked for; and the child may never call setgroups(2).
 *
 * Read: user_namespaces(7), "Defining user and group ID mappings: writing to uid_map and gid_map"
 */
class MapsDeny {
    public static void main(String[] args) {
        new Exercise("MapsDeny").asUser().main(args, MapsDeny::solve);
    }

    static void solve(Exercise exercise) {
        int uid = exercise.number("uid", 2000, 60_000), gid = exercise.number("gid", 2000, 60_000);
        Child child = Child.clone(CLONE_NEWUSER, UserMap.NONE);
        String proc = "/proc/" + child.pid;

        Proc.write(proc + "/uid_map", uid + " " + getuid() + " 1");
        Proc.write(proc + "/setgroups", "deny"); // or a group that forbids something could be dropped
        Proc.write(proc + "/gid_map", gid + " " + getgid() + " 1");

        exercise.show("the child: " + child.sh("id"));
        exercise.ready();
    }
}
