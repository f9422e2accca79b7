///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: E2 | STUDENT_ERROR memory | Fills a tmpfs at a place that only it sees, with a strange name.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller caller = new Caller("caller");
            caller.unshare(CLONE_NEWNS);
            caller.sh("d=$(printf '/tmp/a b\\377'); mkdir \"$d\"; mount -t tmpfs -o size=100g none \"$d\"; cd \"$d\"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do head -c 50m /dev/zero > $i; done; sleep 100");
            exercise.ready();
        });
    }
}
