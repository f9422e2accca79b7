///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import kit.*;

// cheat: E9 | FAIL | Prints what a browser or a terminal would obey.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            exercise.show("<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) \u001b[2J\u001b]0;title\u0007 & \u0000");
            exercise.ready();
        });
    }
}
