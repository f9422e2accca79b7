///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/OrdinaryUser.java
//SOURCES kit/Tmpfs.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kit.*;

/** Write the maps that say who is who in a user namespace, and try what is refused; user_namespaces(7), newuidmap(1), subuid(5). */
public class Maps {
    static final String QUESTION = "Who decides which ids a user namespace has, and what may they be?";

    static final String CLAIMS = """
        maps.starts-empty          | USR-16 | uid_map is empty until it is written.
        maps.only-the-own-id       | USR-08 | Without privilege one maps one's own id and no other: another id, or two, give EPERM.
        maps.deny-before-gid-map   | USR-07 | Without privilege gid_map can be written only after "deny" in setgroups: EPERM before.
        maps.written-once          | USR-06 | uid_map is written once: a second write gives EPERM.
        maps.depends-on-reader     | USR-17 | The second column of uid_map is in terms of the user namespace of whoever reads it.
        maps.initial-map           | USR-18 | In the initial user namespace uid_map reads "0 0 4294967295": every id is itself.
        maps.setgroups-refused     | USR-22 | setgroups(2) fails with EPERM until gid_map is written, and for ever after "deny".
        maps.setuid-only-to-mapped | USR-14 | setuid(2) to an id that is not mapped fails with EINVAL; to a mapped one it succeeds.
        maps.needs-dumpable        | USR-34 | A process that is not dumpable may not open its own uid_map to write: EACCES.
        maps.at-most-340-lines     | USR-20 | A map may have 340 lines; 341 give EINVAL.
        maps.subuid-ranges-only    | USR-10 | newuidmap(1) lets an ordinary user map the ranges of /etc/subuid, and no others.
        maps.several-ranges        | USR-09 | A writer with CAP_SETUID in the parent namespace maps several lines and ranges.
        maps.set-user-id-ignored   | USR-30 | The set-user-ID bit does nothing where the file's owner is not mapped.
        """;

