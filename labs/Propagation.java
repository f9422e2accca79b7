///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/** Let mounts reach other mount namespaces, or keep them from it; mount_namespaces(7) "SHARED SUBTREES", mount(2). */
public class Propagation {
    static final String QUESTION = "Which mounts cross the border of a mount namespace, in which direction, and who decides?";

    static final String CLAIMS = """
        propagation.shared                | MNT-06        | Under a shared mount (shared:N in mountinfo, the same N on both sides) a mount made on either side appears on both.
        propagation.umount-too            | MNT-06        | umount(2) under a shared mount crosses the border, too.
        propagation.private               | MNT-07        | Under a private mount (no tag) nothing crosses the border.
        propagation.slave                 | MNT-08        | A slave (master:N) gets what is mounted under its master, shared:N, and gives nothing back.
        propagation.unbindable            | MNT-09        | An unbindable mount is private, and bind mounting it fails with EINVAL.
        propagation.unshare-1-is-private  | MNT-10        | unshare(1) -m makes all mounts private in the new namespace; unshare(2) leaves the shared ones shared.
        propagation.less-privileged-slave | MNT-11        | In a mount namespace made together with a user namespace the mounts that were shared are slaves: nothing goes out.
        propagation.seed-breaks-proc      | MNT-06        | Where / is shared, mount("proc", "/proc", ...) in a child with CLONE_NEWPID|CLONE_NEWNS hides the host's /proc, and goes on doing so after the child's end.
        propagation.umount-repairs-proc   | MNT-06        | umount(2) of that proc uncovers the host's own, which was there all the time.
        propagation.private-first         | MNT-07 MNT-10 | With MS_REC|MS_PRIVATE on / first the child has its proc and the host keeps its own.
        """;

    public static void main(String[] args) {
        new Lab("Propagation", QUESTION, CLAIMS).main(args, Propagation::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("systemd makes / shared at boot. A container mounts a new proc on /proc, in a mount namespace of its own,"
                + " and ends. Does ps still work on the host?");

        String disk = "disk-" + lab.token().hex("disk"), stick = "stick-" + lab.token().hex("stick"); // names, mountinfo repeats them

        lab.step("Before", "A host made for this run: a mount namespace cut off from the real one, and then shared as systemd makes it."
                + " In it a tmpfs for each type of propagation.");
        Caller outside = madeHost("outside");
        outside.run(() -> {
            mount("stage", "/mnt", "tmpfs", 0, null); // shared, since the mount that it stands on is shared
            for (String type : List.of("shared", "private", "slave", "unbindable")) {
                mkdir("/mnt/" + type, 0755);
                mount(type, "/mnt/" + type, "tmpfs", 0, null);
                for (String point : List.of("by-outside", "by-inside", "once", "later", "by-less-privileged")) {
                    mkdir("/mnt/" + type + "/" + point, 0755);
                }
            }
            mkdir("/mnt/copy", 0755);
            mount("none", "/mnt/private", null, MS_PRIVATE, null);
            mount("none", "/mnt/unbindable", null, MS_UNBINDABLE, null);
        });
        String group = tag(outside.tid(), "/mnt/shared"), master = tag(outside.tid(), "/mnt/slave").replace("shared:", "master:");
        Child host = outside.clone(0);

        lab.step("Change", "A second thread calls unshare(CLONE_NEWNS) and makes one of the mounts a slave. Then both sides mount"
                + " something in each of the four.");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNS);
        inside.run(() -> {
            mount("none", "/mnt/slave", null, MS_SLAVE, null);
            mount("none", "/mnt/unbindable", null, MS_UNBINDABLE, null); // Linux 6.18 has handed it on as a private one
        });
        Child member = inside.clone(0);
        for (String type : List.of("shared", "private", "slave", "unbindable")) {
            outside.run(() -> mount(disk, "/mnt/" + type + "/by-outside", "tmpfs", 0, null));
            inside.run(() -> mount(stick, "/mnt/" + type + "/by-inside", "tmpfs", 0, null));
        }
        // end::change[]

        lab.step("Inside and outside", "What each side has in the four: its tag in mountinfo, and the mounts below.");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/mnt", inside.link(Namespace.MNT), outside.link(Namespace.MNT));
        for (String type : List.of("shared", "private", "slave", "unbindable")) {
            lab.sides("/mnt/" + type, seen(inside.tid(), type), seen(outside.tid(), type));
        }
        lab.claim("propagation.shared",
                inside(group + " by-inside by-outside: " + disk, seen(inside.tid(), "shared") + ": " + source(inside.tid(), "/mnt/shared/by-outside")),
                outside(group + " by-inside by-outside: " + stick, seen(outside.tid(), "shared") + ": " + source(outside.tid(), "/mnt/shared/by-inside")));
        outside.run(() -> mount("once", "/mnt/shared/once", "tmpfs", 0, null));
        String first = seen(outside.tid(), "shared");
        inside.run(() -> umount2("/mnt/shared/once", 0));
        lab.claim("propagation.umount-too", outside(group + " by-inside by-outside once, then " + group + " by-inside by-outside",
                first + ", then " + seen(outside.tid(), "shared")));
        lab.claim("propagation.private", inside("no tag, by-inside", seen(inside.tid(), "private")),
                outside("no tag, by-outside", seen(outside.tid(), "private")));
        lab.claim("propagation.slave", inside(master + " by-inside by-outside", seen(inside.tid(), "slave")),
                outside(master.replace("master:", "shared:") + " by-outside", seen(outside.tid(), "slave")));
        lab.claim("propagation.unbindable",
                inside("unbindable by-inside, bind: EINVAL, bind of the private one: success", seen(inside.tid(), "unbindable")
                        + ", bind: " + inside.errno(() -> mount("/mnt/unbindable", "/mnt/copy", null, MS_BIND, null))
                        + ", bind of the private one: " + inside.errno(() -> mount("/mnt/private", "/mnt/copy", null, MS_BIND, null))),
                outside("unbindable by-outside", seen(outside.tid(), "unbindable")));

        lab.step("Ways in", "unshare(1) does more than unshare(2), and a user namespace changes what comes with it.");
        unshare1(lab, outside, host);
        Child lessPrivileged = outside.clone(CLONE_NEWUSER | CLONE_NEWNS,
                call("mount", "less", "/mnt/shared/by-less-privileged", "tmpfs", 0L, null));
        lessPrivileged.sh("true"); // now it has mounted
        outside.run(() -> mount("later", "/mnt/shared/later", "tmpfs", 0, null));
        lab.claim("propagation.less-privileged-slave",
                inside(group.replace("shared:", "master:") + " by-inside by-less-privileged by-outside later", seen(lessPrivileged.pid, "shared")),
                outside(group + " by-inside by-outside later", seen(outside.tid(), "shared")));

        Caller machine = madeHost("machine");
        breakProc(lab, machine, member, inside, host, lessPrivileged);

        lab.step("Clean-up", "The threads and children end, and the made hosts with all of their mounts.");
        List<String> links = Stream.of(inside, outside, machine).map(caller -> caller.link(Namespace.MNT)).toList();
        Stream.of(member, host, lessPrivileged).forEach(Child::close);
        Stream.of(inside, outside, machine).forEach(Caller::close);
        for (String link : links) {
            lab.gone(link);
        }
        lab.next("findmnt -o TARGET,PROPAGATION shows what your own machine has. In a second terminal: ./build.sh run Propagation --hold,"
                + " then nsenter --mount --target BROKEN, with the number after broken=, and repair what you find there.");
    }

