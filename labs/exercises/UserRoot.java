///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise UserRoot | lab User | difficulty 2 | starts as user
 *
 * A child of this program shall be root of a user namespace, although you are nobody special.
 * It is made with CLONE_NEWUSER already. Then it becomes a shell, and id(1) says that it is nobody at all.
 *
 *   user.root-here-student-there | 2 | The child has uid 0 and gid 0 in a user namespace of its own; outside it has your ids.
 *   user.every-capability-inside | 3 | The child itself, the shell, has every capability there.
 *
 * Read: user_namespaces(7), capabilities(7), clone(2)
 */
class UserRoot {
    public static void main(String[] args) {
        new Exercise("UserRoot").asUser().main(args, UserRoot::solve);
    }

    static void solve(Exercise exercise) {
        exercise.show("you: uid " + getuid() + ", gid " + getgid() + ", CapEff " + Proc.status("self", "CapEff"));

        // clone writes the map that it is given, while the child waits. Only then the child calls execve(2) of /bin/sh.
        // TODO 1: say who is who: what goes into setgroups, uid_map and gid_map?
        Child child = Child.clone(CLONE_NEWUSER, UserMap.NONE);

        exercise.show("the child: " + child.sh("id"));
        exercise.show("its capabilities: " + child.sh("grep CapEff /proc/$$/status"));
        exercise.ready();
    }
}
