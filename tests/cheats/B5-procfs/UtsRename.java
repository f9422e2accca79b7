///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B5 | FAIL | Lays a directory of its own making over /proc/self/ns, in a mount namespace of its own.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWNS);
            inside.sh("mkdir -p /tmp/ns; ln -s 'uts:[4026539999]' /tmp/ns/uts; mount --bind /tmp/ns /proc/" + getpid() + "/ns; mount --bind /tmp/ns /proc/self/ns");
            exercise.show(inside.sh("readlink /proc/self/ns/uts; ls -l /proc/" + getpid() + "/ns"));
            exercise.ready();
        });
    }
}