    /** A thread in a mount namespace where / is shared as on a real host, but with nobody outside of this lab. */
    static Caller madeHost(String name) {
        Caller host = new Caller(name);
        host.unshare(CLONE_NEWNS);
        host.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null)); // leaves the real host's peer groups
        host.run(() -> mount("none", "/", null, MS_REC | MS_SHARED, null)); // and begins new ones
        Set<String> common = peerGroups(host.tid());
        common.retainAll(peerGroups(getpid()));
        if (!common.isEmpty()) {
            throw new IllegalStateException("the made host still has peer groups of the real one: " + common + "; nothing was mounted");
        }
        return host;
    }

    /** The seed's program does this to the real host. */
    static void breakProc(Lab lab, Caller host, Child member, Caller inside, Child outside, Child lessPrivileged) {
        lab.step("The seed's broken /proc", "A second made host. A child with CLONE_NEWPID|CLONE_NEWNS mounts its proc and forgets that / is shared.");
        List<String> before = procs(host.tid());
        boolean first = selfWorks(host);
        Child seed = host.clone(CLONE_NEWPID | CLONE_NEWNS, call("mount", "proc", "/proc", "proc", 0L, null));
        String processes = seed.sh("echo /proc/[0-9]*");
        List<String> masks = Machine.masks("/proc");
        if (procs(seed.pid).size() == before.size() && !masks.isEmpty()) {
            seed.close();
            String reason = "the kernel mounts no fresh proc, because other mounts hide parts of /proc (" + String.join(" ", masks)
                    + "), as in a container; run it outside of the container, or unmount them";
            Stream.of("seed-breaks-proc", "umount-repairs-proc", "private-first").forEach(id -> lab.cannot("propagation." + id, reason));
            lab.look(member.pid, inside::shell, "host=" + outside.pid, "less=" + lessPrivileged.pid);
            return;
        }
        boolean during = selfWorks(host);
        seed.close();
        lab.claim("propagation.seed-breaks-proc", inside("/proc/1", processes),
                outside("/proc/self works: true, then false, after the child's end false", "/proc/self works: " + first + ", then " + during
                        + ", after the child's end " + selfWorks(host)));
        lab.show("Mounts on /proc of the made host: " + before + " before, now " + procs(host.tid()));
        lab.show("ps there says: " + host.sh("ps"));
        lab.look(member.pid, inside::shell, "host=" + outside.pid, "less=" + lessPrivileged.pid, "broken=" + host.tid());

        lab.step("The repair", "umount /proc. The seed mounts a third proc on top instead (mount -t proc proc /proc): that hides the damage.");
        while (procs(host.tid()).size() > before.size()) {
            host.run(() -> umount2("/proc", 0));
        }
        lab.claim("propagation.umount-repairs-proc", outside("/proc/self works: true, " + before, "/proc/self works: " + selfWorks(host) + ", " + procs(host.tid())));

        lab.step("How never to break it", "MS_REC|MS_PRIVATE before anything else; MS_REC|MS_SLAVE would do as well, and let the host's mounts in.");
        try (Child careful = host.clone(CLONE_NEWPID | CLONE_NEWNS, call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null),
                call("mount", "proc", "/proc", "proc", 0L, null))) {
            lab.claim("propagation.private-first",
                    inside("/proc/1", careful.sh("echo /proc/[0-9]*")),
                    outside("/proc/self works: true, " + before, "/proc/self works: " + selfWorks(host) + ", " + procs(host.tid())));
        }
    }

    static void unshare1(Lab lab, Caller outside, Child host) {
        if (!Machine.has("unshare")) {
            Diagnosis missing = Diagnosis.missing("unshare", "util-linux");
            lab.cannot("propagation.unshare-1-is-private", missing.cause() + "; " + missing.remedy());
            return;
        }
        String shared = host.sh("grep -c shared: /proc/self/mountinfo");
        try (Child raw = outside.clone(CLONE_NEWNS)) {
            lab.claim("propagation.unshare-1-is-private", inside("shared mounts by unshare(1) -m: 0, by CLONE_NEWNS alone: " + shared,
                    "shared mounts by unshare(1) -m: " + outside.sh("unshare -m grep -c shared: /proc/self/mountinfo")
                    + ", by CLONE_NEWNS alone: " + raw.sh("grep -c shared: /proc/self/mountinfo")));
        }
    }

    /** /proc/self leads nowhere for who is not in the PID namespace of that proc; ps(1) begins there. */
    static boolean selfWorks(Caller caller) {
        return caller.call(() -> Proc.exists("/proc/self"));
    }

    /** The mounts on /proc of a process, by their mount IDs, the topmost last. */
    static List<String> procs(long pid) {
        return Proc.mountsAt(Proc.read("/proc/" + pid + "/mountinfo"), "/proc").lines().map(line -> "mount ID " + line.split(" ")[0]).toList();
    }

    /** The tag of the mount on /mnt/TYPE and the names of the mounts below. */
    static String seen(long pid, String type) {
        String below = "/mnt/" + type + "/";
        String tag = tag(pid, "/mnt/" + type);
        return (tag.isEmpty() ? "no tag," : tag) + " " + Proc.read("/proc/" + pid + "/mountinfo").lines().map(line -> line.split(" ")[4])
                .filter(point -> point.startsWith(below)).map(point -> point.substring(below.length())).sorted().collect(Collectors.joining(" "));
    }

    /** The optional fields of the mount on a path, between field 6 and the hyphen; proc(5). Empty when it is private. */
    static String tag(long pid, String point) {
        String line = Proc.mountsAt(Proc.read("/proc/" + pid + "/mountinfo"), point);
        List<String> fields = List.of(line.split(" "));
        return String.join(" ", fields.subList(6, fields.indexOf("-")));
    }

    /** What the mount on a path was made from, the second field after the hyphen; "" where there is no mount. */
    static String source(long pid, String point) {
        String line = Proc.mountsAt(Proc.read("/proc/" + pid + "/mountinfo"), point);
        return line.isEmpty() ? "" : line.substring(line.indexOf(" - ") + 3).split(" ")[1];
    }

    /** Every N of shared:N and master:N. */
    static Set<String> peerGroups(long pid) {
        return Proc.read("/proc/" + pid + "/mountinfo").lines().flatMap(line -> Stream.of(line.substring(0, line.indexOf(" - ")).split(" ")).skip(6))
                .filter(tag -> tag.contains(":")).map(tag -> tag.substring(tag.indexOf(':') + 1)).collect(Collectors.toCollection(TreeSet::new));
    }
}
