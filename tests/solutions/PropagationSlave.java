///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

/*
 * Exercise PropagationSlave | lab Propagation | difficulty 3
 *
 * Three mount namespaces stand one below the other: what is mounted above shall arrive below, and nothing shall go up. Each is a
 * copy of the one above, and all three begin with the same shared /mnt, so that now every mount appears in all of them.
 * Change what kind of mount /mnt is, at the right moments.
 *
 *   propagation.slave  | 3 | Inside, /mnt is a slave: the disk mounted outside is there too, the stick mounted inside is not outside.
 *   propagation.shared | 2 | Further below the stick arrives as well, for to what is below inside's /mnt is shared.
 *
 * Read: mount_namespaces(7) about propagation, mount(2)
 */
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
        inside.run(() -> mount("none", "/mnt", null, MS_SHARED, null)); // a slave that is shared, too: a peer group of its own
        Caller below = inside.another("below");
        below.unshare(CLONE_NEWNS);

        outside.run(() -> mount(disk, "/mnt/disk", "tmpfs", 0, null));
        inside.run(() -> mount(stick, "/mnt/stick", "tmpfs", 0, null));
        for (Caller who : List.of(outside, inside, below)) {
            String mounts = who.sh("grep -E ' /mnt( |/disk|/stick)' /proc/self/mountinfo | sed 's/ - .*//' | cut -d ' ' -f 5,7-");
            exercise.show(Proc.read("/proc/" + who.tid() + "/comm") + ": " + mounts.replace("\n", ", "));
        }
        exercise.ready();
    }
}
