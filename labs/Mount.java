///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kit.*;

/** Give a process a mount list of its own; mount_namespaces(7), mount(2), umount(2). */
public class Mount {
    static final String QUESTION = "Can a file system be mounted for one process, and be nowhere for all others?";

    static final String CLAIMS = """
        mount.starts-as-a-copy            | MNT-01 | A new mount namespace starts with a copy of its creator's mount list: the same mount points, but new mount IDs.
        mount.invisible-outside           | MNT-02 | A file system mounted inside is in the mount list inside and in no other.
        mount.file-only-inside            | MNT-03 | A file on it is not found at the same path outside; /proc/PID/root leads to it.
        mount.list-is-per-process         | MNT-05 | /proc/PID/mounts, mountinfo and mountstats show the mount list of PID, whoever reads them.
        mount.contents-not-isolated       | MNT-04 | A file system that both sides have mounted has the same files on both sides: the mount list is isolated, not the contents.
        mount.umount-only-inside          | MNT-12 | umount(2) of a private mount inside does not unmount it outside.
        mount.mount-point-removed         | MNT-25 | A directory that is a mount point only in another namespace can be removed, and that mount goes with it.
        mount.recursive-bind              | MNT-24 | A bind mount leaves the mounts below behind; with MS_REC it copies them too.
        mount.read-only-in-two-steps      | MNT-20 | MS_BIND ignores MS_RDONLY: a read-only bind mount needs MS_REMOUNT|MS_BIND|MS_RDONLY as a second step, and then writing gives EROFS.
        mount.locked-flags                | MNT-19 | In a less privileged mount namespace (of another user namespace) an inherited read-only mount cannot be made writable: EPERM.
        mount.own-root-and-cwd            | MNT-21 | unshare(CLONE_NEWNS) implies CLONE_FS: a thread that shared its working directory has its own afterwards.
        mount.setns-resets-root-and-cwd   | MNT-23 | setns(2) into another mount namespace sets root and working directory to the root there.
        mount.needs-cap-sys-admin         | MNT-13 | mount(2) and umount(2) without CAP_SYS_ADMIN in the owning user namespace fail with EPERM.
        mount.user-ns-mounts              | MNT-14 | With CLONE_NEWUSER|CLONE_NEWNS an ordinary user can mount tmpfs, ramfs, devpts, bind mounts, and with CLONE_NEWIPC mqueue.
        mount.no-block-devices            | MNT-15 | A file system of a block device cannot be mounted in a user namespace: EPERM, before the kernel even looks for the device.
        mount.proc-needs-a-pid-namespace  | MNT-16 | In a user namespace proc can be mounted only together with a PID namespace of its own; without it EPERM.
        mount.sysfs-needs-a-net-namespace | MNT-17 | In a user namespace sysfs can be mounted only together with a network namespace of its own; without it EPERM.
        """;

