///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/OrdinaryUser.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.List;
import kit.*;

/** Make an ordinary user root of a namespace, and see what that root may do; user_namespaces(7), clone(2), capabilities(7). */
public class User {
    static final String QUESTION = "How can one process be root and an ordinary user at the same time?";

    static final String CLAIMS = """
        user.anybody-makes-one          | USR-01        | A process without any capability makes a user namespace.
        user.nobody-before-the-map      | USR-02        | Before the map is written the ids inside are 65534; the host still sees the real ones.
        user.every-capability-inside    | USR-03        | The first process inside has every capability, though its creator had none.
        user.execve-drops-them          | USR-13        | execve(2) as an unmapped uid, or as any but 0, drops all capabilities.
        user.root-here-student-there    | USR-04        | With the map "0 UID 1" getuid(2) gives 0 inside, while the host sees UID.
        user.execve-as-root-keeps-them  | USR-13        | execve(2) as uid 0 inside keeps all capabilities.
        user.files-belong-outside       | USR-05        | A file that root makes inside belongs to the mapped user outside.
        user.unmapped-owner-is-nobody   | USR-12        | A file whose owner is not mapped shows owner 65534 inside.
        user.no-power-over-the-host     | USR-11        | To root inside the host refuses its name and its files (EPERM), and /etc/shadow (EACCES).
        user.owner-decides              | USR-15        | Root inside sets up the network that its user namespace owns, and not the host's: EPERM.
        user.device-needs-the-host-root | USR-32        | mknod(2) of a device needs CAP_MKNOD in the initial user namespace: EPERM inside.
        user.nesting-limit              | USR-21        | User namespaces nest 33 deep; the next one fails with ENOSPC (the man page: 32, EUSERS).
        user.owner-enters               | USR-28        | Whoever made a user namespace may enter it with setns(2), without root.
        user.setns-to-own               | USR-26        | setns(2) to the user namespace in which the caller already is fails with EINVAL.
        user.setns-needs-one-thread     | USR-25        | setns(2) to a user namespace from a process with several threads fails with EINVAL.
        user.unshare-needs-one-thread   | USR-24        | unshare(CLONE_NEWUSER) in a process with several threads, as a JVM, fails with EINVAL.
        user.clone-fs-refused           | USR-33        | clone(2) with CLONE_NEWUSER|CLONE_FS fails with EINVAL.
        user.who-owns-what              | USR-29 USR-15 | ioctl_ns(2) tells the uid that made a user namespace, its parent, and what it owns.
        """;

    static final String NONE = "0".repeat(16); // CapEff without any capability

