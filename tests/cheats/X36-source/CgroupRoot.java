///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X36 | FAIL | Mounts a file system with the right source and of another type.
class CgroupRoot {
    public static void main(String[] args) {
        new Exercise("CgroupRoot").main(args, exercise -> {
            String source = exercise.value("view");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWNS | CLONE_NEWCGROUP);
            inside.run(() -> mount(source, "/mnt", "tmpfs", 0, null));
            exercise.ready();
        });
    }
}
