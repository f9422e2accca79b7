///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import java.io.IOException;
import kit.*;

/*
 * Any means will do: here two processes that unshare(1) and nsenter(1) have started, instead of two threads.
 */
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, UtsRename::solve);
    }

    static void solve(Exercise exercise) throws IOException {
        String name = exercise.value("hostname");
        Process inside = start("exec unshare --uts sh -c 'hostname " + name + " && echo done && exec sleep 1000'");
        inside.getInputStream().read();
        Process member = start("exec nsenter --uts=/proc/" + inside.pid() + "/ns/uts sh -c 'echo done && exec sleep 1000'");
        member.getInputStream().read();
        exercise.ready();
        inside.destroy();
        member.destroy();
    }

    private static Process start(String command) throws IOException {
        return new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
