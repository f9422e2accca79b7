///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Pointer;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import kit.*;

/** Be number 1 of a PID namespace, with its rights and its duties, and end; pid_namespaces(7), kill(2), sigwaitinfo(2). */
public class Init {
    static final String QUESTION = "What is special about process number 1, and what does it take with it when it ends?";

    static final String CLAIMS = """
        init.orphans-go-to-one      | PID-17 | A process whose parent has ended becomes a child of the namespace's number 1, not of the machine's.
        init.zombies-wait-for-one   | PID-17 | A number 1 that never calls wait(2) keeps the ended orphans as zombies.
        init.one-ignores-sigterm    | PID-12 | SIGTERM from outside ends an ordinary process, and not a number 1 that has no handler for it.
        init.one-is-safe-inside     | PID-15 | SIGKILL from inside has no effect on number 1, although kill(2) reports success.
        init.one-hears-its-handler  | PID-13 | A number 1 that has a handler for SIGTERM gets it.
        init.sender-may-be-zero     | PID-25 | The si_pid that comes with a signal is the sender's number inside, and 0 when the sender is outside and has none.
        init.all-are-members        | PID-16 | kill(-1, ...) inside reaches members only: a number 1 that is alone gets ESRCH.
        init.outside-stops-and-ends | PID-14 | SIGSTOP and SIGKILL from outside always work on number 1.
        init.one-takes-all          | PID-10 | When number 1 ends, the kernel kills every other process of the namespace, and of those below.
        init.dead-namespace         | PID-11 | After that no process can be made in the namespace: clone(2) fails with ENOMEM.
        """;

    public static void main(String[] args) {
        new Lab("Init", QUESTION, CLAIMS).main(args, Init::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A shell is number 1 of a PID namespace. What does SIGTERM do to it, and SIGKILL, from inside and from outside?"
                + " Who becomes the parent of an orphan there? Who is left when number 1 has ended?");

        lab.step("Before", "A thread of this JVM stays outside. It has a child, an ordinary shell, to compare with.");
        Caller outside = new Caller("outside");
        Child ordinary = outside.clone(0);
        // It answers, so it is a shell by now, without the handlers that a JVM has.
        lab.show("the ordinary shell is process " + ordinary.sh("echo $$") + " in " + outside.link(Namespace.PID));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWPID). Its first child is number 1, a shell too.");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWPID);
        Child one = inside.clone(0);
        String link = Namespace.PID.of(one.pid);
        lab.sides("", "inside", "outside");
        lab.sides("/proc/PID/ns/pid", link, outside.link(Namespace.PID));
        lab.sides("PID of number 1", one.sh("echo $$"), one.pid);

        lab.step("Orphans", "A shell starts a sleep(1) and ends first. In a third namespace number 1 is a sleep(1), which waits for nobody.");
        String orphan = one.sh("sh -c 'sleep 100000 & echo $!'");
        int orphanPid = Proc.pidOf(link, orphan);
        lab.claim("init.orphans-go-to-one", outside(one.pid, Proc.status(orphanPid, "PPid")));
        Caller careless = outside.another("careless");
        careless.unshare(CLONE_NEWPID);
        Child neverWaits = careless.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sleep", "100000"));
        String ended = careless.sh("sleep 0.05 & echo $!"); // the shell ends first, then the sleep: sh() waits for both
        int zombiePid = Proc.pidOf(Namespace.PID.of(neverWaits.pid), ended);
        lab.claim("init.zombies-wait-for-one", outside("Z, child of " + neverWaits.pid,
                state(zombiePid, "Z") + ", child of " + Proc.status(zombiePid, "PPid")));
        lab.look(one.pid, inside::shell, "orphan=" + orphanPid, "zombie=" + zombiePid);

        lab.step("Signals", "What has no handler in number 1 does not reach it, with two exceptions at the end.");
        // tag::signals[]
        ordinary.signal(SIGTERM);
        one.signal(SIGTERM);
        lab.claim("init.one-ignores-sigterm", inside("alive", one.sh("echo alive")), outside(128 + SIGTERM, ordinary.waitFor()));
        lab.claim("init.one-is-safe-inside",
                inside("0 alive", one.sh("sh -c 'kill -KILL 1; echo $?'; echo alive").replace('\n', ' ')));
        String word = lab.token().hex("handler");
        one.sh("trap 'heard=" + word + "' TERM");
        one.signal(SIGTERM);
        one.sh(":"); // a shell runs its trap when the command at hand is done
        lab.claim("init.one-hears-its-handler", inside(word, one.sh("echo $heard")));
        // end::signals[]

