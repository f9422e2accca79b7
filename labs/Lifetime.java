///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/Tmpfs.java
//SOURCES kit/lifetime/FileHandle.java
//SOURCES kit/lifetime/Message.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.LastErrorException;
import java.util.ArrayList;
import java.util.List;
import kit.*;
import kit.lifetime.*;

/** See what keeps a namespace in which there is no process, and when it ends; namespaces(7), "Namespace lifetime". */
public class Lifetime {
    static final String QUESTION = "How long does a namespace live: as long as its processes, or longer?";

    static final String CLAIMS = """
        lifetime.ends-with-the-last        | GEN-09        | A namespace disappears when its last process ends and nothing else holds it.
        lifetime.not-for-a-zombie          | GEN-09        | A process leaves its UTS namespace when it ends, not when wait(2) is called: a zombie is in none.
        lifetime.numbers-come-again        | GEN-09        | The inode of a namespace that has ended is given to a new one: it names a namespace only while that lives.
        lifetime.descriptor-holds          | GEN-10        | An open file descriptor keeps a namespace without processes, and setns(2) still enters it.
        lifetime.pidfd-does-not            | GEN-10        | A pidfd keeps no UTS namespace: when its process has ended, setns(2) by it fails with ESRCH.
        lifetime.bind-mount-holds          | GEN-11        | A bind mount of /proc/PID/ns/TYPE keeps a namespace as well, as in "ip netns add".
        lifetime.lsns-shows-the-mounted    | GEN-11 GEN-19 | lsns(8) lists it with 0 processes.
        lifetime.message-holds             | GEN-21        | A descriptor sent by SCM_RIGHTS keeps a namespace while it is on its way, and the receiver enters it by setns(2).
        lifetime.receiver-needs-capability | GEN-21        | A receiver without CAP_SYS_ADMIN gets the descriptor, but setns(2) gives EPERM.
        lifetime.handle-does-not           | GEN-20        | A file handle finds a namespace again while something else holds it, and then gives ESTALE: it holds nothing.
        """;

    public static void main(String[] args) {
        new Lab("Lifetime", QUESTION, CLAIMS).main(args, Lifetime::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process gets a UTS namespace, renames the host in it, and ends. Which of these keeps that name from being lost:"
                + " an open /proc/PID/ns/uts, a mount of it, the process as a zombie, a pidfd, a file handle?");

        lab.step("Before", "One thread of this JVM stays outside. Every child that it makes gets a UTS namespace and a hostname of its own.");
        Caller outside = new Caller("outside"), mounter = new Caller("mounter"); // its mounts are its own: they end with it
        outside.unshare(CLONE_NEWUTS);
        mounter.unshare(CLONE_NEWNS);
        String place = Tmpfs.mount(mounter), file = place + "/uts", hostname = outside.call(Libc::gethostname);
        Child living = named(lab, outside, "living");

        lab.step("Change", "Children end. Of one nothing is kept; of others an open file, a bind mount, a message with an open file, a zombie.");
        ends(lab, outside);
        Child opener = named(lab, outside, "descriptor"), binder = named(lab, outside, "mount"),
                sender = named(lab, outside, "message"), zombie = named(lab, outside, "zombie");
        String openedLink = link(opener), boundLink = link(binder), sentLink = link(sender);
        // tag::change[]
        int descriptor = opened(opener), sent = opened(sender);
        mounter.sh("touch " + file);
        mounter.run(() -> mount("/proc/" + binder.pid + "/ns/uts", file, null, MS_BIND, null));
        int[] socket = new int[2]; // two ends of one connection
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket);
        sendmsg(socket[0], Message.carrying(sent), 0);
        sendmsg(socket[0], Message.carrying(sent), 0); // for two receivers
        close(sent);
        List.of(opener, binder, sender).forEach(Child::close);
        // end::change[]
        zombie.signal(SIGKILL);
        while (!Proc.status(zombie.pid, "State").startsWith("Z")) {
            Thread.onSpinWait();
        }

