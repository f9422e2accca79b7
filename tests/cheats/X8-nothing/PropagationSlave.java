///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X8 | FAIL | Mounts no stick: what is not there does not go up.
class PropagationSlave {
    public static void main(String[] args) {
        new Exercise("PropagationSlave").main(args, PropagationSlave::solve);
    }

    static void solve(Exercise exercise) {
        String stage = exercise.value("stage"), disk = exercise.value("disk"), stick = exercise.value("stick");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNS);
        outside.run(() -> {
            mount(stage, "/mnt", "tmpfs", 0, null);
            mount("none", "/mnt", null, MS_SHARED, null);
            mkdir("/mnt/disk", 0755);
            mkdir("/mnt/stick", 0755);
        });

        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNS);
        inside.run(() -> mount("none", "/mnt", null, MS_SLAVE, null));
        inside.run(() -> mount("none", "/mnt", null, MS_SHARED, null));
        Caller below = inside.another("below");
        below.unshare(CLONE_NEWNS);

        outside.run(() -> mount(disk, "/mnt/disk", "tmpfs", 0, null));
        for (Caller who : List.of(outside, inside, below)) {
            exercise.show(Proc.read("/proc/" + who.tid() + "/comm") + ": " + who.sh("grep ' /mnt' /proc/self/mountinfo | sed 's/ - .*//' | cut -d ' ' -f 5,7-").replace("\n", ", "));
        }
        exercise.ready();
    }
}
