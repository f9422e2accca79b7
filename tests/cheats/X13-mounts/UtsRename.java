///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: X13 | FAIL | Has mount lists of ten thousand lines, in many mount namespaces, so that the judge has much to read.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWNS);
            caller.run(() -> mount("none", "/mnt", "tmpfs", 0, null));
            caller.sh("mkdir /mnt/a /mnt/b");
            for (int i = 0; i < 10_000; i++) {
                if (!caller.errno(() -> mount("/mnt/a", "/mnt/b", null, MS_BIND, null)).equals("success")) break;
            }
            for (int i = 0; i < 8; i++) caller.another("another " + i).errno(() -> unshare(CLONE_NEWNS));
            exercise.show(name + " " + caller.sh("wc -l < /proc/self/mountinfo"));
            exercise.ready();
        });
    }
}
