package kit.capabilities;

import static kit.Child.call;
import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import kit.*;
import kit.Child.Step;

/**
 * A set-user-ID program of this machine's, started by somebody else and stopped in its first lines, so that one can look at
 * its uids; execve(2). It is asked for its usage, and writes that to a pipe in which nothing has room: so it waits. It ends
 * with the lab, by SIGPIPE, and has done nothing.
 */
public final class SetUserId {
    private SetUserId() {}

    /** The first of these that counts here. */
    private static final List<String> PROGRAMS = List.of("su", "newuidmap", "passwd", "mount", "umount");

    /**
     * Such a program that belongs to root.
     *
     * @throws Problem where there is none, or none counts
     */
    public static Path program() {
        if (noNewPrivs() != null) {
            throw new Problem("execve", Errno.EPERM, noNewPrivs());
        }
        return PROGRAMS.stream().flatMap(name -> Stream.of(Path.of("/usr/bin", name), Path.of("/bin", name))).filter(SetUserId::counts).findFirst()
                .orElseThrow(() -> new Problem("execve", Errno.ENOENT, new Diagnosis(true, "no set-user-ID program of root's counts here ("
                        + String.join(", ", PROGRAMS) + " were looked for)", "run the lab outside of containers")));
    }

    /** Why execve(2) gives nothing to this process and its children, whatever they do; null where it may. */
    public static Diagnosis noNewPrivs() {
        return !Proc.status("self", "NoNewPrivs").equals("1") ? null
                : new Diagnosis(true, "no_new_privs is set for this process already, as in some containers", "run the lab without it");
    }

    /** Whether the bit is set, and not on a file system that is mounted nosuid. */
    private static boolean counts(Path program) {
        try {
            Path real = program.toRealPath();
            String options = Proc.read("/proc/self/mountinfo").lines().map(line -> line.split(" ")).filter(fields -> real.startsWith(fields[4]))
                    .max(Comparator.comparing(fields -> fields[4].length())).orElseThrow()[5];
            return ((int) Files.getAttribute(real, "unix:mode") & 04000) != 0 && (int) Files.getAttribute(real, "unix:uid") == 0
                    && !List.of(options.split(",")).contains("nosuid");
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts it after these calls, and waits until it waits. */
    public static Child start(Caller caller, Path program, Step... before) throws InterruptedException {
        int[] full = Child.pipe();
        int filler = open("/proc/self/fd/" + full[1], O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0); // only this way in does not wait
        byte[] page = new byte[4096];
        while (Errno.of(() -> write(filler, page, page.length)).equals("success")) {
            continue;
        }
        while (Errno.of(() -> write(filler, page, 1)).equals("success")) {
            continue;
        }
        close(filler);
        List<Step> steps = new ArrayList<>(List.of(before));
        steps.add(call("dup2", full[1], 1));
        steps.add(call("dup2", full[1], 2));
        Child child = caller.call(() -> Child.interactive(0, UserMap.NONE, steps, program.toString(), "--help"));
        close(full[1]); // the other end stays open as long as this JVM lives
        String name = program.getFileName().toString();
        for (int i = 0; i < 1000 && !(Proc.read("/proc/" + child.pid + "/comm").equals(name) && Proc.status(child.pid, "State").startsWith("S")); i++) {
            Thread.sleep(5);
        }
        return child;
    }
}
