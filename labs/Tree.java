///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/tree/Lsns.java
//SOURCES kit/tree/NamespaceIds.java
//SOURCES kit/tree/NamespaceTree.java
//SOURCES kit/tree/TreeTool.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;
import static kit.tree.NamespaceIds.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;
import kit.tree.NamespaceTree.Node;
import kit.tree.*;

/** Find the namespaces of a machine and how they belong together, and draw them; ioctl_ns(2), namespaces(7), lsns(8). */
public class Tree {
    static final String QUESTION = "Which namespaces are there on this machine, and what do they belong to?";

    static final String CLAIMS = """
        tree.finds-members          | GEN-03        | The links in /proc tell which processes are in a namespace: those with the same link.
        tree.owner                  | API-08 USR-29 | NS_GET_USERNS names the user namespace that owns a namespace: the one in which its maker was.
        tree.parents                | USR-29        | NS_GET_PARENT names the parent of a user namespace and of a PID namespace.
        tree.flat                   | UTS-13        | The other types have no parents: there NS_GET_PARENT gives EINVAL.
        tree.nothing-above          | API-08        | Who asks for the parent or the owner of the own user namespace gets EPERM.
        tree.scope                  | API-08        | An owner above the own user namespace is not told either: inside EPERM, while the host is told.
        tree.owner-uid              | API-09 USR-29 | NS_GET_OWNER_UID tells who made a user namespace, and gives EINVAL for another type.
        tree.only-namespaces        | API-09        | The ioctl(2)s of a namespace give ENOTTY for any other file.
        tree.without-a-process      | GEN-10        | A namespace without a process is found by what holds it, an open file, and its owner by asking the kernel.
        tree.lsns-agrees            | GEN-19        | lsns(8) lists a namespace with the same inode, type and number of processes, and with PID, uid and command of the first of them.
        tree.lsns-leaves-out        | GEN-19        | A namespace without a process, which only an open file holds, lsns(8) left out before util-linux 2.41.
        tree.translates-pids        | API-15        | NS_GET_PID_FROM_PIDNS tells what we call the number 1 of a PID namespace, NS_GET_PID_IN_PIDNS what it calls a process of ours.
        tree.ids-are-not-reused     | API-16        | A new namespace may get the inode of one that has ended, but never its id: NS_GET_MNTNS_ID.
        tree.ids-of-every-type      | API-16        | NS_GET_ID gives such an id for every type: two processes see the same if they share the namespace, else different ones.
        tree.listns                 | API-17        | listns(2) lists the ids of namespaces: to anybody those in which the caller is, to root also those that a user namespace owns.
        """;

    public static void main(String[] args) {
        if (TreeTool.isMeant(args)) {
            System.exit(TreeTool.main(args));
        }
        TreeTool tool = new TreeTool();
        new Lab("Tree", QUESTION, CLAIMS).startsOnHost().with(tool).main(args, lab -> experiment(lab, tool));
    }