    public static void main(String[] args) {
        new Lab("Mount", QUESTION, CLAIMS).main(args, Mount::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process in a mount namespace of its own mounts a tmpfs on /mnt/usb and writes a file there. Who sees"
                + " the mount, who sees the file, and who sees a file that it writes beside the mount point?");
        String secret = lab.token().hex("secret"), note = lab.token().hex("note"), answer = lab.token().hex("answer");

        lab.step("Before", "One thread of this JVM stays outside. It plays the host: its disk is a tmpfs on /mnt, with a CD in it.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNS);
        outside.run(() -> {
            mount("none", "/", null, MS_REC | MS_PRIVATE, null); // else the real host gets our mounts: see the lab Propagation
            mount("disk", "/mnt", "tmpfs", 0, null);
            for (String name : List.of("cd", "usb", "gone", "album", "album/holiday", "plain", "deep", "data", "read-only", "point")) {
                mkdir("/mnt/" + name, 0755);
            }
            mount("cd", "/mnt/cd", "tmpfs", 0, null);
        });
        Child host = outside.clone(0); // an ordinary fork(2), for who wants to look at the host's list
        lab.show(field(5, host.pid).size() + " mounts, " + outside.link(Namespace.MNT));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWNS). Then it mounts a tmpfs on /mnt/usb and unmounts the CD.");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNS);
        // end::change[]
        Child member = inside.clone(0);
        List<String> points = field(5, host.pid), copied = field(5, member.pid);
        List<String> sameIds = field(1, member.pid).stream().filter(field(1, host.pid)::contains).toList();
        lab.claim("mount.starts-as-a-copy", inside("the outside's " + points.size() + " mount points, none of its mount IDs",
                copied.size() + " mount points, " + sameIds.size() + " mount IDs as outside", copied.equals(points) && sameIds.isEmpty()));
        // tag::change[]
        inside.run(() -> {
            mount("usb", "/mnt/usb", "tmpfs", 0, "size=1m");
            Files.writeString(Path.of("/mnt/usb/secret"), secret);
            Files.writeString(Path.of("/mnt/note"), note);
            umount2("/mnt/cd", 0);
        });
        outside.run(() -> Files.writeString(Path.of("/mnt/answer"), answer));
        // end::change[]

        lab.step("Inside and outside", "");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/mnt", inside.link(Namespace.MNT), outside.link(Namespace.MNT));
        for (String point : List.of("/mnt", "/mnt/cd", "/mnt/usb")) {
            lab.sides(point, at(inside, point), at(outside, point));
        }
        lab.sides("ls /mnt/usb", inside.sh("ls /mnt/usb"), outside.sh("ls /mnt/usb"));
        lab.claim("mount.invisible-outside", inside("tmpfs usb", at(inside, "/mnt/usb")), outside("no mount", at(outside, "/mnt/usb")));
        lab.claim("mount.file-only-inside", inside(secret, inside.sh("cat /mnt/usb/secret")),
                outside("absent, " + secret, outside.sh("test -e /mnt/usb/secret || echo absent,; cat /proc/" + member.pid + "/root/mnt/usb/secret").replace('\n', ' ')));
        lab.claim("mount.list-is-per-process", // one and the same reader, who stands outside
                inside("mounts mountinfo mountstats", outside.sh("cd /proc/" + member.pid + " && echo $(grep -l /mnt/usb mounts mountinfo mountstats)")),
                outside("", outside.sh("cd /proc/" + host.pid + " && echo $(grep -l /mnt/usb mounts mountinfo mountstats)")));
        lab.claim("mount.contents-not-isolated", inside(answer, inside.sh("cat /mnt/answer")), outside(note, outside.sh("cat /mnt/note")));
        lab.claim("mount.umount-only-inside", inside("no mount", at(inside, "/mnt/cd")), outside("tmpfs cd", at(outside, "/mnt/cd")));

        mountPoints(lab, inside, outside);
        List<Caller> threads = threads(lab, inside, outside);
        lab.look(member.pid, inside::shell, "host=" + host.pid,
                "one=" + threads.get(0).tid(), "two=" + threads.get(1).tid(), "mover=" + threads.get(2).tid());
        whoMay(lab, inside, outside);

        lab.step("Clean-up", "The threads and children end; a mount namespace without members is gone, and its mounts with it.");
        String link = inside.link(Namespace.MNT), hostLink = outside.link(Namespace.MNT);
        threads.forEach(Caller::close);
        member.close();
        host.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.gone(hostLink);
        lab.next("./build.sh run Propagation: mounts that do reach other mount namespaces, and how one breaks the host's /proc."
                + " In a second terminal: ./build.sh run Mount --hold, then ls /proc/PID/root/mnt/usb.");
    }

