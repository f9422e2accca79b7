///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/RootFs.java
//SOURCES kit/Tmpfs.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;

/** Break out of a chroot(2), then close the ways out with pivot_root(2); chroot(2), pivot_root(2), mount_namespaces(7). */
public class Chroot {
    static final String QUESTION = "Does a new root directory keep a process in, and if not, what does?";

    static final String CLAIMS = """
        chroot.only-moves-the-root      | PIV-11 | chroot(2) changes what / means for one process and nothing else: the mount namespace is the same, and a path to the outside finds nothing.
        chroot.second-chroot            | PIV-11 | A second chroot(2) leaves the working directory outside of the new root: chdir("../..") and chroot(".") lead out.
        chroot.moved-directory          | PIV-11 | A directory that is moved out of the chroot takes those who work in it along: .. leads on to the outside.
        chroot.own-mount-namespace      | MNT-23 | setns(2) into the mount namespace in which the process already is sets its root to the root there: outside of the chroot.
        chroot.needs-capabilities       | PIV-11 | chroot(2) without CAP_SYS_CHROOT and pivot_root(2) without CAP_SYS_ADMIN fail with EPERM.
        chroot.no-user-namespace        | PIV-11 | In a chroot a new user namespace is refused with EPERM; after pivot_root(2) it is allowed.
        chroot.new-root-a-mount-point   | PIV-03 | The new root must be a mount point, else EINVAL; neither it nor the place for the old root may lie on the mount that is the root now: EBUSY.
        chroot.place-for-the-old-root   | PIV-04 PIV-05 | The place for the old root must lie below the new root, else EINVAL, and be a directory, else ENOTDIR.
        chroot.not-from-shared          | PIV-06 | While the mount that the new root is mounted on is shared, pivot_root(2) gives EINVAL; once it is private, it works.
        chroot.pivot-root               | PIV-01 | pivot_root(2) makes a mount the root of a mount namespace; the old root is found below it, and nothing changes in other namespaces.
        chroot.moves-everybody          | PIV-09 | pivot_root(2) moves root and working directory of every process in the mount namespace that had them at the old root, and of no other.
        chroot.detached                 | PIV-02 | After umount2(MNT_DETACH) of the old root no path leads there, and the mount list has none of its mounts.
        chroot.same-ways-closed         | PIV-11 | After pivot_root(2) and the detach, second chroot, moved directory and own mount namespace lead out no more.
        chroot.open-directory           | PIV-11 | A directory that was opened outside leads out of both, by fchdir(2) and chroot("."): pivot_root(2) closes no descriptor, O_CLOEXEC does.
        chroot.foreign-process          | PIV-11 PID-06 | Neither hides other processes: kill(2) ends them and /proc/PID/root leads to their files.
        chroot.pid-namespace            | PID-06 PID-09 | A PID namespace with its own proc closes that way: kill(2) gives ESRCH, and /proc/PID/root gives ENOENT.
        chroot.without-a-place          | PIV-07 | pivot_root(".", ".") and umount2(".", MNT_DETACH) need no directory for the old root.
        chroot.as-an-ordinary-user      | PIV-10 | pivot_root(2) works for an ordinary user in CLONE_NEWUSER|CLONE_NEWNS.
        """;

    public static void main(String[] args) {
        new Lab("Chroot", QUESTION, CLAIMS).main(args, Chroot::experiment);
    }

    /** The directory that everything lies in, a file system in memory; the jail in it. */
    static String place, jail;
    static final String OUT_OF_REACH = "out of reach";