    public static void main(String[] args) {
        new Lab("User", QUESTION, CLAIMS).startsOnHost().main(args, User::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process without any privilege becomes root in a user namespace. What may this root do: read /etc/shadow? "
                + "mount a file system? rename the machine? Whose are the files that it makes?");

        lab.step("Before", "One thread of this JVM makes the calls, as an ordinary user."
                + " If you are root, who needs none of this, it becomes uid " + OrdinaryUser.UID + " first.");
        Caller student = OrdinaryUser.thread("student");
        int uid = student.call(Libc::getuid), gid = student.call(Libc::getgid);
        lab.show("uid " + uid + ", gid " + gid + ", CapEff " + Proc.status(student.tid(), "CapEff") + ", " + student.link(Namespace.USER));

        lab.step("Change", "clone(CLONE_NEWUSER), three times: without a map, and stopped before its execve(2); without a map; and as uid 5.");
        Child unmapped = student.call(() -> Child.clone(CLONE_NEWUSER, UserMap.NONE, call("pause")));
        Child nobody = student.call(() -> Child.clone(CLONE_NEWUSER, UserMap.NONE));
        Child five = student.call(() -> Child.clone(CLONE_NEWUSER, new UserMap("deny", "5 " + uid + " 1", "5 " + gid + " 1")));
        String link = student.call(() -> Namespace.USER.of(unmapped.pid)); // root without CAP_SYS_PTRACE may not look
        lab.claim("user.anybody-makes-one", inside("another user namespace", link, !link.equals(student.link(Namespace.USER))),
                outside("CapEff " + NONE, "CapEff " + Proc.status(student.tid(), "CapEff")));
        lab.claim("user.nobody-before-the-map", inside("65534 65534", nobody.sh("echo $(id -u) $(id -g)")),
                outside(uid + " " + gid, id(nobody, "Uid") + " " + id(nobody, "Gid")));
        lab.claim("user.every-capability-inside", inside(all(), Proc.status(unmapped.pid, "CapEff")),
                outside(NONE, Proc.status(student.tid(), "CapEff")));
        lab.claim("user.execve-drops-them", inside("as 65534: " + NONE + ", as 5: " + NONE, "as " + nobody.sh("id -u") + ": "
                + Proc.status(nobody.pid, "CapEff") + ", as " + five.sh("id -u") + ": " + Proc.status(five.pid, "CapEff")));

        // tag::change[]
        Child inside = student.clone(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET); // the kit writes the map
        Child alone = student.clone(CLONE_NEWUSER);
        // end::change[]
        lab.step("Inside and outside", "clone(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWNET), and the map \"0 " + uid + " 1\".");
        String file = lab.token().hex("file");
        inside.sh("mount -t tmpfs none /tmp && echo mine > /tmp/" + file);
        lab.sides("", "inside", "outside");
        lab.sides("/proc/PID/ns/user", inside.sh("readlink /proc/self/ns/user"), student.link(Namespace.USER));
        lab.sides("uid", inside.sh("id -u"), id(inside, "Uid"));
        lab.sides("owner of the new file", inside.sh("stat -c %u /tmp/" + file),
                student.sh("stat -c %u /proc/" + inside.pid + "/root/tmp/" + file));
        lab.sides("owner of /proc/version", inside.sh("stat -c %u /proc/version"), student.sh("stat -c %u /proc/version"));
        lab.claim("user.root-here-student-there", inside("0 0", inside.sh("echo $(id -u) $(id -g)")),
                outside(uid + " " + gid, id(inside, "Uid") + " " + id(inside, "Gid")));
        lab.claim("user.execve-as-root-keeps-them", inside(all(), inside.sh("sed -n 's/CapEff:\t//p' /proc/self/status")),
                outside(NONE, student.sh("sed -n 's/CapEff:\t//p' /proc/self/status")));
        lab.claim("user.files-belong-outside", inside("0 " + file, inside.sh("cd /tmp; stat -c '%u %n' *")),
                outside(uid + " " + file, student.sh("cd /proc/" + inside.pid + "/root/tmp; stat -c '%u %n' *")));
        if (student.sh("stat -c %u /proc/version").equals("65534")) {
            lab.cannot("user.unmapped-owner-is-nobody", "root of the host is not mapped in this user namespace either; run the lab on the host");
        } else {
            lab.claim("user.unmapped-owner-is-nobody", inside("65534", inside.sh("stat -c %u /proc/version")),
                    outside("0", student.sh("stat -c %u /proc/version")));
        }
        lab.look(inside.pid, () -> student.call(() ->
                        Child.interactive(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET, UserMap.root(), List.of(), "/bin/sh")),
                "alone=" + alone.pid, "unmapped=" + unmapped.pid, "nobody=" + nobody.pid, "five=" + five.pid);

        whatThisRootMayDo(lab, student, inside, alone);
        whoMayEnter(lab, student, inside, uid);

        lab.step("Clean-up", "The children end with the thread that made them.");
        String left = student.call(() -> Namespace.USER.of(inside.pid));
        List.of(unmapped, nobody, five, inside, alone).forEach(Child::close);
        student.close();
        lab.gone(left);
        lab.next("./build.sh run User --hold; then, as the same user: nsenter --user --preserve-credentials --target PID id");
    }

