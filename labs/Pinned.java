///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/Tmpfs.java
//SOURCES kit/lifetime/Room.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.List;
import java.util.stream.Stream;
import kit.*;
import kit.lifetime.*;

/** See what keeps a namespace that has no process, and of which no file is open; namespaces(7), "Namespace lifetime". */
public class Pinned {
    static final String QUESTION = "A namespace has no process, and nobody has its file open: what can keep it all the same?";

    static final String CLAIMS = """
        pinned.owner-stays                 | GEN-10 | A user namespace without processes stays while a namespace that it owns is held.
        pinned.parent-stays                | GEN-10 | A PID or user namespace without processes stays while one below it is held.
        pinned.held-pid-namespace-is-dead  | PID-33 | A descriptor keeps a PID namespace whose number 1 has ended, and yet no process starts in it again: ENOMEM.
        pinned.makes-room                  | GEN-09 | Where user.max_uts_namespaces allows one, a second can be made as soon as the last process of the first has ended.
        pinned.umount-ends-it              | GEN-11 | Where a bind mount keeps the first, a second can be made after its umount(2).
        pinned.mqueue-mount-does-not       | IPC-10 | A mounted mqueue file system keeps no IPC namespace, although namespaces(7) says so.
        pinned.maker-holds-pid             | PID-33 | Before it has a process, a PID namespace is kept by the process that made it for its children.
        pinned.pidfd-holds-pid             | PID-33 | A pidfd keeps the PID namespace of its process, also when that has ended.
        pinned.proc-mount-holds-pid        | PID-33 | A mounted proc keeps the PID namespace that it shows.
        """;

    public static void main(String[] args) {
        new Lab("Pinned", QUESTION, CLAIMS).main(args, Pinned::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process in a new user namespace makes a UTS namespace, and ends. Somebody has the UTS namespace open. Is the user namespace"
                + " still there? And the PID namespace that a mounted /proc shows, when its processes have ended?");
        String name = "kept-" + lab.token().hex("hostname");

        lab.step("Before", "One thread of this JVM plays the host. It has two children, each in a user and a UTS namespace of its own, and others"
                + " that have gone one user or one PID namespace deeper.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        // tag::change[]
        Child living = named(outside, name), owned = named(outside, name),
                nested = outside.clone(CLONE_NEWUSER, call("unshare", CLONE_NEWUSER)), first = outside.clone(CLONE_NEWPID, call("unshare", CLONE_NEWPID));
        nested.sh("true"); // its shell answers, so the call before is done
        first.sh("sleep 100000 &"); // number 1 of the lower one
        NamespaceFile uts = NamespaceFile.of(owned.pid, "uts"), user = NamespaceFile.of(nested.pid, "user"), pid = NamespaceFile.of(first.pid, "pid_for_children");
        // end::change[]
        String owner = Namespace.USER.of(owned.pid), userAbove = user.linkOf(NS_GET_PARENT), pidAbove = Namespace.PID.of(first.pid);

        lab.step("Change", "All of them end but one. Open are only the lowest namespaces: the UTS namespace, and the deeper two.");
        List.of(owned, nested, first).forEach(Child::close);

        lab.step("Inside and outside", "Inside is the child that lives. Who is in the namespaces of the others, and what does the kernel say of their relatives?");
        lab.sides("", "namespace", "members");
        lab.sides("a child that lives", Namespace.USER.of(living.pid), Proc.members(Namespace.USER.of(living.pid)));
        lab.sides("owner of an open one", uts.linkOf(NS_GET_USERNS), Proc.members(owner));
        lab.sides("above an open one", user.linkOf(NS_GET_PARENT), Proc.members(userAbove));
        lab.sides("above an open one", pid.linkOf(NS_GET_PARENT), Proc.members(pidAbove));
        lab.look(living.pid, () -> shell(outside, living), "jvm=" + getpid(), "uts=" + uts.fd(), "lowerUser=" + user.fd(), "lowerPid=" + pid.fd());
        relatives(lab, outside, name, uts, owner);
        String above = user.linkOf(NS_GET_PARENT) + " " + pid.linkOf(NS_GET_PARENT), all = above + " " + user.link() + " " + pid.link();
        lab.claim("pinned.parent-stays", outside(userAbove + " " + pidAbove + ", members of these and those below: 0",
                above + ", members of these and those below: " + Stream.of(all.split(" ")).mapToLong(Proc::members).sum()), inside("setns: success", "setns: " + enter(outside, user)));
        try (Caller digger = outside.another("digger")) {
            lab.claim("pinned.held-pid-namespace-is-dead", inside("setns: success, clone: ENOMEM",
                    "setns: " + digger.errno(() -> setns(pid.fd(), CLONE_NEWPID)) + ", clone: " + digger.errno(() -> Child.clone(0))));
        }
        room(lab, outside);

        lab.step("Clean-up", "The files are closed and the last child ends: now nothing keeps any of them.");
        List.of(uts, user, pid).forEach(NamespaceFile::close);
        String left = Namespace.UTS.of(living.pid);
        living.close();
        outside.close();
        lab.gone(left);
        lab.next("unshare --user --map-root-user unshare --user sleep 60 & and then ./build.sh run Tree: a user namespace without a process stands between.");
    }

    /** A child in a new user namespace and in a UTS namespace that this one owns. */
    static Child named(Caller outside, String name) {
        Child child = outside.clone(CLONE_NEWUSER | CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        child.sh("true");
        return child;
    }

    static Child shell(Caller outside, Child living) {
        NamespaceFile user = NamespaceFile.of(living.pid, "user"), uts = NamespaceFile.of(living.pid, "uts");
        return outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(call("setns", user.fd(), CLONE_NEWUSER), call("setns", uts.fd(), CLONE_NEWUTS)), "/bin/sh"));
    }

