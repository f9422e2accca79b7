///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise UtsRename | lab Uts | difficulty 1
 *
 * A thread of this program shall have a hostname of its own. The program says which one.
 * Nobody else shall have it: not the machine, and not the main thread.
 *
 *   uts.child-renames-itself   | 3 | A thread stands in a UTS namespace of its own and has the hostname asked for; outside nothing has changed.
 *   uts.members-share-the-name | 2 | A second thread stands in the same UTS namespace.
 *
 * Read: uts_namespaces(7), unshare(2), sethostname(2)
 */
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, UtsRename::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Caller inside = new Caller("inside"); // a thread; inside.run(() -> ...) makes system calls on it

        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        Caller member = inside.another("member");
        exercise.show("inside: " + inside.sh("uname -n") + ", member: " + member.sh("uname -n"));
        exercise.ready();
    }
}
