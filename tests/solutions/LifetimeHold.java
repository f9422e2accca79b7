///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise LifetimeHold | lab Lifetime | difficulty 2
 *
 * A UTS namespace shall outlive its only process. The process has renamed itself there and ends; the name shall not be lost,
 * although nobody is called so any more.
 *
 *   lifetime.descriptor-holds | 3 | This program keeps the namespace with the hostname asked for by an open file, and no process or thread is in it.
 *
 * Read: namespaces(7) "Namespace lifetime", open(2)
 */
class LifetimeHold {
    public static void main(String[] args) {
        new Exercise("LifetimeHold").main(args, LifetimeHold::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Child child = Child.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        String link = Namespace.UTS.of(child.pid); // the text of /proc/PID/ns/uts
        exercise.show(child.sh("uname -n") + " is in " + link);
        open("/proc/" + child.pid + "/ns/uts", O_RDONLY | O_CLOEXEC, 0); // never closed: that would be its end
        child.close();

        exercise.show("members of " + link + ": " + Proc.members(link));
        exercise.ready();
    }
}