    static void experiment(Lab lab) throws Exception {
        lab.predict("A root shell stands in a chroot(2). Beside the chroot's directory lies a file. How many ways lead to it?"
                + " And how many are left after pivot_root(2)?");
        String secret = lab.token().hex("secret"), mark = lab.token().hex("mark");

        lab.step("Before", "A thread in a mount namespace of its own plays the host. It has a secret, and beside it the root file system of a jail.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNS);
        place = Tmpfs.mount(outside);
        jail = place + "/jail";
        outside.sh("cd " + place + " && mkdir plain elsewhere jail && printf " + secret + " > secret");
        RootFs.make(outside, jail);
        outside.sh("cd " + jail + " && mkdir old && printf " + mark + " > mark && : > dev/null");
        outside.run(() -> {
            mount("/dev/null", jail + "/dev/null", null, MS_BIND, null);
            mount("/proc", jail + "/proc", null, MS_BIND | MS_REC, null); // as many a chroot has it
        });
        Child host = outside.clone(0);
        int door = outside.call(() -> open("/", O_RDONLY | O_CLOEXEC, 0)); // a descriptor that the way in leaves open
        lab.show("secret in " + place + "/secret, jail in " + jail + ", " + outside.link(Namespace.MNT));

        lab.step("Attack", "A second thread calls chroot(2). Its children try to get out.");
        Caller prisoner = outside.another("prisoner");
        prisoner.run(() -> {
            Libc.unshare(CLONE_FS); // else all threads of this JVM, which share a root directory, would go to jail
            chroot(jail);
            chdir("/");
        });
        Child chrooted = prisoner.clone(0);
        lab.claim("chroot.only-moves-the-root",
                inside(mark + ", " + OUT_OF_REACH + ", " + outside.link(Namespace.MNT), prisoner.sh("cat /mark") + ", " + reach(chrooted) + ", " + prisoner.link(Namespace.MNT)),
                outside(jail, Proc.readlink("/proc/" + prisoner.tid() + "/root")));
        Map<String, Child> out = escapes(prisoner, outside, "chroot", door, host.pid);
        Map<String, String> attack = reach(out);
        for (String way : List.of("second-chroot", "moved-directory", "own-mount-namespace")) {
            lab.claim("chroot." + way, inside(secret, attack.get(way)));
        }
        String killed = kill(outside, prisoner);

        lab.step("Defence", "A third thread calls unshare(CLONE_NEWNS) and pivot_root(2), which is particular about its arguments.");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNS);
        whoMay(lab, prisoner, inside);
        refusals(lab, inside);
        Child bystander = inside.clone(0, call("chdir", "/")), elsewhere = inside.clone(0, call("chdir", place));
        String before = bystander.sh("cat mark 2>/dev/null || echo no mark") + elsewhere.sh("true"); // both are where they should be
        inside.run(() -> pivot_root(jail, jail + "/old"));
        inside.run(() -> chdir("/"));
        lab.claim("chroot.pivot-root", inside(mark + ", below /old " + secret, inside.sh("cat /mark") + ", below /old " + inside.sh("cat /old" + place + "/secret")),
                outside(secret + ", no mark", outside.sh("cat " + place + "/secret") + ", " + outside.sh("test -e /mark || echo no mark")));
        lab.claim("chroot.moves-everybody", inside("no mark, then " + mark + ", from elsewhere " + secret,
                before + ", then " + bystander.sh("cat mark") + ", from elsewhere " + elsewhere.sh("cat secret")), outside("/", Proc.readlink("/proc/" + host.pid + "/root")));
        inside.run(() -> umount2("/old", MNT_DETACH));
        Child member = inside.clone(0);
        lab.claim("chroot.detached", inside("/, /dev/null, /proc, " + OUT_OF_REACH, mountPoints(member) + ", " + reach(member)), outside(secret, outside.sh("cat " + place + "/secret")));

        lab.step("The same attacks again", "Each way, out of the chroot and out of the new root.");
        Map<String, Child> in = escapes(inside, outside, "pivot", door, host.pid);
        Map<String, String> defence = reach(in);
        lab.sides("", "chroot(2)", "pivot_root(2)");
        attack.forEach((way, reading) -> lab.sides(way, reading, defence.get(way)));
        lab.claim("chroot.same-ways-closed", inside((OUT_OF_REACH + ", ").repeat(3) + mark, defence.get("second-chroot")
                + ", " + defence.get("moved-directory") + ", " + defence.get("own-mount-namespace") + ", " + in.get("own-mount-namespace").sh("cat /mark")));
        lab.claim("chroot.open-directory", inside("chroot: " + secret + ", pivot_root: " + secret + ", after execve: closed", "chroot: " + attack.get("open-directory")
                + ", pivot_root: " + defence.get("open-directory") + ", after execve: " + member.sh("cat /proc/self/fd/" + door + place + "/secret 2>/dev/null || echo closed")));
        lab.claim("chroot.foreign-process", inside("chroot: killed " + secret + ", pivot_root: killed " + secret, "chroot: " + killed + " " + attack.get("foreign-process")
                + ", pivot_root: " + kill(outside, inside) + " " + defence.get("foreign-process")));
        pidNamespace(lab, inside, host);

        lab.step("Two shorter ways in", "A child that pivots without a directory for the old root, and one in a user namespace of its own.");
        Child dots = shortest(outside, CLONE_NEWNS), rootless = shortest(outside, CLONE_NEWUSER | CLONE_NEWNS);
        lab.claim("chroot.without-a-place", inside(mark + ", " + OUT_OF_REACH + ", /, /dev/null, /proc", dots.sh("cat /mark") + ", " + reach(dots) + ", " + mountPoints(dots)));
        lab.claim("chroot.as-an-ordinary-user", inside(mark + ", " + OUT_OF_REACH, rootless.sh("cat /mark") + ", " + reach(rootless)));

        List<String> words = new ArrayList<>(List.of("host=" + host.pid, "chroot=" + chrooted.pid, "bystander=" + bystander.pid,
                "elsewhere=" + elsewhere.pid, "dots=" + dots.pid, "rootless=" + rootless.pid));
        out.forEach((way, child) -> words.add("chroot-" + way + "=" + child.pid));
        in.forEach((way, child) -> words.add("pivot-" + way + "=" + child.pid));
        lab.look(member.pid, () -> inside.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sh")), words.toArray(String[]::new));

        lab.step("Clean-up", "The threads end, their children by the signal that they asked for, and the mount namespaces with them.");
        String link = inside.link(Namespace.MNT), hostLink = outside.link(Namespace.MNT);
        close(door);
        List.of(inside, prisoner, outside).forEach(Caller::close);
        lab.gone(link);
        lab.gone(hostLink);
        lab.next("./build.sh run Chroot --shell: find a way out that the lab does not know. In a second terminal: ./build.sh run Chroot --hold, then"
                + " ls /proc/PID/root/ for each process of the ready line. Then the lab Escapes.");
    }

    /** A child per way out, each beginning where the jailed thread stands; {@code round} is a name for what a round leaves lying about. */
    static Map<String, Child> escapes(Caller jailed, Caller outside, String round, int door, int host) {
        int own = open("/proc/" + jailed.tid() + "/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
        outside.run(() -> mkdir(jail + "/" + round, 0755));
        Map<String, Child> children = new LinkedHashMap<>();
        // tag::attack[]
        children.put("second-chroot", jailed.clone(0, call("chroot", "/tmp"), call("chdir", "../../../.."), call("chroot", ".")));
        children.put("moved-directory", jailed.clone(0, call("chdir", "/" + round)));
        children.put("own-mount-namespace", jailed.clone(0, call("setns", own, CLONE_NEWNS)));
        children.put("open-directory", jailed.clone(0, call("fchdir", door), call("chroot", ".")));
        children.put("foreign-process", jailed.clone(0, call("chroot", "/proc/" + host + "/root"), call("chdir", "/")));
        // end::attack[]
        children.get("moved-directory").sh("true"); // now it is there
        outside.run(() -> rename(jail + "/" + round, place + "/" + round));
        close(own);
        return children;
    }

    static Map<String, String> reach(Map<String, Child> escapes) {
        Map<String, String> readings = new LinkedHashMap<>();
        escapes.forEach((way, child) -> readings.put(way, reach(child)));
        return readings;
    }

    /** What a child reads of the secret, by the path that it has outside or from the directory beside. */
    static String reach(Child child) {
        return child.sh("cat " + place + "/secret 2>/dev/null || cat ../secret 2>/dev/null || echo " + OUT_OF_REACH);
    }

    /** Sends SIGKILL out of a jail to a process outside that nobody will miss. */
    static String kill(Caller outside, Caller jailed) {
        try (Child victim = outside.clone(0)) {
            String errno = jailed.errnos(0, UserMap.NONE, call("kill", victim.pid, SIGKILL)).get(0);
            return errno.equals("success") && victim.waitFor() == 128 + SIGKILL ? "killed" : errno;
        }
    }

    /** The mount points that a process has, without those that the machine has below /proc. */
    static String mountPoints(Child child) {
        return String.join(", ", Proc.read("/proc/" + child.pid + "/mountinfo").lines().map(line -> line.split(" ")[4])
                .filter(point -> !point.startsWith("/proc/")).sorted().toList());
    }

    static void whoMay(Lab lab, Caller prisoner, Caller inside) {
        Caller capless = inside.another("without the two capabilities");
        capless.drop(CAP_SYS_CHROOT);
        capless.drop(CAP_SYS_ADMIN);
        lab.claim("chroot.needs-capabilities", inside("chroot: EPERM, pivot_root: EPERM", "chroot: " + capless.errno(() -> chroot(jail))
                + ", pivot_root: " + capless.errno(() -> pivot_root(jail, jail + "/old"))));
        capless.close();
        var unshare = call("unshare", CLONE_NEWUSER);
        String without = inside.errnos(0, UserMap.NONE, unshare).get(0);
        if (without.equals("success")) {
            lab.claim("chroot.no-user-namespace", inside("EPERM", prisoner.errnos(0, UserMap.NONE, unshare).get(0)), outside("success", without));
        } else {
            lab.cannot(Diagnosis.of("unshare(CLONE_NEWUSER)", Errno.number(without), CLONE_NEWUSER), "chroot.no-user-namespace");
        }
    }

    /** What pivot_root(2) wants of the two directories, one wish after the other; at the end all are met. */
    static void refusals(Lab lab, Caller inside) {
        String plain = place + "/plain", elsewhere = place + "/elsewhere", old = jail + "/old";
        lab.claim("chroot.new-root-a-mount-point", inside("a plain directory: EINVAL, on the root's mount: EBUSY", "a plain directory: "
                + inside.errno(() -> pivot_root(plain, plain)) + ", on the root's mount: " + inside.errno(() -> pivot_root(plain, "/"))));
        inside.run(() -> mount(jail, jail, null, MS_BIND | MS_REC, null)); // the usual way to make a directory a mount point
        lab.claim("chroot.place-for-the-old-root", inside("not below: EINVAL, a file: ENOTDIR",
                "not below: " + inside.errno(() -> pivot_root(jail, elsewhere)) + ", a file: " + inside.errno(() -> pivot_root(jail, jail + "/mark"))));
        inside.run(() -> mount("none", place, null, MS_SHARED, null));
        String shared = inside.errno(() -> pivot_root(jail, old));
        inside.run(() -> mount("none", place, null, MS_PRIVATE, null));
        String there = inside.errnos(CLONE_NEWNS, UserMap.NONE, call("pivot_root", jail, old)).get(0);
        lab.claim("chroot.not-from-shared", inside("shared: EINVAL, private: success", "shared: " + shared + ", private: " + there));
    }

    static void pidNamespace(Lab lab, Caller inside, Child host) {
        List<String> said = inside.errnos(CLONE_NEWPID | CLONE_NEWNS, UserMap.NONE, call("mount", "proc", "/proc", "proc", 0L, null),
                call("kill", host.pid, SIGKILL), call("chroot", "/proc/" + host.pid + "/root"));
        List<String> masks = inside.call(() -> Machine.masks("/proc"));
        if (said.get(0).equals("EPERM") && !masks.isEmpty()) {
            lab.cannot("chroot.pid-namespace", "the kernel mounts no fresh proc, because other mounts hide parts of /proc ("
                    + String.join(" ", masks) + "), as in a container; run it outside of the container, or unmount them");
        } else {
            lab.claim("chroot.pid-namespace", inside("mount: success, kill: ESRCH, chroot: ENOENT",
                    "mount: " + said.get(0) + ", kill: " + said.get(1) + ", chroot: " + said.get(2)), outside("alive", host.alive() ? "alive" : "killed"));
        }
    }

    /** A child in the jail with the least that it takes. */
    static Child shortest(Caller outside, int flags) {
        // tag::defence[]
        return outside.clone(flags, call("mount", jail, jail, null, MS_BIND | MS_REC, null), call("chdir", jail),
                call("pivot_root", ".", "."), call("umount2", ".", MNT_DETACH));
        // end::defence[]
    }
}