    static void experiment(Lab lab, TreeTool tool) throws Exception {
        lab.predict("A process makes a user, a PID, a UTS and an IPC namespace, starts a program there, and makes another user, PID and UTS"
                + " namespace for a second program. Draw them: what is above what? In which of them is the process itself?");
        String first = "" + lab.token().number("first program", 100_000, 900_000), second = "" + lab.token().number("second program", 1_000_000, 9_000_000);

        lab.step("Before", "What lsns(8) and this lab know is in /proc: a namespace has no name and no list of members, but every process has links to its own.");
        Caller host = new Caller("host");
        lab.show("user namespace of this JVM: " + host.link(Namespace.USER));

        lab.step("Change", "clone(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWUTS|CLONE_NEWIPC); the child starts 'sleep " + first + "',"
                + " calls unshare(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWUTS) and starts 'sleep " + second + "'. Another child joins the first"
                + " user namespace, makes a user and a UTS namespace there, and ends: this JVM has the latter open.");
        Child maker = host.clone(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC, Child.spawn("/bin/sleep", first),
                call("unshare", CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWUTS), Child.spawn("/bin/sleep", second));
        maker.sh(":"); // it answers, so all that is done
        int outer = Proc.pidOf(Namespace.PID.of(maker.pid), "2"), inner = Proc.pidOf(Proc.readlink("/proc/" + maker.pid + "/ns/pid_for_children"), "1");
        NamespaceFile user = NamespaceFile.of(outer, "user");
        Child lost = host.clone(0, call("setns", user.fd(), CLONE_NEWUSER), call("unshare", CLONE_NEWUSER | CLONE_NEWUTS));
        lost.sh(":");
        user.close();
        NamespaceFile held = NamespaceFile.of(lost.pid, "uts");
        String lostUser = Namespace.USER.of(lost.pid);
        lost.close();

        lab.step("Inside and outside", "The tree from the first of the new user namespaces on, found again by its links, open files and ioctl(2).");
        NamespaceTree tree = NamespaceTree.read();
        String root = Namespace.USER.of(outer);
        lab.show(tree.below(root).text(inner, TreeTool.WIDTH));
        lab.sides("", "inside", "outside");
        for (Namespace type : List.of(Namespace.USER, Namespace.PID, Namespace.UTS, Namespace.IPC)) {
            lab.sides("/proc/PID/ns/" + type.proc, type.of(inner), type.of(host.tid()));
        }
        lab.claim("tree.finds-members", inside("sleep " + second, programs(tree.node(Namespace.PID.of(inner)))),
                outside("sleep " + first, programs(tree.node(Namespace.UTS.of(outer)))));
        relatives(lab, host, tree, maker.pid, outer, inner);
        lab.claim("tree.without-a-process", outside("[] held by fd " + held.fd() + " of " + NamespaceTree.name(getpid()) + ", owner " + lostUser + " [], below " + root,
                without(tree, held.link())));
        lsns(lab, host, tree, inner, held);
        lab.look(inner, () -> host.call(() -> Child.interactive(0, UserMap.NONE, List.of(call("setns", NamespaceFile.of(inner, "user").fd(), CLONE_NEWUSER),
                call("setns", NamespaceFile.of(inner, "uts").fd(), CLONE_NEWUTS)), "/bin/sh")), "outer=" + outer, "maker=" + maker.pid, "jvm=" + getpid(), "held=" + held.fd());
        newerKernels(lab, host, outer, inner);

        lab.step("This machine", "Everything that can be found from here, by who runs this lab. " + TreeTool.note(tree));
        lab.show(tree.text(getpid(), TreeTool.WIDTH));
        tool.write(tree, "Namespaces of this machine", getpid());

        lab.step("Clean-up", "The first process of the PID namespace ends, so all in it and below end as well; the file is closed.");
        maker.close();
        held.close();
        host.close();
        lab.gone(root);
        lab.next("./build.sh run User --hold, and in a second terminal: ./build.sh run Tree --pid PID --svg user.svg. Compare with: lsns --tree=owner.");
    }

    /** What the members of a namespace run. */
    static String programs(Node node) {
        return node.processes().keySet().stream().map(pid -> Proc.read("/proc/" + pid + "/cmdline").replaceFirst(".*/", "").replace('\0', ' ').strip())
                .collect(Collectors.joining(", "));
    }

    static String without(NamespaceTree tree, String link) {
        Node uts = tree.node(link), user = tree.node(uts.owner());
        return uts.processes().values() + " held by " + uts.holders().stream().map(NamespaceTree.Holder::words).collect(Collectors.joining(", ")) + ", owner " + user.link() + " " + user.processes().values() + ", below " + user.parent();
    }