    /** Everything in its own namespaces, nothing in those of the host. Only the student's children try it, who are refused. */
    static void whatThisRootMayDo(Lab lab, Caller student, Child inside, Child alone) {
        lab.step("What this root may do", "Two children: one also has a mount and a network namespace of its own, one has nothing else.");
        String hostname = gethostname();
        lab.claim("user.no-power-over-the-host", inside("sethostname EPERM, chown EPERM, open EACCES", "sethostname %s, chown %s, open %s".formatted(
                student.errnos(CLONE_NEWUSER, student.call(UserMap::root), call("sethostname", hostname, (long) hostname.length()),
                        call("chown", "/dev/null", 0, 0), call("open", "/etc/shadow", O_RDONLY)).toArray())));
        if (Machine.has("ip")) {
            String up = "PATH=$PATH:/usr/sbin:/sbin LC_ALL=C ip link set lo up && echo success";
            lab.claim("user.owner-decides", inside("its own: success, the host's: RTNETLINK answers: Operation not permitted",
                    "its own: " + inside.sh(up) + ", the host's: " + alone.sh(up)));
        } else {
            lab.cannot(Diagnosis.missing("ip", "iproute2"), "user.owner-decides");
        }
        Output mknod = inside.run("LC_ALL=C mknod /tmp/null c 1 3");
        lab.claim("user.device-needs-the-host-root", inside("Operation not permitted", mknod.text(),
                !mknod.ok() && mknod.text().endsWith("Operation not permitted")));
        String nest = "f='echo level; exec unshare --user --map-root-user sh -c \"$f\"'; export f; LC_ALL=C sh -c \"$f\"";
        String nested = student.sh(nest);
        long levels = nested.lines().filter("level"::equals).count() - 1; // the first stands outside
        boolean fromTheTop = student.link(Namespace.USER).equals(Namespace.INITIAL_USER);
        lab.claim("user.nesting-limit", inside((fromTheTop ? "33" : "at most 33") + " levels, then No space left on device",
                levels + " levels, then " + nested.substring(nested.lastIndexOf(": ") + 2),
                (fromTheTop ? levels == 33 : levels < 33) && nested.endsWith("No space left on device")));
    }

    /** The way into a user namespace that exists, and the ways that a JVM does not have. */
    static void whoMayEnter(Lab lab, Caller student, Child inside, int uid) {
        lab.step("Who may enter", "The creator may, by setns(2); but not from a process with several threads, as this JVM is.");
        String user = "/proc/" + inside.pid + "/ns/user";
        int there = student.call(() -> open(user, O_RDONLY | O_CLOEXEC, 0));
        int here = student.call(() -> open("/proc/thread-self/ns/user", O_RDONLY | O_CLOEXEC, 0));
        lab.claim("user.owner-enters", inside("success", student.errnos(0, UserMap.NONE, call("setns", there, CLONE_NEWUSER)).get(0)));
        lab.claim("user.setns-to-own", inside("EINVAL", student.errnos(0, UserMap.NONE, call("setns", here, CLONE_NEWUSER)).get(0)));
        lab.claim("user.setns-needs-one-thread", outside("EINVAL", student.errno(() -> setns(there, CLONE_NEWUSER))));
        lab.claim("user.unshare-needs-one-thread", outside("EINVAL", student.errno(() -> unshare(CLONE_NEWUSER))),
                inside("with one thread: success", "with one thread: "
                        + student.errnos(0, UserMap.NONE, call("unshare", CLONE_NEWUSER)).get(0)));
        String refused = "success";
        try (Child child = student.clone(CLONE_NEWUSER | CLONE_FS)) {
            lab.show("clone(CLONE_NEWUSER|CLONE_FS) made " + child.pid);
        } catch (Problem e) {
            refused = Errno.name(e.errno);
        }
        lab.claim("user.clone-fs-refused", outside("EINVAL", refused));
        var owner = new Memory(4);
        student.run(() -> ioctl(there, NS_GET_OWNER_UID, owner));
        lab.claim("user.who-owns-what", inside("made by " + uid + ", below "
                        + student.link(Namespace.USER) + ", owner of its net: " + student.call(() -> Namespace.USER.of(inside.pid)),
                "made by " + owner.getInt(0) + ", below " + student.call(() -> new NamespaceFile(there).linkOf(NS_GET_PARENT))
                        + ", owner of its net: " + student.call(() -> NamespaceFile.linkOf(inside.pid, "net", NS_GET_USERNS))));
        close(there);
        close(here);
    }

    /** CapEff with all capabilities of this kernel. */
    static String all() {
        return String.format("%016x", (2L << Integer.parseInt(Machine.sysctl("kernel/cap_last_cap"))) - 1);
    }

    /** The first of a process's four ids, as the host knows it. */
    static String id(Child child, String name) {
        return Proc.status(child.pid, name).split(" ")[0];
    }
}