        lab.step("Inside and outside", "Inside is a child that lives. Who is in the namespaces of those that have ended?");
        lab.sides("", "namespace", "members");
        lab.sides("a child that lives", link(living), Proc.members(link(living)));
        lab.sides("an open file", openedLink, Proc.members(openedLink));
        lab.sides("a mount", boundLink, Proc.members(boundLink));
        lab.sides("a message", sentLink, Proc.members(sentLink));
        Caller guest = outside.another("guest");
        lab.look(living.pid, () -> {
            guest.run(() -> setns(descriptor, CLONE_NEWUTS));
            return guest.shell();
        }, "jvm=" + getpid(), "mounter=" + mounter.tid(), "zombie=" + zombie.pid, "descriptor=" + descriptor, "socket=" + socket[1]);
        guest.close();

        int mounted = mounter.call(() -> open(file, O_RDONLY | O_CLOEXEC, 0));
        lab.claim("lifetime.descriptor-holds", inside("members: 0, " + openedLink + " " + name(lab, "descriptor"), entering(openedLink, outside, descriptor)),
                outside(hostname, outside.call(Libc::gethostname)));
        lab.claim("lifetime.bind-mount-holds", inside("members: 0, " + boundLink + " " + name(lab, "mount"), entering(boundLink, outside, mounted)),
                outside(hostname, outside.call(Libc::gethostname)));
        close(mounted);
        lsns(lab, mounter, boundLink);
        lab.claim("lifetime.not-for-a-zombie", inside("Z (zombie), ns/uts: ENOENT", Proc.status(zombie.pid, "State") + ", ns/uts: "
                + outside.errno(() -> opened(zombie))), outside("ns/uts: success", "ns/uts: " + outside.errno(() -> close(opened(living)))));
        numbers(lab, outside);
        message(lab, outside, socket, sentLink);
        processAndHandle(lab, outside);