    static void relatives(Lab lab, Caller host, NamespaceTree tree, int maker, int outer, int inner) {
        lab.step("Owners and parents", "ioctl(2) with an open /proc/PID/ns/TYPE: the kernel opens another namespace, and readlink(2) tells which.");
        NamespaceFile user = NamespaceFile.of(inner, "user"), pid = NamespaceFile.of(inner, "pid"), uts = NamespaceFile.of(inner, "uts"),
                above = NamespaceFile.of(outer, "uts"), own = host.call(() -> NamespaceFile.of(host.tid(), "user"));
        String userAbove = Namespace.USER.of(outer), pidAbove = Namespace.PID.of(outer);
        lab.claim("tree.owner", inside(user.link() + " " + user.link(), uts.linkOf(NS_GET_USERNS) + " " + tree.node(uts.link()).owner()),
                outside(userAbove + " " + host.link(Namespace.USER), above.linkOf(NS_GET_USERNS) + " " + tree.node(userAbove).owner()));
        lab.claim("tree.parents", inside(userAbove + " " + pidAbove, tree.node(user.link()).parent() + " " + tree.node(pid.link()).parent()),
                outside(host.link(Namespace.USER) + " " + host.link(Namespace.PID), tree.node(userAbove).parent() + " " + tree.node(pidAbove).parent()));
        List<Namespace> flat = types().stream().filter(type -> type != Namespace.USER && type != Namespace.PID).toList();
        lab.claim("tree.flat", inside(flat.stream().map(type -> type.proc + " EINVAL").toList(), flat.stream().map(type -> {
            NamespaceFile file = NamespaceFile.of(inner, type.proc);
            String errno = host.errno(() -> ioctl(file.fd(), NS_GET_PARENT, null));
            file.close();
            return type.proc + " " + errno;
        }).toList()));
        lab.claim("tree.nothing-above", outside("parent EPERM, owner EPERM", "parent " + host.errno(() -> ioctl(own.fd(), NS_GET_PARENT, null))
                + ", owner " + host.errno(() -> ioctl(own.fd(), NS_GET_USERNS, null))));
        List<String> there = host.errnos(0, UserMap.NONE, call("setns", user.fd(), CLONE_NEWUSER), call("ioctl", uts.fd(), NS_GET_USERNS, 0L),
                call("ioctl", above.fd(), NS_GET_USERNS, 0L), call("ioctl", user.fd(), NS_GET_PARENT, 0L));
        lab.claim("tree.scope", inside("its own UTS: success, the UTS above: EPERM, its parent: EPERM",
                "its own UTS: " + there.get(1) + ", the UTS above: " + there.get(2) + ", its parent: " + there.get(3)),
                outside(userAbove + " " + userAbove, above.linkOf(NS_GET_USERNS) + " " + user.linkOf(NS_GET_PARENT)));
        Memory uid = new Memory(4);
        uid.setInt(0, -1);
        host.run(() -> ioctl(user.fd(), NS_GET_OWNER_UID, uid));
        lab.claim("tree.owner-uid", inside("user: uid " + getuid() + ", UTS: EINVAL", "user: uid " + uid.getInt(0) + ", UTS: "
                + host.errno(() -> ioctl(uts.fd(), NS_GET_OWNER_UID, uid))));
        int file = open("/proc/version", O_RDONLY | O_CLOEXEC, 0);
        lab.claim("tree.only-namespaces", outside("ENOTTY ENOTTY ENOTTY", Stream.of(NS_GET_USERNS, NS_GET_PARENT, NS_GET_OWNER_UID)
                .map(request -> host.errno(() -> ioctl(file, request, uid))).collect(Collectors.joining(" "))));
        close(file);
        List.of(user, pid, uts, above, own).forEach(NamespaceFile::close);
    }

    static void lsns(Lab lab, Caller host, NamespaceTree tree, int inner, NamespaceFile held) {
        if (!Machine.has("lsns")) {
            lab.cannot(Diagnosis.missing("lsns", "util-linux"), "tree.lsns-agrees", "tree.lsns-leaves-out");
            return;
        }
        lab.step("lsns(8)", "It counts processes by the same links. It does not tell who holds what nobody is in.");
        List<Node> known = Stream.of(Namespace.USER, Namespace.PID, Namespace.UTS).map(type -> tree.node(type.of(inner))).toList();
        lab.claim("tree.lsns-agrees", outside(known.stream().map(node -> Lsns.line(node, getuid())).sorted().toList(), Lsns.lines(host, Lsns.COLUMNS, "--task", "" + inner)
                .stream().filter(line -> known.stream().anyMatch(node -> line.startsWith(Lsns.inode(node.link())))).sorted().toList()));
        String version = Lsns.version(host), owner = held.linkOf(NS_GET_USERNS);
        if (Lsns.since(version, 2, 41)) {
            lab.cannot("tree.lsns-leaves-out", "lsns " + version + " looks for open files as well; to see it, use one from before 2.41");
        } else {
            List<String> all = Lsns.lines(host, "NS");
            lab.claim("tree.lsns-leaves-out", outside("[" + Namespace.UTS.of(inner) + "]",
                    Stream.of(Namespace.UTS.of(inner), held.link(), owner).filter(link -> all.contains(Lsns.inode(link))).toList()));
        }
    }

