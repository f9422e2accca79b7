///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X13 | FAIL | Has mount lists as long as the kernel allows, in many mount namespaces, so that the judge has much to read.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWNS);
            caller.run(() -> mount("none", "/mnt", "tmpfs", 0, null));
            caller.run(() -> mount("none", "/mnt", null, MS_PRIVATE, null));
            for (int i = 0; i < 15; i++) {
                if (!caller.errno(() -> mount("/mnt", "/mnt", null, MS_BIND | MS_REC, null)).equals("success")) break; // twice as many each time
            }
            for (int i = 0; i < 20; i++) caller.another("another " + i).errno(() -> unshare(CLONE_NEWNS));
            exercise.show(name + " " + caller.sh("wc -l < /proc/self/mountinfo"));
            exercise.ready();
        });
    }
}
