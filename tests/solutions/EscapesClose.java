///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Jail.java
//SOURCES ../kit/RootFs.java
//SOURCES ../kit/Tmpfs.java

import static kit.Child.call;
import static kit.Jail.*;
import static kit.Libc.*;

import java.util.List;
import kit.*;

/*
 * Exercise EscapesClose | lab Escapes | difficulty 4
 *
 * Two containers have a root of their own by pivot_root(2), and the old one is detached. But whoever starts them left a directory open.
 * From the first one you escape: a process in it makes the host's root directory its own, and stays there.
 * Then you close the hole for the second one, and leave the first as it is.
 *
 *   chroot.open-directory | 3 | A process in the mount namespace of the first container has the host's root directory as its own.
 *   escapes.directory-fd  | 3 | The second container is one like the first, and no descriptor in it leads out.
 *
 * Read: fchdir(2), chroot(2), O_CLOEXEC in open(2), /proc/PID/fd and /proc/PID/root in proc(5)
 */
class EscapesClose {
    public static void main(String[] args) {
        new Exercise("EscapesClose").main(args, EscapesClose::solve);
    }

    static void solve(Exercise exercise) {
        String first = exercise.value("first"), second = exercise.value("second"); // the hostnames by which the containers are known
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWNS);
        String root = Tmpfs.mount(host) + "/root";
        host.run(() -> mkdir(root, 0755));
        RootFs.make(host, root);
        host.sh(": > " + root + "/dev/null");
        Jail jail = new Jail(host, root);

        Child open = container(host, jail, first, 0);
        open.sh("for fd in /proc/$$/fd/*; do cd $fd/proc 2> /dev/null && cd .. && chroot . sleep 1000 > /dev/null 2>&1 & done");
        exercise.show(first + ": " + open.sh("ls -l /proc/$$/fd"));

        Child closed = container(host, jail, second, O_CLOEXEC);
        exercise.show(second + ": " + closed.sh("ls -l /proc/$$/fd"));
        exercise.ready();
    }

    /** A container with a shell in it. With O_CLOEXEC the directory is closed when the shell begins. */
    static Child container(Caller host, Jail jail, String name, int flag) {
        int directory = host.call(() -> open("/", O_RDONLY | flag, 0));
        Child child = jail.container(CLONE_NEWUTS, EVERYWHERE, List.of(HOSTS_PROC), call("sethostname", name, (long) name.length()));
        close(directory);
        return child;
    }
}