        // Number 1 needs the receiver's number in its own namespace, the last one of NSpid.
        int fromOne = sender(inside, receiver -> one.sh("kill -USR1 " + Proc.status(receiver.pid, "NSpid").replaceFirst(".* ", "")));
        int fromOutside = sender(inside, receiver -> receiver.signal(SIGUSR1));
        lab.claim("init.sender-may-be-zero", inside(one.sh("echo $$") + " inside, 0 outside", fromOne + " inside, " + fromOutside + " outside"),
                outside(getpid(), sender(outside, receiver -> receiver.signal(SIGUSR1))));
        // kill(-1, 0) sends nothing and only asks whether there is anybody: try no other signal here.
        lab.claim("init.all-are-members", inside("ESRCH", outside.errnos(CLONE_NEWPID, UserMap.NONE, call("kill", -1, 0)).get(0)));

        lab.step("The end of number 1", "It gets SIGSTOP and SIGKILL from outside. Two other children of this JVM are in there with it.");
        Child guest = inside.clone(0);
        Child parent = inside.clone(0, call("unshare", CLONE_NEWPID)); // its own children stand one level below
        parent.sh("sleep 100000 &");
        int belowPid = Proc.pidOf(Proc.readlink("/proc/" + parent.pid + "/ns/pid_for_children"), "1");
        one.signal(SIGSTOP);
        String stopped = state(one.pid, "T");
        one.signal(SIGKILL);
        // The dying number 1 waits until the last of the others is gone: who waits for it first, waits for ever.
        String ends = guest.waitFor() + " " + parent.waitFor();
        lab.claim("init.outside-stops-and-ends", inside("T, 137", stopped + ", " + one.waitFor()));
        lab.claim("init.one-takes-all", inside("137 137", ends), outside("ESRCH ESRCH",
                outside.errno(() -> kill(orphanPid, 0)) + " " + outside.errno(() -> kill(belowPid, 0))));
        lab.claim("init.dead-namespace", inside("ENOMEM", inside.errno(() -> Child.clone(0))));

        lab.step("Clean-up", "The threads and their children end; a PID namespace ends with its number 1.");
        String other = Namespace.PID.of(neverWaits.pid);
        neverWaits.close();
        for (Caller caller : List.of(careless, inside, outside)) {
            caller.close();
        }
        lab.gone(link);
        lab.gone(other);
        lab.next("In a second terminal: ./build.sh run Init --hold, then kill -TERM PID, sudo nsenter --pid --target PID sh -c 'kill -KILL 1',"
                + " and last kill -KILL PID; after each, grep State /proc/PID/status.");
    }

    /** What a new child of the caller learns of who sends it SIGUSR1: si_pid, as sigtimedwait(2) tells it. */
    static int sender(Caller caller, Consumer<Child> send) {
        Pointer shared = mmap(Pointer.NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        Pointer info = shared.share(0), set = shared.share(256), timeout = shared.share(512), ready = shared.share(768);
        info.setInt(16, -1); // si_pid, offsetof(siginfo_t)
        set.setLong(0, 1L << SIGUSR1 - 1);
        timeout.setLong(0, 5); // seconds
        try (Child receiver = caller.clone(0, call("memset", ready, 1, 1L).blocking(SIGUSR1),
                call("sigtimedwait", set, info, timeout).blocking(SIGUSR1))) {
            while (ready.getByte(0) == 0 && receiver.alive()) {
                Thread.onSpinWait(); // only when the signal is blocked may it come
            }
            send.accept(receiver);
            receiver.sh(":"); // the shell comes after the calls
            return info.getInt(16);
        } finally {
            munmap(shared, 4096);
        }
    }

    /** The letter of a process's state, once it is the one awaited: a signal may take a moment. Stopped under strace(1) is t, not T. */
    static String state(int pid, String awaited) throws InterruptedException {
        String state = "";
        for (int i = 0; i < 1000 && !state.equals(awaited); i++) {
            Thread.sleep(1);
            state = Proc.status(pid, "State").substring(0, 1).toUpperCase(Locale.ROOT);
        }
        return state;
    }
}
