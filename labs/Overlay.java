///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/RootFs.java
//SOURCES kit/Tmpfs.java

import static java.nio.charset.StandardCharsets.US_ASCII;
import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.stream.Stream;
import kit.*;

/** Lay directories over each other, so that only the topmost is written to; mount(2), mount_setattr(2), filesystems/overlayfs.rst of the kernel. */
public class Overlay {
    static final String QUESTION = "How can many containers have one image as their root, and each change it?";

    static final String CLAIMS = """
        overlay.layers-in-one       | MNT-29        | An overlay shows several directories as one tree: files that only one layer has, and directories with the names of all.
        overlay.topmost-wins        | MNT-29        | Of a file that several layers have, the topmost one's is seen.
        overlay.copy-up             | MNT-29        | The first write copies the whole file to the upper layer; the lower one stays as it was.
        overlay.mapped-before       | MNT-29        | The copy has the inode number of the original, and who has that one open reads the copy; but a memory mapping made before still shows the original.
        overlay.whiteout            | MNT-29        | A removed file stays in the lower layer: a character device 0:0 of its name in the upper layer hides it.
        overlay.rename-directory    | MNT-29        | rename(2) of a directory of a lower layer gives EXDEV; of a file it succeeds, by a copy and a whiteout.
        overlay.opaque              | MNT-29        | A directory that was removed and made again is empty: the attribute overlay.opaque of the new one hides the old one.
        overlay.read-only           | MNT-29        | An overlay of lower layers alone is read-only: EROFS.
        overlay.work-beside-upper   | MNT-29        | The work directory must be on the upper layer's mount, and not be the upper layer: EINVAL.
        overlay.on-an-overlay       | MNT-29        | A directory of an overlay can be the lower layer of another one, but not its upper layer; and three overlays do not stack: EINVAL.
        overlay.container-root      | MNT-29 PIV-07 | A container with an overlay as its root can remove what its image has, and the image keeps it.
        overlay.shared-lower        | MNT-29        | Two containers over the same lower layers do not see each other's changes; each upper layer holds what one of them has changed.
        overlay.in-a-user-namespace | MNT-29        | An ordinary user can mount an overlay in CLONE_NEWUSER|CLONE_NEWNS, since Linux 5.11.
        overlay.id-mapped-layer     | MNT-28        | An id-mapped mount shows other owners of the same files, through that mount only.
        overlay.lower-never-written | MNT-29        | After all that was done to the overlays the lower layers are as at the beginning.
        """;

    public static void main(String[] args) {
        new Lab("Overlay", QUESTION, CLAIMS).main(args, Overlay::experiment);
    }

    /** The directory that all layers lie in, a file system in memory; and the lower layers, the topmost first. */
    static String place, lower;
    /** A name that no machine has: what a container removes and writes must not be there, should it ever run outside of its root. */
    static String own;
    /** Overlayfs keeps notes in attributes trusted.overlay.*; root of a user namespace may not write these, and has user.overlay.* instead. */
    static boolean trusted;

