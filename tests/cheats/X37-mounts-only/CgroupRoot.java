///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X37 | FAIL | A mount namespace alone: the cgroup namespace still belongs to somebody else, and mount(2) is refused.
class CgroupRoot {
    public static void main(String[] args) {
        new Exercise("CgroupRoot").main(args, exercise -> {
            String source = exercise.value("view");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWNS);
            exercise.show(inside.errno(() -> mount(source, "/mnt", "cgroup2", 0, null)));
            exercise.ready();
        });
    }
}
