///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise PidPs | lab Pid | difficulty 3 | starts as user
 *
 * Make ps show only you, without root. This program is started by an ordinary user. Its child, a shell, shall see in ps(1)
 * itself and what it starts, and nothing else. For ps(1) is no more than a reader of /proc.
 *
 *   pid.own-proc             | 3 | In PID, mount and user namespaces of its own the child has on /proc a proc that was mounted there, and no other file system.
 *   pid.ps-shows-inside-only | 2 | That /proc lists the processes of the new PID namespace, all of them and no other; outside nothing has changed.
 *
 * Read: pid_namespaces(7), user_namespaces(7), proc(5), mount(8)
 */
class PidPs {
    public static void main(String[] args) {
        new Exercise("PidPs").asUser().main(args, PidPs::solve); // so it is not root, whoever starts it
    }

    static void solve(Exercise exercise) {
        int flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS;
        Child child = Child.clone(flags); // with CLONE_NEWUSER it also maps you to root there
        exercise.show(child.sh("mount -t proc proc /proc"));

        exercise.show(child.sh("id; ps -e -o pid,user,comm"));
        exercise.ready();
    }
}
