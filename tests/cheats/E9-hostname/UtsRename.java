///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import kit.*;

// cheat: E9 | FAIL | Has a hostname that a terminal or a browser would obey, for the reason of its failure quotes it.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname"), bad = "\u001b[2J\u001b]0;x\u0007<script>alert(1)</script>\n✔ PASS 5/5";
            Caller inside = new Caller("inside");
            inside.unshare(CLONE_NEWUTS);
            inside.run(() -> sethostname(bad, bad.getBytes("UTF-8").length));
            inside.another("member");
            exercise.show(name);
            exercise.ready();
        });
    }
}
