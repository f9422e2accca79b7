package kit.limits;

import java.util.List;
import kit.*;

/** A fork bomb in a cgroup, and in a PID namespace of its own, with which it ends. */
public final class ForkBomb implements AutoCloseable {
    /** A function that starts itself twice, and so on without an end. Beside the shell, which would end with a fork that fails. */
    public static final String BOMB = "bomb() { bomb | bomb & }; (bomb) 2>/dev/null &";

    private final OwnCgroup group;
    private final Child shell;
    private long most;

    /**
     * Sets it off. Without a limit that would be the end of the machine. So the kernel has to say first what the limit is, and
     * that the shell stands where it counts.
     *
     * @throws IllegalStateException if it says otherwise: then nothing has been set off
     */
    public ForkBomb(Caller caller, OwnCgroup group, int limit) {
        this.group = group;
        shell = caller.clone(Libc.CLONE_NEWPID, group.enter());
        shell.sh(":"); // it answers, so it has made its calls
        String max = group.read("pids.max"), there = group.read("cgroup.procs");
        if (!max.equals("" + limit) || !there.equals("" + shell.pid)) {
            close();
            throw new IllegalStateException("no fork bomb is set off: in " + group.path + " pids.max is '" + max + "' and the processes are '" + there + "'");
        }
        shell.run(BOMB);
    }

    /** How many of its forks have failed, once there are some; 0 after 5 seconds without any. */
    public long failed() throws InterruptedException {
        for (int i = 0; i < 500 && group.read("pids.events", "max") == 0; i++) {
            look("pids.current");
            Thread.sleep(10);
        }
        return group.read("pids.events", "max");
    }

    /** The largest number of processes that was seen in the cgroup, by the kernel itself where it has pids.peak. */
    public long most() {
        List.of("pids.current", "pids.peak").stream().filter(group::has).forEach(this::look);
        return most;
    }

    private void look(String file) {
        most = Math.max(most, Long.parseLong(group.read(file)));
    }

    @Override
    public void close() {
        shell.close();
    }
}