    /** What kernels newer than 6.10 tell. */
    static void newerKernels(Lab lab, Caller host, int outer, int inner) {
        lab.step("Newer questions", "An inode names a namespace only while that lives; newer kernels also have numbers that are given once.");
        NamespaceFile pid = NamespaceFile.of(inner, "pid"), above = NamespaceFile.of(outer, "pid");
        ask(lab, "6.11", () -> lab.claim("tree.translates-pids", inside("1 is " + inner + ", " + inner + " is 1, and 3 above",
                "1 is " + ioctl(pid.fd(), NS_GET_PID_FROM_PIDNS, new Pointer(1)) + ", " + inner + " is " + ioctl(pid.fd(), NS_GET_PID_IN_PIDNS, new Pointer(inner))
                        + ", and " + ioctl(above.fd(), NS_GET_PID_IN_PIDNS, new Pointer(inner)) + " above")), "tree.translates-pids");
        ask(lab, "6.11", () -> {
            List<String> links = new ArrayList<>();
            TreeSet<Long> ids = new TreeSet<>();
            for (int i = 0; i < 2 || i < 200 && !links.subList(0, i - 1).contains(links.get(i - 1)); i++) {
                try (Child child = host.clone(CLONE_NEWUSER | CLONE_NEWNS)) {
                    links.add(Namespace.MNT.of(child.pid));
                    ids.add(NamespaceIds.of(child.pid, Namespace.MNT, NS_GET_MNTNS_ID));
                }
            }
            String last = links.get(links.size() - 1);
            lab.claim("tree.ids-are-not-reused", outside(last + " before, " + links.size() + " ids", last + (links.indexOf(last) < links.size() - 1 ? " before, " : " only now, ")
                    + ids.size() + " ids"));
        }, "tree.ids-are-not-reused");
        ask(lab, "6.18", () -> {
            TreeSet<Long> ids = new TreeSet<>();
            List<String> saw = types().stream().map(type -> {
                long one = NamespaceIds.of(inner, type, NS_GET_ID), other = NamespaceIds.of(outer, type, NS_GET_ID);
                ids.add(one);
                return type.proc + (one == other ? " same" : " different");
            }).toList();
            lab.claim("tree.ids-of-every-type", inside(types().size() + " ids; beside the first program: "
                    + types().stream().map(type -> type.proc + (type.of(inner).equals(type.of(outer)) ? " same" : " different")).toList(),
                    ids.size() + " ids; beside the first program: " + saw));
        }, "tree.ids-of-every-type");
        ask(lab, "6.19", () -> {
            Claim.Side own = outside(types().stream().map(type -> type.proc).toList(), among(listed(0), getpid()));
            Set<Long> owned = listed(NamespaceIds.of(outer, Namespace.USER, NS_GET_ID));
            Claim.Side others = inside("of the first program [pid, uts, ipc], of the second [user, ipc]", "of the first program " + among(owned, outer) + ", of the second " + among(owned, inner));
            lab.claim("tree.listns", knowsAll() ? new Claim.Side[] {own, others} : new Claim.Side[] {own});
        }, "tree.listns");
        List.of(pid, above).forEach(NamespaceFile::close);
    }

    /** A kernel that does not know the call says so: ENOTTY to an ioctl(2), ENOSYS to a number. */
    static void ask(Lab lab, String since, Runnable question, String id) {
        try {
            question.run();
        } catch (LastErrorException e) {
            String errno = Errno.name(e.getErrorCode());
            if (!List.of("ENOTTY", "ENOSYS").contains(errno)) {
                throw e;
            }
            lab.cannot(id, "Linux " + Machine.kernel() + " does not know the call (" + errno + "); use Linux " + since + " or newer");
        }
    }
}