        lab.step("Clean-up", "The threads and children end, the open files are closed, and with the last thread in the mount namespace its mount ends.");
        for (int fd : List.of(descriptor, socket[0], socket[1])) {
            close(fd);
        }
        String livingLink = link(living);
        List.of(living, zombie).forEach(Child::close);
        List.of(mounter, outside).forEach(Caller::close);
        lab.gone(livingLink);
        lab.gone(openedLink);
        lab.next("As root: touch /tmp/uts; unshare --uts=/tmp/uts hostname kept; nsenter --uts=/tmp/uts hostname; umount /tmp/uts."
                + " And: ip netns add x; findmnt --type nsfs; ip netns delete x.");
    }

    static String name(Lab lab, String purpose) {
        return purpose + "-" + lab.token().hex(purpose);
    }

    /** A child in a new UTS namespace that has got its hostname. */
    static Child named(Lab lab, Caller caller, String purpose) {
        String name = name(lab, purpose);
        Child child = caller.clone(CLONE_NEWUTS, call("sethostname", name, (long) name.length()));
        child.sh("true"); // its shell answers, so the call before is done
        return child;
    }

    static String link(Child child) {
        return Namespace.UTS.of(child.pid);
    }

    static int opened(Child child) {
        return NamespaceFile.of(child.pid, "uts").fd();
    }

    /** A thread that has entered a UTS namespace. */
    static Caller visitor(Caller outside, int namespace) {
        Caller visitor = outside.another("visitor");
        visitor.run(() -> setns(namespace, CLONE_NEWUTS));
        return visitor;
    }

    /** How many are in a namespace, and what a visitor sees there. */
    static String entering(String link, Caller outside, int namespace) {
        long members = Proc.members(link);
        try (Caller visitor = visitor(outside, namespace)) {
            return "members: " + members + ", " + visitor.link(Namespace.UTS) + " " + visitor.call(Libc::gethostname);
        }
    }

    static void ends(Lab lab, Caller outside) {
        long before, after;
        int tries = 0;
        do { // on a busy machine somebody else may be given the same inode at once, and be counted
            Child lost = named(lab, outside, "lost");
            String link = link(lost);
            before = Proc.members(link);
            lost.close();
            after = Proc.members(link);
        } while (after > 0 && ++tries < 20);
        lab.claim("lifetime.ends-with-the-last", inside("members before: 1, after: 0", "members before: " + before + ", after: " + after));
    }

    static void lsns(Lab lab, Caller mounter, String link) {
        if (!Machine.has("lsns")) {
            lab.cannot(Diagnosis.missing("lsns", "util-linux"), "lifetime.lsns-shows-the-mounted");
            return;
        }
        String inode = link.replaceAll("\\D", "");
        String line = mounter.sh("lsns --noheadings --type uts --output NS,TYPE,NPROCS").lines().map(each -> each.strip().replaceAll(" +", " "))
                .filter(each -> each.startsWith(inode)).findFirst().orElse("not listed");
        if (line.equals("not listed") && !mounter.sh("lsns --help").contains("--persistent")) {
            lab.cannot("lifetime.lsns-shows-the-mounted", mounter.sh("lsns --version") + " looks at processes only; use util-linux 2.41 or newer");
        } else {
            lab.claim("lifetime.lsns-shows-the-mounted", outside(inode + " uts 0", line));
        }
    }

    /** One thread makes a namespace after the other, until an inode comes again. */
    static void numbers(Lab lab, Caller outside) {
        List<String> links = new ArrayList<>();
        try (Caller mover = outside.another("mover")) {
            String next = "";
            while (!links.contains(next) && links.size() < 1000) {
                links.add(next);
                mover.unshare(CLONE_NEWUTS);
                next = mover.link(Namespace.UTS);
            }
            lab.claim("lifetime.numbers-come-again", inside("one of those before", "after" + String.join(" ", links) + " comes " + next, links.contains(next)));
        }
    }

    static void message(Lab lab, Caller outside, int[] socket, String link) {
        lab.step("By a message", "Two children receive a descriptor: as number 0, which they have just closed. Then each calls setns(2).");
        Child.Step[] enter = {call("close", 0), call("recvmsg", socket[1], Message.toReceive(), 0), call("setns", 0, CLONE_NEWUTS)};
        try (Caller capless = outside.another("without CAP_SYS_ADMIN")) {
            capless.drop(CAP_SYS_ADMIN);
            lab.claim("lifetime.receiver-needs-capability", inside("[success, success, EPERM]", capless.errnos(0, UserMap.NONE, enter)));
        }
        try (Child receiver = outside.clone(0, enter)) {
            lab.claim("lifetime.message-holds", inside(name(lab, "message") + " " + link, receiver.sh("uname -n") + " " + link(receiver)));
        }
    }

    static void processAndHandle(Lab lab, Caller outside) throws InterruptedException {
        lab.step("By two numbers", "A pidfd stands for a process. A file handle stands for a file, to open it again.");
        Child child = named(lab, outside, "number");
        String link = link(child), then;
        int pidfd = (int) syscall(SYS_pidfd_open, child.pid, 0, 0, 0, 0, 0), held = opened(child), other = NamespaceFile.of(getpid(), "uts").fd();
        try (Caller visitor = outside.another("visitor")) {
            then = visitor.errno(() -> setns(pidfd, CLONE_NEWUTS));
        }
        child.close();
        lab.gone(link); // the visitor, too
        lab.claim("lifetime.pidfd-does-not", inside("success, then ESRCH", then + ", then " + outside.errno(() -> setns(pidfd, CLONE_NEWUTS))));
        try {
            FileHandle handle = new FileHandle(held);
            int again = handle.open(other);
            String found = Proc.readlink("/proc/self/fd/" + again);
            close(again);
            close(held);
            lab.claim("lifetime.handle-does-not", inside(link + ", then ESTALE", found + ", then " + outside.errno(() -> close(handle.open(other)))));
        } catch (LastErrorException e) {
            lab.cannot("lifetime.handle-does-not", "Linux " + Machine.kernel() + " has no file handles for namespaces (" + Errno.name(e.getErrorCode())
                    + "); use Linux 6.18 or newer");
        }
        close(pidfd);
        close(other);
    }
}