    static void experiment(Lab lab) throws Exception {
        lab.predict("A container removes one file of its image and appends eight bytes to a large one. What is in the image afterwards,"
                + " what in the container's own layer, and how large is that?");
        String old = lab.token().hex("image"), patched = lab.token().hex("patch"), mine = lab.token().hex("mine");
        own = "overlay-lab-" + lab.token().hex("own");
        int size = lab.token().number("size", 50_000, 200_000);

        lab.step("Before", "A thread in a mount namespace of its own plays the host. It has an image and a patch for it: two directories.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNS);
        place = Tmpfs.mount(outside);
        lower = place + "/patch:" + place + "/image";
        trusted = Namespace.USER.of(outside.tid()).equals(Namespace.INITIAL_USER);
        outside.run(() -> mkdir(place + "/image", 0755));
        RootFs.make(outside, place + "/image");
        outside.sh("cd " + place + " || exit; mkdir -p image/data image/cache image/" + own + " patch/etc shown empty elsewhere; mkdir a b c; mkdir a/upper a/work a/root b/upper b/work b/root c/upper c/work c/root;"
                + " for file in etc/motd etc/version data/other cache/entry " + own + "/program; do printf " + old + " > image/$file; done; head -c " + size + " /dev/zero > image/data/large;"
                + " for file in etc/version etc/patched; do printf " + patched + " > patch/$file; done; : > image/dev/null");
        String before = fingerprint(outside);
        Child host = outside.clone(0);
        lab.show("image and patch lie in " + place + ", checksum " + before + ", " + outside.link(Namespace.MNT));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWNS) and lays patch over image, and over both an empty upper layer.");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNS);
        inside.run(Overlay::first);
        Child member = inside.clone(0, call("chdir", place + "/a/root"));
        standsIn(member, "cwd", place + "/a/root");
        lab.show(Proc.mountsAt(Proc.read("/proc/" + member.pid + "/mountinfo"), place + "/a/root"));
        lab.sides("", "the overlay", "the image");
        lab.sides("ls etc", member.sh("echo $(ls etc)"), outside.sh("echo $(ls " + place + "/image/etc)"));
        lab.sides("cat etc/version", member.sh("cat etc/version"), outside.sh("cat " + place + "/image/etc/version"));
        lab.claim("overlay.layers-in-one", inside("group motd passwd patched version, " + old, member.sh("echo $(ls etc), $(cat etc/motd)")),
                outside("no mount", Proc.mountsAt(Proc.read("/proc/" + host.pid + "/mountinfo"), place + "/a/root").isEmpty() ? "no mount" : "a mount"));
        lab.claim("overlay.topmost-wins", inside(patched, member.sh("cat etc/version")), outside(old, outside.sh("cat " + place + "/image/etc/version")));

        lab.step("Writing", "What becomes of a file of the image that is written or removed in the overlay.");
        String first = member.sh("ls ../upper"), inode = member.sh("stat -c %i etc/motd; exec 5< etc/motd");
        Pointer mapped = inside.call(() -> mmap(null, 8, PROT_READ, MAP_SHARED, open(place + "/a/root/etc/motd", O_RDONLY | O_CLOEXEC, 0), 0));
        member.sh("printf " + mine + " >> data/large; printf " + mine + " > etc/motd");
        lab.claim("overlay.copy-up", inside("upper layer empty, then " + (size + 8) + " bytes", "upper layer " + (first.isEmpty() ? "empty" : first)
                + ", then " + member.sh("stat -c %s ../upper/data/large") + " bytes"), outside(size + " bytes", outside.sh("stat -c '%s bytes' " + place + "/image/data/large")));
        lab.claim("overlay.mapped-before", inside("inode " + inode + ", opened before: " + mine + ", mapped before: " + old, member.sh("echo inode $(stat -c %i etc/motd), opened before: $(cat <&5)")
                + ", mapped before: " + new String(mapped.getByteArray(0, 8), US_ASCII)), outside(old, outside.sh("cat " + place + "/image/etc/motd")));
        member.sh("rm data/other");
        lab.claim("overlay.whiteout", inside("large, in the upper layer character special file 0:0", member.sh("echo $(ls data), in the upper layer $(LC_ALL=C stat -c '%F %t:%T' ../upper/data/other)")),
                outside(old, outside.sh("cat " + place + "/image/data/other")));
        directories(lab, inside, member);
        refusals(lab, inside, mine);
        List<Child> containers = containers(lab, outside, inside, old, mine);

        lab.step("Other owners", "An overlay in a user namespace of its own; and a mount that shows other owners of its files.");
        Child rootless = inside.clone(CLONE_NEWUSER | CLONE_NEWNS, call("mount", "overlay", place + "/c/root", "overlay", 0L, layers("/c") + ",userxattr"), call("chdir", place + "/c/root"));
        standsIn(rootless, "cwd", place + "/c/root");
        lab.claim("overlay.in-a-user-namespace", inside("another user namespace, " + old + ", then " + mine,
                (Namespace.USER.of(rootless.pid).equals(inside.link(Namespace.USER)) ? "the same" : "another") + " user namespace, " + rootless.sh("echo $(cat etc/motd), then $(printf " + mine + " > etc/motd; cat etc/motd)")),
                outside("upper " + mine + ", image " + old, outside.sh("cd " + place + "; echo upper $(cat c/upper/etc/motd), image $(cat image/etc/motd)")));
        idMapped(lab, inside);
        lab.claim("overlay.lower-never-written", outside(before, fingerprint(outside)));
        lab.look(member.pid, inside::shell, "host=" + host.pid, "a=" + containers.get(0).pid, "b=" + containers.get(1).pid, "rootless=" + rootless.pid);

        lab.step("Clean-up", "The threads end, their children by the signal that they asked for, and the mount namespaces with them.");
        String link = inside.link(Namespace.MNT), hostLink = outside.link(Namespace.MNT);
        inside.close();
        outside.close();
        lab.gone(link);
        lab.gone(hostLink);
        lab.next("Docker's layers are such directories: docker inspect shows their LowerDir, UpperDir, WorkDir and MergedDir. In a second"
                + " terminal: ./build.sh run Overlay --hold, then ls -lR /proc/PID/root" + place + "/a/upper.");
    }

