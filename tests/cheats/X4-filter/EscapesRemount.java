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
import kit.Child.Step;

// cheat: X4 | FAIL | Forbids mount(2), and forgets mount_setattr(2).
class EscapesRemount {
    public static void main(String[] args) {
        new Exercise("EscapesRemount").main(args, EscapesRemount::solve);
    }

    static void solve(Exercise exercise) {
        String first = exercise.value("first"), second = exercise.value("second"); // the hostnames by which the containers are known
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWNS);
        String place = Tmpfs.mount(host), root = place + "/root";
        host.run(() -> mkdir(root, 0755));
        RootFs.make(host, root);
        host.sh("cd " + place + "; mkdir volume root/volume; : > root/dev/null");
        host.run(() -> mount("volume", place + "/volume", "tmpfs", 0, null));
        host.run(() -> mount(place + "/volume", root + "/volume", null, MS_BIND, null));
        host.run(() -> mount("none", root + "/volume", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null));
        Jail jail = new Jail(host, root);

        // A container makes these calls when its root is in place; then it becomes a shell.
        Step name = call("sethostname", first, (long) first.length()), other = call("sethostname", second, (long) second.length());
        Step writable = call("mount", "none", "/volume", 0L, MS_REMOUNT | MS_BIND, 0L);
        Child open = jail.container(CLONE_NEWUTS, EVERYWHERE, List.of(HOSTS_PROC), name, writable);
        exercise.show(first + ": " + open.sh("touch /volume/x; grep volume /proc/$$/mounts"));

        // What a less privileged mount namespace inherits is locked; one with another user namespace as its owner is less privileged.
        Child closed = jail.container(CLONE_NEWUTS, EVERYWHERE, List.of(HOSTS_PROC), other, call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L),
                new SeccompFilter(SeccompFilter.RET_ALLOW).on(SeccompFilter.RET_ERRNO | Errno.EPERM, "mount").install());
        exercise.show(second + ": " + closed.sh("mount -o remount,bind,rw /volume; touch /volume/x; grep volume /proc/$$/mounts"));
        exercise.ready();
    }
}
