///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise SetnsUserFirst | lab Setns | difficulty 4 | starts as user
 *
 * An ordinary user has made a container, and wants to look into it, as nsenter(1) does: be root there, see its hostname, be one of
 * its processes, and keep the network outside. A JVM has too many threads to go itself, so a visitor goes, a child that has one.
 *
 *   setns.user-first         | 3 | The visitor stands in the container's user and UTS namespaces and in the program's network namespace.
 *   setns.pid-moves-children | 2 | A child of the visitor stands in the container's PID namespace as well, and in the program's network namespace.
 *
 * Read: setns(2), nsenter(1), pid_namespaces(7)
 */
class SetnsUserFirst {
    public static void main(String[] args) {
        new Exercise("SetnsUserFirst").asUser().main(args, SetnsUserFirst::solve);
    }

    static void solve(Exercise exercise) {
        String name = "container";
        Child container = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET, UserMap.root(), call("sethostname", name, (long) name.length()));
        container.sh(":"); // it answers when it has made its calls
        int user = open("/proc/" + container.pid + "/ns/user", O_RDONLY | O_CLOEXEC, 0);
        int uts = open("/proc/" + container.pid + "/ns/uts", O_RDONLY | O_CLOEXEC, 0);
        int pid = open("/proc/" + container.pid + "/ns/pid", O_RDONLY | O_CLOEXEC, 0);

        Child visitor = Child.clone(0, call("setns", user, 0), call("setns", uts, 0), call("setns", pid, 0));
        visitor.sh("sleep 1000 >/dev/null 2>&1 &");

        exercise.show("the visitor is " + visitor.sh("id -un") + " on " + visitor.sh("uname -n"));
        exercise.show("its child's numbers: " + visitor.sh("grep NSpid /proc/self/status"));
        exercise.ready();
    }
}