    /**
     * Proves, before a child's shell changes anything, that its root or working directory (cwd) is an overlay of the lab: a step of
     * a child may fail unseen, and the shell would then stand in the machine's own root.
     */
    static void standsIn(Child child, String what, String directory) {
        child.sh("true"); // its steps are done
        String point = what.equals("root") ? "/" : directory, mount = Proc.mountsAt(Proc.read("/proc/" + child.pid + "/mountinfo"), point);
        boolean there = what.equals("root") || Proc.readlink("/proc/" + child.pid + "/cwd").equals(directory);
        if (!there || !mount.contains(" - overlay ") || !mount.contains("upperdir=" + directory.replaceAll("root$", "upper"))) {
            throw new IllegalStateException(what + " of the child is not the overlay " + directory + " but '" + mount + "'; nothing was changed");
        }
    }

    /** What the lower layers hold: every name, kind, owner, size and time of change, and the contents that the lab made. */
    static String fingerprint(Caller caller) {
        return caller.sh("cd " + place + "; { find image patch -exec stat -c '%n %F %u %s %Y' {} +; find image/etc image/data image/cache image/" + own + " patch -type f -exec cat {} +; } | cksum");
    }

    /** The options of a mount of overlayfs with an upper layer; redirect_dir would let directories be renamed, at the price of more notes. */
    static String layers(String container) {
        return "lowerdir=" + lower + ",upperdir=" + place + container + "/upper,workdir=" + place + container + "/work";
    }

    static void overlay(String target, String options) {
        mount("overlay", place + target, "overlay", 0, options + (!options.contains("upperdir") ? "" : trusted ? ",redirect_dir=off" : ",userxattr"));
    }

    /** The first overlay: what it fails with concerns all others. */
    static void first() {
        try {
            overlay("/a/root", layers("/a"));
        } catch (LastErrorException e) {
            throw new Problem("mount(overlay)", e.getErrorCode(), switch (Errno.name(e.getErrorCode())) {
                case "ENODEV" -> new Diagnosis(true, "this kernel (" + Machine.kernel() + ") has no overlayfs: it is not in /proc/filesystems",
                        "as root: modprobe overlay; or use a kernel with CONFIG_OVERLAY_FS");
                case "EPERM" -> new Diagnosis(true, "this kernel (" + Machine.kernel() + ") lets nobody mount overlayfs in a user namespace",
                        "run the lab as root, or use Linux 5.11 or newer");
                default -> Diagnosis.of("mount(overlay)", e.getErrorCode(), 0);
            });
        }
    }

    static void directories(Lab lab, Caller inside, Child member) {
        lab.step("Directories", "A directory is in all layers at once, which makes it hard to rename and to empty.");
        String root = place + "/a/root", attribute = (trusted ? "trusted" : "user") + ".overlay.opaque";
        lab.claim("overlay.rename-directory", inside("directory: EXDEV, file: success, character special file 0:0",
                "directory: " + inside.errno(() -> rename(root + "/sys", root + "/system"))
                + ", file: " + inside.errno(() -> rename(root + "/etc/group", root + "/etc/groups")) + ", " + member.sh("LC_ALL=C stat -c '%F %t:%T' ../upper/etc/group")));
        if (inside.errno(() -> lgetxattr(place, "user.none", new byte[1], 1)).equals("EOPNOTSUPP") && !trusted) {
            lab.cannot("overlay.opaque", "the tmpfs of this kernel (" + Machine.kernel() + ") has no attributes user.*, so this user can make no opaque directory;"
                    + " run the lab as root, or use Linux 6.6 or newer");
            return;
        }
        member.sh("rm -r cache; mkdir cache");
        byte[] value = new byte[1];
        lab.claim("overlay.opaque", inside("success y, empty", inside.errno(() -> lgetxattr(place + "/a/upper/cache", attribute, value, 1)) + " " + (char) value[0]
                + ", " + member.sh("ls cache | grep . || echo empty")), outside("entry", inside.sh("ls " + place + "/image/cache")));
    }

    /** What overlayfs does not take as a layer. */
    static void refusals(Lab lab, Caller inside, String mine) {
        lab.step("Refused", "Not every directory can be a layer.");
        inside.run(() -> overlay("/shown", "lowerdir=" + lower));
        lab.claim("overlay.read-only", inside("EROFS", inside.errno(() -> mkdir(place + "/shown/" + mine, 0755))));
        inside.run(() -> umount2(place + "/shown", 0));
        inside.run(() -> mount("elsewhere", place + "/elsewhere", "tmpfs", 0, null));
        String c = "lowerdir=" + place + "/image,upperdir=" + place + "/c/upper,workdir=" + place;
        lab.claim("overlay.work-beside-upper", inside("elsewhere: EINVAL, the same: EINVAL, beside: success", "elsewhere: " + inside.errno(() -> overlay("/c/root", c + "/elsewhere"))
                + ", the same: " + inside.errno(() -> overlay("/c/root", c + "/c/upper")) + ", beside: " + inside.errno(() -> overlay("/c/root", c + "/c/work"))));
        inside.run(() -> umount2(place + "/c/root", 0));

        String a = place + "/a/root";
        String upper = inside.errno(() -> overlay("/c/root", "lowerdir=" + place + "/image,upperdir=" + a + "/tmp,workdir=" + a + "/sys"));
        String two = inside.errno(() -> overlay("/shown", "lowerdir=" + a + ":" + place + "/empty"));
        String three = inside.errno(() -> overlay("/c/root", "lowerdir=" + place + "/shown:" + place + "/empty"));
        lab.claim("overlay.on-an-overlay", inside("as lower layer: success " + mine + ", as upper layer: EINVAL, a third one: EINVAL", "as lower layer: " + two + " "
                + inside.sh("cat " + place + "/shown/etc/motd") + ", as upper layer: " + upper + ", a third one: " + three));
        inside.run(() -> umount2(place + "/shown", 0));
    }