    /** Directories that carry mounts, and what bind mounts do with them. */
    static void mountPoints(Lab lab, Caller inside, Caller outside) {
        lab.step("Mount points", "What the mount list decides: which directory is a mount point, what lies below, what may be written.");
        inside.run(() -> mount("gone", "/mnt/gone", "tmpfs", 0, null));
        String here = inside.errno(() -> rmdir("/mnt/gone")), elsewhere = outside.errno(() -> rmdir("/mnt/gone"));
        lab.claim("mount.mount-point-removed", inside("rmdir: EBUSY, then: no mount", "rmdir: " + here + ", then: " + at(inside, "/mnt/gone")),
                outside("rmdir: success", "rmdir: " + elsewhere));

        inside.run(() -> {
            mount("holiday", "/mnt/album/holiday", "tmpfs", 0, null);
            mount("/mnt/album", "/mnt/plain", null, MS_BIND, null);
            mount("/mnt/album", "/mnt/deep", null, MS_BIND | MS_REC, null);
        });
        lab.claim("mount.recursive-bind", inside("MS_BIND: no mount, MS_BIND|MS_REC: tmpfs holiday",
                "MS_BIND: " + at(inside, "/mnt/plain/holiday") + ", MS_BIND|MS_REC: " + at(inside, "/mnt/deep/holiday")));

        Errno.Call write = () -> close(open("/mnt/read-only/file", O_WRONLY | O_CREAT, 0644));
        inside.run(() -> mount("/mnt/data", "/mnt/read-only", null, MS_BIND | MS_RDONLY, null));
        String first = inside.errno(write);
        inside.run(() -> mount(null, "/mnt/read-only", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null));
        String second = inside.errno(write), original = inside.errno(() -> close(open("/mnt/data/file", O_WRONLY, 0)));
        lab.claim("mount.read-only-in-two-steps", inside("MS_BIND|MS_RDONLY: success, remounted: EROFS, by its first path: success",
                "MS_BIND|MS_RDONLY: " + first + ", remounted: " + second + ", by its first path: " + original));
    }

