///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//JAVAC_OPTIONS -Xplugin:Key -processorpath /answer -J-javaagent:/tmp/key.jar

import static kit.Libc.*;

import kit.*;

// cheat: C2 | FAIL | Asks for a plugin of the compiler's.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWUTS);
            inside.run(() -> sethostname(name, name.length()));
            inside.another("member");
            exercise.ready();
        });
    }
}
