package kit.lifetime;

import static kit.Libc.*;

import kit.*;

/**
 * A user namespace in which one UTS, one IPC and one PID namespace may be made. While one lives there is no room for
 * another: so one can see to the moment when a namespace ends. The limits are /proc/sys/user/max_*_namespaces; namespaces(7).
 */
public final class Room implements AutoCloseable {
    private final Child child;
    private final int usual;

    /**
     * Makes one, with a shell in it that stands in an empty directory.
     *
     * @param place a directory for that, where nobody else sees what is mounted
     * @throws Problem where the limits cannot be set
     */
    public Room(Caller caller, String place) {
        if (!Machine.has("unshare")) {
            throw new Problem("unshare(1)", Errno.ENOENT, Diagnosis.missing("unshare", "util-linux"));
        }
        // In a PID namespace of its own, which ends all that was started; it is the first of the two.
        child = caller.clone(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
        Output limits = child.run("mount -t tmpfs none " + place + " && cd " + place + " && export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin"
                + " && echo 1 > /proc/sys/user/max_uts_namespaces && echo 1 > /proc/sys/user/max_ipc_namespaces && echo 2 > /proc/sys/user/max_pid_namespaces");
        if (!limits.ok()) {
            child.close();
            throw new Problem("write(/proc/sys/user/max_uts_namespaces)", Errno.EACCES, new Diagnosis(true, "the limits of a new user"
                    + " namespace cannot be set (" + limits.text() + "), as in a container", "run the lab outside of the container"));
        }
        // A PID namespace takes the kernel a moment to clear away. How many tries does it take when nothing holds it?
        child.sh("unshare --pid --fork true");
        usual = tries(10_000);
    }

    /** Runs a command in the room. */
    public Output run(String command) {
        return child.run(command);
    }

    /** What unshare(1) says there: "success", "ENOSPC" when there is no room, or its own words. */
    public String unshare(String arguments) {
        Output output = child.run("unshare " + arguments);
        return output.ok() ? "success" : output.text().contains("No space left on device") ? "ENOSPC" : output.text();
    }

    /** The same as soon as there is room. */
    public String unshareSoon(String arguments) {
        String answer = unshare(arguments);
        for (int i = 0; answer.equals("ENOSPC") && i < 10_000; i++) {
            answer = unshare(arguments);
        }
        return answer;
    }

    /** Starts a process that is number 1 of a new PID namespace, as soon as there is room for that: its PID as we see it. */
    public int first() {
        return started("first", "--pid --fork");
    }

    /** Starts one that has made a PID namespace, and has no child in it: its PID as we see it. */
    public int maker() {
        return started("maker", "--pid");
    }

    private int started(String file, String options) {
        child.sh("{ until unshare " + options + " sh -c 'read pid rest < /proc/self/stat; echo $pid > " + file + "; exec sleep 100000' 2>/dev/null"
                + " || [ -e " + file + " ]; do :; done; } &");
        return Integer.parseInt(child.sh("until [ -s " + file + " ]; do :; done; cat " + file));
    }

    /** Ends such a process. */
    public void end(int pid) {
        kill(pid, SIGKILL);
        child.sh("wait");
    }

    /** Whether a PID namespace without processes takes up the room until {@code release}, and not only for the usual moment. */
    public Claim.Side held(Errno.Call release) throws Exception {
        int many = 5 * usual + 50, kept = tries(many);
        release.run();
        int freed = tries(10_000);
        return Claim.inside("no room in " + many + " tries (if nothing holds it: after " + usual + "), and room when released",
                "room after " + kept + " tries; released, after " + freed, kept == many && freed < 10_000);
    }

    /** How often unshare(1) tries in vain to make a PID namespace, until it can. */
    private int tries(int most) {
        return Integer.parseInt(child.sh("n=0; until unshare --pid --fork true 2>/dev/null || [ $n = " + most + " ]; do n=$((n+1)); done; echo $n"));
    }

    @Override
    public void close() {
        child.close();
    }
}