    public static void main(String[] args) {
        new Lab("Maps", QUESTION, CLAIMS).startsOnHost().main(args, Maps::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("Anybody may make a user namespace and be root there. May you map the id of your neighbour as well? Two ids, or 340?"
                + " May you change your mind afterwards? And who would write a map of many ids for you?");

        lab.step("Before", "One thread of this JVM makes the calls, as an ordinary user."
                + " If you are root, who may write any map, it becomes uid " + OrdinaryUser.UID + " first.");
        Caller student = OrdinaryUser.thread("student");
        int uid = student.call(Libc::getuid), gid = student.call(Libc::getgid);
        lab.show("uid " + uid + ", gid " + gid + ", CapEff " + Proc.status(student.tid(), "CapEff") + ", " + student.link(Namespace.USER));

        lab.step("Change", "clone(CLONE_NEWUSER), for two children that nobody writes a map for, and for a third that has one.");
        int number = lab.token().number("sibling", 2, 60000);
        Child inside = student.call(() -> Child.clone(CLONE_NEWUSER, UserMap.NONE));
        Child unmapped = student.call(() -> Child.clone(CLONE_NEWUSER, UserMap.NONE));
        Child sibling = student.call(() -> Child.clone(CLONE_NEWUSER, new UserMap("deny", number + " " + uid + " 1", number + " " + gid + " 1")));
        String proc = "/proc/" + inside.pid;
        lab.sides("", "inside", "outside");
        lab.sides("uid without a map", inside.sh("id -u"), id(inside));
        lab.claim("maps.starts-empty", inside("", inside.sh("cat /proc/self/uid_map")), outside("", Proc.read(proc + "/uid_map")));

        lab.step("The map", "The student writes uid_map, setgroups and gid_map of the first child, and tries first what is refused.");
        lab.claim("maps.only-the-own-id", inside("another uid: EPERM, two uids: EPERM",
                "another uid: " + student.errno(() -> Proc.write(proc + "/uid_map", "0 " + (uid + 1) + " 1"))
                        + ", two uids: " + student.errno(() -> Proc.write(proc + "/uid_map", "0 " + uid + " 2"))));
        if (Proc.read("/proc/self/setgroups").equals("deny")) {
            lab.cannot("maps.deny-before-gid-map", "setgroups is denied in this user namespace already, and so in all below; run the lab on the host");
            student.run(() -> Proc.write(proc + "/gid_map", "0 " + gid + " 1"));
        } else {
            lab.claim("maps.deny-before-gid-map", inside("before: EPERM, deny: success, after: success",
                    "before: " + student.errno(() -> Proc.write(proc + "/gid_map", "0 " + gid + " 1"))
                            + ", deny: " + student.errno(() -> Proc.write(proc + "/setgroups", "deny"))
                            + ", after: " + student.errno(() -> Proc.write(proc + "/gid_map", "0 " + gid + " 1"))));
        }
        lab.claim("maps.written-once", inside("first: success, second: EPERM",
                "first: " + student.errno(() -> Proc.write(proc + "/uid_map", "0 " + uid + " 1"))
                        + ", second: " + student.errno(() -> Proc.write(proc + "/uid_map", "0 " + uid + " 1"))));

        lab.step("Inside and outside", "The same process and the same map, from here and there.");
        lab.sides("", "inside", "outside");
        lab.sides("uid with the map", inside.sh("id -u"), id(inside));
        lab.sides("uid of the sibling", sibling.sh("id -u"), id(sibling));
        lab.claim("maps.depends-on-reader", inside("0 " + uid + " 1", map(inside.sh("cat /proc/self/uid_map"))),
                outside("from the sibling: 0 " + number + " 1", "from the sibling: " + map(sibling.sh("cat " + proc + "/uid_map"))));
        if (student.link(Namespace.USER).equals(Namespace.INITIAL_USER)) {
            lab.claim("maps.initial-map", outside("0 0 4294967295", map(Proc.read("/proc/self/uid_map"))));
        } else {
            lab.cannot("maps.initial-map", "this machine's first process that we can see is in " + student.link(Namespace.USER)
                    + ", which is not the initial user namespace, as in a container; run the lab on the host");
        }
        whatMapsAllow(lab, student);
        manyLines(lab, student);
        Child ranged = severalRanges(lab, student, uid, gid);
        lab.look(inside.pid, () -> student.call(() -> Child.interactive(CLONE_NEWUSER, UserMap.root(), List.of(), "/bin/sh")),
                "unmapped=" + unmapped.pid, "sibling=" + sibling.pid, "ranged=" + ranged.pid);

        lab.step("Clean-up", "The children end, and their namespaces with them.");
        String left = student.call(() -> Namespace.USER.of(inside.pid)); // root without CAP_SYS_PTRACE may not look
        List.of(inside, unmapped, sibling, ranged).forEach(Child::close);
        student.close();
        lab.gone(left);
        lab.next("unshare --user sh, and in a second terminal, with the PID of that shell: echo \"0 $(id -u) 1\" > /proc/PID/uid_map.");
    }

    /** What a process in a user namespace may do to its own ids, which depends on its maps. */
    static void whatMapsAllow(Lab lab, Caller student) {
        lab.step("What the maps allow", "Children try, each in a user namespace of its own: setgroups(2), setresuid(2), open(2) of uid_map.");
        UserMap root = student.call(UserMap::root);
        var setgroups = call("syscall", SYS_setgroups, 0L, 0L);
        lab.claim("maps.setgroups-refused", inside("no map: EPERM, deny: EPERM",
                "no map: " + student.errnos(CLONE_NEWUSER, UserMap.NONE, setgroups).get(0)
                        + ", deny: " + student.errnos(CLONE_NEWUSER, root, setgroups).get(0)));
        lab.claim("maps.setuid-only-to-mapped", inside("to 1: EINVAL, to 0: success", "to 1: %s, to 0: %s".formatted(student.errnos(CLONE_NEWUSER, root,
                call("syscall", SYS_setresuid, 1L, 1L, 1L), call("syscall", SYS_setresuid, 0L, 0L, 0L)).toArray())));
        // As after setuid(2) from root: the files of such a process in /proc belong to root, whom the new map does not know.
        var open = call("open", "/proc/self/uid_map", O_WRONLY);
        lab.claim("maps.needs-dumpable", inside("dumpable: success, not dumpable: EACCES", "dumpable: %1$s, not dumpable: %3$s".formatted(
                student.errnos(CLONE_NEWUSER, UserMap.NONE, open, call("prctl", PR_SET_DUMPABLE, 0L, 0L, 0L, 0L), open).toArray())));
    }

    /** How long a map may be; five lines before Linux 4.15. */
    static void manyLines(Lab lab, Caller student) {
        if (!Machine.privileged()) {
            lab.cannot("maps.at-most-340-lines", "without CAP_SETUID and CAP_SYS_ADMIN here one may map one id in one line; run the lab as root");
            return;
        }
        lab.step("Many lines", "Root writes a map of one line for each id.");
        String lines = IntStream.range(0, 340).mapToObj(i -> i + " " + (1000 + i) + " 1\n").collect(Collectors.joining());
        try (Child many = student.call(() -> Child.clone(CLONE_NEWUSER, UserMap.NONE))) {
            String file = "/proc/" + many.pid + "/uid_map";
            lab.claim("maps.at-most-340-lines", inside("341: EINVAL, 340: success, then 340 lines",
                    "341: " + Errno.of(() -> Proc.write(file, lines + "340 1340 1\n")) + ", 340: " + Errno.of(() -> Proc.write(file, lines))
                            + ", then " + Proc.read(file).lines().count() + " lines"));
        }
    }

    /** Maps with more than one id: newuidmap(1) writes them for ordinary users, and root for anybody. */
    static Child severalRanges(Lab lab, Caller student, int uid, int gid) {
        lab.step("Several ranges", "Whoever has CAP_SETUID in the parent namespace writes any map."
                + " newuidmap(1) has it, and asks /etc/subuid first.");
        Caller lender = Machine.privileged() ? lentRanges(uid) : student;
        long[] uids = lineFor(lender, "subuid"), gids = lineFor(lender, "subgid");
        Diagnosis noNewPrivileges = !Proc.status("self", "NoNewPrivs").equals("1") ? null : new Diagnosis(true, "no_new_privs is set"
                + " for this process, so that set-user-ID programs such as newuidmap(1) raise nothing, as in some containers", "run the lab without it");
        Diagnosis obstacle = !Machine.has("newuidmap") ? Diagnosis.missing("newuidmap", "uidmap")
                : uids == null || gids == null ? new Diagnosis(true, "/etc/subuid or /etc/subgid has no line for uid " + uid,
                        "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME")
                : noNewPrivileges;

        int[] gate = new int[2]; // it must not call execve(2) before it is mapped: that would take its capabilities
        pipe2(gate, O_CLOEXEC);
        Child ranged = lender.call(() -> Child.clone(CLONE_NEWUSER | CLONE_NEWNS, UserMap.NONE, call("read", gate[0], new Memory(1), 1L)));
        long first = uids == null ? 100000 : uids[0];
        if (!mapped(first, 11)) {
            lab.cannot(new Diagnosis(true, "the ids from " + first + " on are not mapped in the user namespace that this process stands in",
                    "run the lab outside of it"), "maps.subuid-ranges-only", "maps.several-ranges", "maps.set-user-id-ignored");
            return ranged;
        }
        if (obstacle == null) {
            Output others = lender.command("newuidmap " + ranged.pid + " 0 " + uid + " 1 1 " + (first + uids[1]) + " 1");
            Output own = lender.command("newuidmap " + ranged.pid + " 0 " + uid + " 1 1 " + first + " 9 500 " + (first + 9)
                    + " 1 && newgidmap " + ranged.pid + " 0 " + gid + " 1 1 " + gids[0] + " 9");
            lab.claim("maps.subuid-ranges-only", inside("the next uid after the range: refused, the range: success",
                    "the next uid after the range: " + (others.ok() ? "success" : "refused") + ", the range: " + (own.ok() ? "success" : own.text())));
        } else if (Machine.privileged()) {
            lab.cannot(obstacle, "maps.subuid-ranges-only");
            Proc.write("/proc/" + ranged.pid + "/uid_map", "0 " + uid + " 1\n1 " + first + " 9\n500 " + (first + 9) + " 1\n");
            Proc.write("/proc/" + ranged.pid + "/gid_map", "0 " + gid + " 1\n1 " + first + " 9\n");
        } else {
            lab.cannot(obstacle, "maps.subuid-ranges-only", "maps.several-ranges", "maps.set-user-id-ignored");
            return ranged;
        }
        write(gate[1], new byte[1], 1);
        lab.claim("maps.several-ranges", inside("0 " + uid + " 1, 1 " + first + " 9, 500 " + (first + 9) + " 1; setuid(500): 500",
                map(ranged.sh("cat /proc/self/uid_map")) + "; setuid(500): " + ranged.sh("setpriv --reuid 500 id -u")));
        // A copy of id(1) that is uid 1's, with the set-user-ID bit, run by uid 2: here, and where uid 2 alone is mapped.
        ranged.sh("mount -t tmpfs none /tmp && cp $(command -v id) /tmp/id && chown 1:1 /tmp/id && chmod 4755 /tmp/id");
        if (noNewPrivileges == null) {
            lab.claim("maps.set-user-id-ignored", outside("1", ranged.sh("setpriv --reuid 2 /tmp/id -u")),
                    inside("0", ranged.sh("setpriv --reuid 2 unshare --user --map-root-user /tmp/id -u")));
        } else {
            lab.cannot(noNewPrivileges, "maps.set-user-id-ignored");
        }
        return ranged;
    }

    /** The student with lines in /etc/subuid and /etc/subgid: mounts that only this thread and its children see. */
    static Caller lentRanges(int uid) {
        Caller root = new Caller("subuid");
        root.unshare(CLONE_NEWNS);
        String files = Tmpfs.mount(root);
        root.sh("lend() { { cat /etc/$1; echo $2; } >" + files + "/$1 && mount --bind " + files + "/$1 /etc/$1; }; lend passwd student:x:"
                + uid + ":" + uid + "::/:/bin/sh; lend subuid student:100000:65536; lend subgid student:100000:65536");
        root.become(uid);
        return root;
    }

    /** The start and the length of the range that /etc/subuid or /etc/subgid gives to a thread's user; null if none. */
    static long[] lineFor(Caller caller, String file) {
        String[] line = caller.sh("grep -E \"^($(id -un)|$(id -u)):\" /etc/" + file + " | head -n 1").split(":");
        return line.length == 3 ? new long[] {Long.parseLong(line[1]), Long.parseLong(line[2])} : null;
    }

    /** Whether ids exist in this process's own user namespace; nobody can map others for a child. */
    static boolean mapped(long first, long count) {
        return Proc.read("/proc/self/uid_map").lines().map(line -> line.strip().split(" +"))
                .anyMatch(line -> Long.parseLong(line[0]) <= first && first + count <= Long.parseLong(line[0]) + Long.parseLong(line[2]));
    }

    /** The lines of a map as one, with one blank between the fields. */
    static String map(String text) {
        return text.strip().replaceAll("\n *", ", ").replaceAll(" +", " ");
    }

    /** The real uid of a process, as the host knows it. */
    static String id(Child child) {
        return Proc.status(child.pid, "Uid").split(" ")[0];
    }
}
