///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

/*
 * Exercise CgroupRoot | lab Cgroup | difficulty 2
 *
 * A thread shall take the cgroup in which it stands for the root of all cgroups, and see it so in a file system.
 * A mount of cgroup2 has no device, so its source may be any word. Here it is the one that the program names.
 *
 *   cgroup.path-becomes-root    | 2 | A thread stands in a cgroup namespace of its own, whose root is the cgroup where the thread is.
 *   cgroup.mount-shows-own-root | 3 | On /mnt it has a cgroup2 file system with the source asked for, which begins at the root of that namespace.
 *
 * Read: cgroup_namespaces(7), mount(2)
 */
class CgroupRoot {
    public static void main(String[] args) {
        new Exercise("CgroupRoot").main(args, CgroupRoot::solve);
    }

    static void solve(Exercise exercise) {
        String source = exercise.value("view");
        Caller inside = new Caller("inside"); // a thread

        // TODO 1: two namespaces of its own: one so that it may call mount(2), one so that the kernel lets it mount this
        exercise.show("mount: " + inside.errno(() -> mount(source, "/mnt", "cgroup2", 0, null)));

        exercise.show(inside.sh("cat /proc/self/cgroup; grep ' /mnt ' /proc/self/mountinfo"));
        exercise.ready();
    }
}