    /** A container needs little more than that its root is an overlay. */
    static List<Child> containers(Lab lab, Caller outside, Caller inside, String old, String mine) {
        lab.step("Two containers", "Each has its own upper layer over the same image, and moves into it by pivot_root(2).");
        inside.run(() -> overlay("/b/root", layers("/b")));
        List<Child> containers = Stream.of("/a", "/b").map(name -> inside.clone(CLONE_NEWNS, call("chdir", place + name + "/root"),
                call("mount", "/dev/null", "dev/null", null, MS_BIND, null), call("pivot_root", ".", "."), call("umount2", ".", MNT_DETACH))).toList();
        Child a = containers.get(0), b = containers.get(1);
        standsIn(a, "root", place + "/a/root");
        standsIn(b, "root", place + "/b/root");
        a.sh("rm /" + own + "/program; printf " + mine + " > /" + own + "/changed-in-a");
        b.sh("printf " + mine + " > /" + own + "/changed-in-b");
        lab.claim("overlay.container-root", inside("changed-in-a", a.sh("ls /" + own)), outside("program", outside.sh("ls " + place + "/image/" + own)));
        lab.claim("overlay.shared-lower", inside("changed-in-b program, " + old, b.sh("echo $(ls /" + own + "), $(cat /etc/motd)")),
                outside("changed-in-b", outside.sh("ls " + place + "/b/upper/" + own)));
        return containers;
    }

    /** The map of a user namespace says who is shown as whom: a file of uid {@code stored} as one of {@code shown}; mount_setattr(2), Idmapped mounts. */
    static void idMapped(Lab lab, Caller inside) {
        int stored = trusted ? lab.token().number("stored", 1000, 30000) : 0, shown = trusted ? lab.token().number("shown", 30000, 60000) : 65534;
        inside.sh("cd " + place + "; : > empty/file; chown " + stored + " empty/file");
        String map = trusted ? stored + " " + shown + " 1" : "1 0 1"; // an ordinary user has but one uid to map; whom the map leaves out is nobody
        String errno;
        try (Child holder = inside.call(() -> Child.clone(CLONE_NEWUSER, new UserMap("deny", map, map)))) {
            int users = open("/proc/" + holder.pid + "/ns/user", O_RDONLY | O_CLOEXEC, 0);
            errno = inside.errno(() -> {
                Memory from = new Memory(100), to = new Memory(100), none = new Memory(1), attributes = new Memory(32); // struct mount_attr
                from.setString(0, place + "/empty");
                to.setString(0, place + "/shown");
                none.clear();
                attributes.clear();
                attributes.setLong(0, MOUNT_ATTR_IDMAP);
                attributes.setLong(24, users);
                int tree = (int) syscall(SYS_open_tree, AT_FDCWD, Pointer.nativeValue(from), OPEN_TREE_CLONE | O_CLOEXEC, 0, 0, 0);
                syscall(SYS_mount_setattr, tree, Pointer.nativeValue(none), AT_EMPTY_PATH, Pointer.nativeValue(attributes), 32, 0);
                syscall(SYS_move_mount, tree, Pointer.nativeValue(none), AT_FDCWD, Pointer.nativeValue(to), MOVE_MOUNT_F_EMPTY_PATH, 0);
                close(tree);
            });
            close(users);
        }
        if (errno.equals("ENOSYS") || errno.equals("EINVAL")) {
            lab.cannot("overlay.id-mapped-layer", "this kernel (" + Machine.kernel() + ") has no id-mapped mounts of tmpfs; use Linux 6.3 or newer");
        } else {
            lab.claim("overlay.id-mapped-layer", inside("success, owner " + shown + ", by the other path " + stored, errno + ", owner " + inside.sh("cd " + place
                    + "; echo $(stat -c %u shown/file), by the other path $(stat -c %u empty/file)")));
        }
    }
}
