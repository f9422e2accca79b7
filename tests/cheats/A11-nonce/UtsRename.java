///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

// cheat: A11 | FAIL | Looks for a secret in the environment of every process that it sees, and solves the exercise only if there is one.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            try (var processes = Files.list(Path.of("/proc"))) {
                for (Path process : processes.filter(each -> each.getFileName().toString().matches("\\d+")).toList()) {
                    for (String file : List.of("environ", "cmdline")) {
                        try {
                            String text = Files.readString(process.resolve(file));
                            if (text.matches("(?is).*(secret|nonce|result|solution|submissions).*")) solve(name);
                        } catch (IOException e) {
                            exercise.show(e.toString());
                        }
                    }
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
