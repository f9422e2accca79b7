///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X35 | FAIL | Shows on /mnt the file system that is there already, by a bind mount: it has another source.
class CgroupRoot {
    public static void main(String[] args) {
        new Exercise("CgroupRoot").main(args, exercise -> {
            exercise.value("view");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWNS | CLONE_NEWCGROUP);
            exercise.show(inside.errno(() -> mount("/sys/fs/cgroup", "/mnt", null, MS_BIND, null)));
            exercise.ready();
        });
    }
}
