///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Ip.java

import static kit.Child.call;
import static kit.Libc.*;

import kit.*;

/*
 * Exercise UserOwner | lab User | difficulty 4 | starts as user
 *
 * A process is root of a user namespace and may set up its network, but not its hostname: that belongs to the user namespace
 * above, whose root has chosen it. You are an ordinary user, and make both of them, one in the other.
 *
 *   user.who-owns-what | 3 | The process's network namespace belongs to the user namespace where it stands, its UTS namespace to the one above.
 *   user.owner-decides | 2 | There the hostname is the one asked for, and lo is up.
 *
 * Read: user_namespaces(7), "Interaction of user namespaces and other types of namespaces"; ioctl_ns(2), unshare(1)
 */
class UserOwner {
    public static void main(String[] args) {
        new Exercise("UserOwner").asUser().main(args, UserOwner::solve);
    }

    static void solve(Exercise exercise) {
        String name = exercise.value("hostname");
        Ip.need();

        Child child = Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.root(), call("sethostname", name, (long) name.length()));
        child.enter("exec unshare --user --map-root-user --net sh");
        child.sh("ip link set lo up");

        exercise.show("hostname: " + child.sh("uname -n") + ", lo: " + child.sh("ip -brief link show lo"));
        exercise.show("who is who: " + child.sh("cat /proc/self/uid_map"));
        exercise.ready();
    }
}