    /** A child with one thread enters the owner, which has no process any more, and then what that owns. */
    static void relatives(Lab lab, Caller outside, String name, NamespaceFile uts, String owner) {
        NamespaceFile user = uts.related(NS_GET_USERNS);
        String found = user.link() + ", members: " + Proc.members(owner);
        try (Child visitor = outside.clone(0, call("setns", user.fd(), CLONE_NEWUSER), call("setns", uts.fd(), CLONE_NEWUTS))) {
            lab.claim("pinned.owner-stays", outside(owner + ", members: 0", found), inside(owner + " " + name, visitor.sh("readlink /proc/self/ns/user; uname -n").replace('\n', ' ')));
        }
        user.close();
    }

    /** What setns(2) says to a child with one thread that goes into the parent of a user namespace. */
    static String enter(Caller outside, NamespaceFile user) {
        NamespaceFile parent = user.related(NS_GET_PARENT);
        try {
            return outside.errnos(0, UserMap.NONE, call("setns", parent.fd(), CLONE_NEWUSER)).get(0);
        } finally {
            parent.close();
        }
    }

    static void room(Lab lab, Caller outside) throws Exception {
        lab.step("When exactly", "A user namespace has limits of its own. In this one there is room for one UTS, one IPC and one PID namespace:"
                + " who gets ENOSPC knows that the one before is still there.");
        Room room;
        try {
            room = new Room(outside, Tmpfs.place());
        } catch (Problem e) {
            lab.cannot(e.diagnosis, "pinned.makes-room", "pinned.umount-ends-it", "pinned.mqueue-mount-does-not", "pinned.maker-holds-pid",
                    "pinned.pidfd-holds-pid", "pinned.proc-mount-holds-pid");
            return;
        }
        lab.claim("pinned.makes-room", inside("ENOSPC, then success", room.unshare("--uts unshare --uts true") + ", then " + room.unshare("--uts true")));
        room.unshare("--uts sh -c 'touch mounted; mount --bind /proc/self/ns/uts mounted'");
        String full = room.unshare("--uts true");
        room.run("umount mounted");
        lab.claim("pinned.umount-ends-it", inside("ENOSPC, then success", full + ", then " + room.unshare("--uts true")));
        if (lab.can(outside, CLONE_NEWIPC, "pinned.mqueue-mount-does-not")) {
            mqueue(lab, room);
        }

        int maker = room.maker();
        lab.claim("pinned.maker-holds-pid", room.held(() -> room.end(maker)));
        int first = room.first(), pidfd = (int) syscall(SYS_pidfd_open, first, 0, 0, 0, 0, 0);
        room.end(first);
        lab.claim("pinned.pidfd-holds-pid", room.held(() -> close(pidfd)));
        String mounted = room.unshareSoon("--pid --fork sh -c 'mkdir -p proc; mount -t proc proc proc'");
        if (mounted.equals("success")) {
            lab.claim("pinned.proc-mount-holds-pid", inside("processes in it: 0", "processes in it: " + room.run("set -- proc/[0-9]*; [ -e $1 ] && echo $# || echo 0").text()),
                    room.held(() -> room.run("umount proc")));
        } else {
            lab.cannot(Diagnosis.of("mount(proc)", Errno.EPERM, 0), "pinned.proc-mount-holds-pid");
        }
        room.close();
    }

    static void mqueue(Lab lab, Room room) {
        String name = "queues-" + lab.token().hex("queues"), mounted = "ls mqueue; grep -c ' - mqueue " + name + " ' /proc/self/mountinfo";
        String full = room.unshare("--ipc sh -c 'mkdir mqueue; mount -t mqueue " + name + " mqueue; touch mqueue/queue; unshare --ipc true'");
        Diagnosis refusal = Proc.exists("/proc/sys/fs/mqueue") ? Diagnosis.of("mount(mqueue)", Errno.EPERM, 0)
                : new Diagnosis(true, "this kernel has no POSIX message queues", "use one with CONFIG_POSIX_MQUEUE");
        if (!room.run(mounted).ok() && refusal.known()) {
            lab.cannot(refusal, "pinned.mqueue-mount-does-not");
        } else {
            lab.claim("pinned.mqueue-mount-does-not", inside("ENOSPC, then success", full + ", then " + room.unshareSoon("--ipc true")),
                    outside("queue, mounted: 1", room.run(mounted).text().replace("\n", ", mounted: ")));
        }
    }
}
