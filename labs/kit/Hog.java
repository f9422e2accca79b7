package kit;

import java.util.Collections;
import java.util.List;

/** Programs that want too much, for others to stop; each wants no more than a machine can bear. */
public final class Hog {
    private Hog() {}

    /** How many processes the fork bomb starts. */
    public static final int BOMB = 32;

    /** A command that fills a buffer of so many bytes. */
    public static String memory(int bytes) {
        return "dd if=/dev/zero of=/dev/null bs=" + bytes + " count=1 2>&1";
    }

    /** What that command said of itself, and its exit status: 128 + 9 for SIGKILL. */
    public static String wrote(Output done) {
        return "wrote " + done.text().lines().filter(line -> line.matches("\\d+ .*")).map(line -> line.replaceFirst(" .*", "")).findFirst().orElse("nothing")
                + ", status " + done.status();
    }

    /** A fork bomb as calls of a child. */
    public static Child.Step[] bomb() {
        return Collections.nCopies(BOMB, Child.spawn("/bin/sleep", "60")).toArray(Child.Step[]::new);
    }

    /** What becomes of a fork bomb in a cgroup: "7 started, then EAGAIN". All of it ends with its PID namespace. */
    public static String bombed(Caller caller, OwnCgroup group) {
        List<String> errnos = caller.errnos(Libc.CLONE_NEWPID, UserMap.NONE, group.enter(bomb()));
        List<String> forks = errnos.subList(1, errnos.size()); // behind the call by which it came here
        List<String> failed = forks.stream().filter(errno -> !errno.equals("success")).distinct().toList();
        return Collections.frequency(forks, "success") + " started" + (failed.isEmpty() ? "" : ", then " + String.join(" ", failed));
    }

    /** A loop without an end. */
    public static Child loop(Caller caller, Child.Step... steps) {
        return caller.call(() -> Child.interactive(0, UserMap.NONE, List.of(steps), "/bin/sh", "-c", "while :; do :; done"));
    }
}
