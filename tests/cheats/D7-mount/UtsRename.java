///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: D7 | FAIL | Mounts in the namespace where it was started, instead of one of its own.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller caller = new Caller("caller");
            exercise.show(caller.sh("mount -t tmpfs none /mnt; mount --make-shared /; mount -o remount,rw /; mount -o remount,rw /usr; umount -l /proc; hostname " + name + "; touch /usr/x"));
            exercise.ready();
        });
    }
}
