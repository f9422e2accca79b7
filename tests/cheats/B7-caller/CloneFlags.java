///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: B7 | FAIL | The caller moves, and its child only follows it.
class CloneFlags {
    public static void main(String[] args) {
        new Exercise("CloneFlags").main(args, exercise -> {
            int bits = exercise.number("types", 2, 63), flags = 0;
            Namespace[] types = {Namespace.PID, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT};
            for (int i = 0; i < 6; i++) {
                flags |= (bits & 1 << i) != 0 ? types[i].flag : 0;
            }
            Caller caller = new Caller("caller");
            caller.unshare(flags);
            caller.clone(0);
            Child.clone(CLONE_NEWUSER);
            exercise.ready();
        });
    }
}