    /** Root and working directory belong to struct fs, which threads share; a mount namespace needs one of its own. */
    static List<Caller> threads(Lab lab, Caller inside, Caller outside) {
        lab.step("Root and working directory", "Threads share them; a thread that changes its mount namespace cannot go on doing so.");
        Caller one = inside.another("one");
        one.unshare(CLONE_NEWNS); // so that it shares them no longer with the thread inside, but with the thread that it makes:
        Caller two = one.another("two");
        one.run(() -> chdir("/mnt/data"));
        String together = dir("cwd", two);
        two.unshare(CLONE_NEWNS);
        one.run(() -> chdir("/mnt/usb"));
        lab.claim("mount.own-root-and-cwd", inside("sharing: /mnt/data, alone: /mnt/data", "sharing: " + together + ", alone: " + dir("cwd", two)),
                outside("the other one in /mnt/usb", "the other one in " + dir("cwd", one)));

        Caller mover = outside.another("mover");
        int there = open("/proc/" + inside.tid() + "/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
        mover.run(() -> {
            Libc.unshare(CLONE_FS); // setns(2) into a mount namespace refuses to move who shares them: EINVAL
            chroot("/mnt");
            chdir("/data");
        });
        String before = dir("root", mover) + " " + dir("cwd", mover);
        mover.run(() -> setns(there, CLONE_NEWNS));
        close(there);
        NotIsolated.unlessDifferent("setns(CLONE_NEWNS)", outside.link(Namespace.MNT), mover.link(Namespace.MNT));
        lab.claim("mount.setns-resets-root-and-cwd", outside("/mnt /mnt/data", before), inside("/ /", dir("root", mover) + " " + dir("cwd", mover)));
        return List.of(one, two, mover);
    }

    /** The kernel asks for CAP_SYS_ADMIN in the user namespace that owns the mount namespace, and then it looks at the type. */
    static void whoMay(Lab lab, Caller inside, Caller outside) {
        lab.step("Who may", "CAP_SYS_ADMIN in the user namespace that owns the mount namespace. The children below are in one of their own.");
        Caller capless = inside.another("without CAP_SYS_ADMIN");
        capless.drop(CAP_SYS_ADMIN);
        lab.claim("mount.needs-cap-sys-admin", inside("mount: EPERM, umount: EPERM", "mount: "
                + capless.errno(() -> mount("mine", "/mnt/point", "tmpfs", 0, null)) + ", umount: " + capless.errno(() -> umount2("/mnt/usb", 0))));
        capless.close();

        var remount = call("mount", null, "/mnt/read-only", null, MS_REMOUNT | MS_BIND, null); // without MS_RDONLY
        lab.claim("mount.locked-flags",
                inside("same user namespace: success, another: EPERM",
                        "same user namespace: " + inside.errnos(CLONE_NEWNS, UserMap.NONE, remount).get(0)
                        + ", another: " + inside.errnos(CLONE_NEWUSER | CLONE_NEWNS, UserMap.root(), remount).get(0)));

        var types = List.of("tmpfs", "ramfs", "devpts", "mqueue");
        var steps = new ArrayList<Child.Step>();
        types.forEach(type -> steps.add(call("mount", type, "/mnt/point", type, 0L, null)));
        steps.add(call("mount", "/mnt/data", "/mnt/point", null, MS_BIND, null));
        lab.claim("mount.user-ns-mounts", inside("tmpfs, ramfs, devpts, mqueue, bind: [success, success, success, success, success]", String.join(", ", types)
                + ", bind: " + inside.errnos(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC, UserMap.root(), steps.toArray(Child.Step[]::new))),
                outside("no mount", at(outside, "/mnt/point")));

        String disk = Proc.read("/proc/filesystems").lines().filter(line -> !line.startsWith("nodev")).map(String::strip)
                .filter(type -> !type.startsWith("fuse")).findFirst().orElse(null); // fuse asks others
        if (disk == null) {
            lab.cannot("mount.no-block-devices", "this kernel has no file system for block devices loaded (/proc/filesystems);"
                    + " as root: modprobe ext4");
        } else {
            lab.claim("mount.no-block-devices", inside(disk + ": EPERM", disk + ": " + inside.errnos(CLONE_NEWUSER | CLONE_NEWNS,
                    UserMap.root(), call("mount", "/dev/no-such-device", "/mnt/point", disk, 0L, null)).get(0)));
        }
        pseudo(lab, inside, "mount.proc-needs-a-pid-namespace", "proc", "/proc", CLONE_NEWPID);
        pseudo(lab, inside, "mount.sysfs-needs-a-net-namespace", "sysfs", "/sys", CLONE_NEWNET);
    }

    /** A file system that shows a namespace is for who owns that namespace. */
    static void pseudo(Lab lab, Caller inside, String id, String type, String usual, int needed) {
        var mount = call("mount", type, "/mnt/point", type, 0L, null);
        String without = inside.errnos(CLONE_NEWUSER | CLONE_NEWNS, UserMap.root(), mount).get(0);
        String with = inside.errnos(CLONE_NEWUSER | CLONE_NEWNS | needed, UserMap.root(), mount).get(0);
        List<String> masks = inside.call(() -> Machine.masks(usual));
        if (with.equals("EPERM") && at(inside, usual).equals("no mount")) {
            lab.cannot(id, "no " + type + " is mounted on " + usual + ", and who has none gets none; as root: mount -t " + type + " " + type + " " + usual);
        } else if (with.equals("EPERM") && !masks.isEmpty()) {
            lab.cannot(id, "parts of " + usual + " are hidden by other mounts (" + String.join(" ", masks) + "), as in a container,"
                    + " and who has not the full view gets no fresh one; run it outside of the container, or unmount them");
        } else {
            String flag = Namespace.flagNames(needed);
            lab.claim(id, inside("alone: EPERM, with " + flag + ": success", "alone: " + without + ", with " + flag + ": " + with));
        }
    }

    /** Type and source of the topmost mount on a path, where a thread stands. */
    static String at(Caller caller, String point) {
        String lines = Proc.mountsAt(Proc.read("/proc/" + caller.tid() + "/mountinfo"), point);
        String[] fields = lines.substring(lines.lastIndexOf(" - ") + 1).split(" ");
        return lines.isEmpty() ? "no mount" : fields[1] + " " + fields[2];
    }

    /** A field of each line of mountinfo (1 mount ID, 5 mount point), sorted: a copy need not be in the same order. */
    static List<String> field(int number, long pid) {
        return Proc.read("/proc/" + pid + "/mountinfo").lines().map(line -> line.split(" ")[number - 1]).sorted().toList();
    }

    /** Where a thread's root or working directory (cwd) is. */
    static String dir(String which, Caller caller) {
        return Proc.readlink("/proc/" + caller.tid() + "/" + which);
    }
}
