///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import kit.*;

// cheat: D10 | FAIL | Solves the exercise only if it has inherited an open file that is not its own.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (Path fd : Files.list(Path.of("/proc/" + getppid() + "/fd")).toList()) {
                if (Integer.parseInt(fd.getFileName().toString()) > 2 && Integer.parseInt(fd.getFileName().toString()) != 10) { // a shell keeps its terminal there
                    exercise.show(fd + " " + Files.readSymbolicLink(fd));
                    solve(name);
                }
            }
            exercise.ready();
        });
    }

    /** The right answer, for who has found what nobody should. */
    private static void solve(String name) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        inside.another("member");
    }
}
