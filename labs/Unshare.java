///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Capability.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/** Move the caller itself into new namespaces, by unshare(2); the same from a shell, by unshare(1). */
public class Unshare {
    static final String QUESTION = "Who stands in the new namespaces after unshare(2): the caller, its children, or its other threads?";

    static final String CLAIMS = """
        unshare.moves-the-caller       | GEN-05 GEN-18 | unshare(2) moves the calling thread into the new UTS, IPC, network, cgroup and mount namespaces; other threads, and children from before, stay.
        unshare.not-pid-and-time       | PID-01 TIM-01 | It does not move the caller into the new PID and time namespaces: those are for its later children.
        unshare.later-children-follow  | GEN-04 UTS-02 | A later child is in all of them, and sees what the caller has changed there.
        unshare.all-or-nothing         | GEN-05 JVM-01 | If the kernel refuses one flag of a call, the others have no effect either.
        unshare.user-namespace-first   | GEN-07 GEN-08 | Without privilege CLONE_NEWUTS is refused (EPERM), and after CLONE_NEWUSER it is not: the order of the calls matters.
        unshare.user-namespace-alone   | USR-33 MNT-21 | CLONE_NEWUSER implies CLONE_FS: who shared a working directory with another process has its own afterwards.
        unshare.only-what-is-shared    | GEN-12        | unshare(2) takes back what clone(2) shares; flags of clone(2) that mean something else, such as CLONE_PARENT, give EINVAL.
        unshare.threads-stay-together  | JVM-01 GEN-12 | CLONE_THREAD, CLONE_SIGHAND and CLONE_VM do nothing in a process with one thread, and give EINVAL in one with several.
        unshare.same-process           | GEN-05 GEN-22 | unshare(1) is unshare(2) and execve(2): the program is the same process, in another namespace.
        unshare.fork-for-pid           | API-13        | unshare(1) --pid needs --fork: without it the program keeps its PID namespace, with it the program is number 1 of the new one.
        unshare.kill-child             | API-13        | With --kill-child the program ends when unshare(1) ends; with --fork alone it lives on.
        unshare.mount-proc             | API-13 PID-09 | --mount-proc makes a mount namespace as well, with a /proc that shows the new PID namespace.
        unshare.map-root-user          | USR-41        | -r, --map-root-user, maps the caller to uid 0.
        unshare.map-current-user       | USR-41        | -c, --map-current-user, maps the caller to its own uid.
        unshare.map-users              | USR-41        | For any other id unshare(1) starts newuidmap(1): --map-users gets what that allows.
        """;

    static final List<Namespace> MOVE = List.of(Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT);
    static final int SEVEN = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWTIME;

    public static void main(String[] args) {
        new Lab("Unshare", QUESTION, CLAIMS).main(args, Unshare::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A thread calls unshare(2) with the flags of seven types. Which of its links in /proc/TID/ns change, and which of a"
                + " child's that it makes next? What of a child that it has already?");
        String name = "in-" + lab.token().hex("hostname");

        lab.step("Before", "One thread of this JVM plays the host. A second one starts there, with a child and a third thread beside it.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        Caller caller = outside.another("caller"), thread = caller.another("another thread");
        Child earlier = caller.clone(0);
        Map<String, String> before = links(caller.tid());

        lab.step("Change", "The second thread calls unshare(" + Namespace.flagNames(SEVEN) + "), sethostname(2), and clone(2).");
        // tag::change[]
        caller.unshare(SEVEN);
        caller.run(() -> sethostname(name, name.length()));
        Child later = caller.clone(0);
        // end::change[]

        lab.step("Who moves", "");
        Map<String, String> after = links(caller.tid()), child = links(later.pid);
        lab.sides("", "the caller", "its later child");
        after.forEach((type, link) -> lab.sides(type, link + (link.equals(before.get(type)) ? "" : " *"),
                child.get(type) + (child.get(type).equals(before.get(type)) ? "" : " *")));
        lab.show("* is new. An earlier child: " + moved(before, links(earlier.pid)) + ". Another thread: " + moved(before, links(thread.tid())) + ".");
        lab.claim("unshare.moves-the-caller", inside("[cgroup, ipc, mnt, net, uts]", moved(before, after)),
                outside("another thread: [], an earlier child: []", "another thread: " + moved(before, links(thread.tid()))
                        + ", an earlier child: " + moved(before, links(earlier.pid))));
        lab.claim("unshare.not-pid-and-time", inside(before.get("pid") + " " + before.get("time"), after.get("pid") + " " + after.get("time")),
                outside(child.get("pid") + " " + child.get("time") + " for children", Proc.readlink("/proc/" + caller.tid() + "/ns/pid_for_children")
                        + " " + Proc.readlink("/proc/" + caller.tid() + "/ns/time_for_children") + " for children"));
        lab.claim("unshare.later-children-follow", inside("[cgroup, ipc, mnt, net, pid, time, uts] " + name, moved(before, child) + " " + later.sh("uname -n")),
                outside("not " + name, earlier.sh("uname -n"), !earlier.sh("uname -n").equals(name)));
        lab.look(later.pid, caller::shell, "earlier=" + earlier.pid, "tid=" + caller.tid(), "other=" + thread.tid());

        flags(lab, outside);
        command(lab, outside);
        whoMaps(lab, outside);

        lab.step("Clean-up", "The threads and children end, and the namespaces with them.");
        for (AutoCloseable each : List.of(later, earlier, thread, caller, outside)) {
            each.close();
        }
        lab.gone(child.get("uts"));
        lab.next("unshare --map-root-user --pid --fork --mount-proc sh, and in it ps aux. Then the same without --mount-proc, and without --fork.");
    }

    static Map<String, String> links(long pid) {
        return Namespace.in(SEVEN).stream().collect(Collectors.toMap(type -> type.proc, type -> type.of(pid), (a, b) -> a, TreeMap::new));
    }

    static List<String> moved(Map<String, String> before, Map<String, String> after) {
        return after.keySet().stream().filter(type -> !after.get(type).equals(before.get(type))).toList();
    }

    static void flags(Lab lab, Caller outside) {
        lab.step("Which flags", "unshare(2) undoes one by one what clone(2) shared, and it does all or nothing.");
        Caller jvm = outside.another("several flags");
        String link = jvm.link(Namespace.UTS);
        lab.claim("unshare.all-or-nothing", inside("EINVAL " + link, jvm.errno(() -> unshare(CLONE_NEWUTS | CLONE_NEWUSER)) + " " + jvm.link(Namespace.UTS)),
                outside("CLONE_NEWUTS alone: success", "CLONE_NEWUTS alone: " + jvm.errno(() -> unshare(CLONE_NEWUTS))));
        if (lab.can(outside, CLONE_NEWUSER, "unshare.user-namespace-first", "unshare.user-namespace-alone")) {
            userNamespace(lab, outside);
        }
        lab.claim("unshare.only-what-is-shared", inside("CLONE_PARENT, CLONE_FS: [EINVAL, success]", "CLONE_PARENT, CLONE_FS: "
                + outside.errnos(0, UserMap.NONE, call("unshare", CLONE_PARENT), call("unshare", CLONE_FS))));
        List<Integer> threads = List.of(CLONE_THREAD, CLONE_SIGHAND, CLONE_VM);
        lab.claim("unshare.threads-stay-together", inside("one thread: [success, success, success]", "one thread: " + outside.errnos(0, UserMap.NONE,
                        threads.stream().map(flag -> call("unshare", flag)).toArray(Child.Step[]::new))),
                outside("the JVM: [EINVAL, EINVAL, EINVAL]", "the JVM: " + threads.stream().map(flag -> outside.errno(() -> unshare(flag))).toList()));
        jvm.close();
    }

    static void userNamespace(Lab lab, Caller outside) {
        List<String> order = outside.errnos(0, UserMap.NONE, Capability.capset(0, 0, 0), call("unshare", CLONE_NEWUTS), call("unshare", CLONE_NEWUSER),
                call("unshare", CLONE_NEWUTS));
        lab.claim("unshare.user-namespace-first", inside("UTS: EPERM, user: success, UTS: success",
                "UTS: " + order.get(1) + ", user: " + order.get(2) + ", UTS: " + order.get(3)));

        Caller walker = outside.another("walker");
        walker.run(() -> unshare(CLONE_FS)); // from the JVM's other threads
        try (Child apart = walker.clone(CLONE_FS, call("unshare", CLONE_NEWUSER)); Child together = walker.clone(CLONE_FS)) {
            apart.sh("cd /sys");
            together.sh("cd /proc");
            lab.claim("unshare.user-namespace-alone", inside("/sys", cwd(apart.pid)), outside("/proc /proc", cwd(walker.tid()) + " " + cwd(together.pid)));
        }
        walker.close();
    }

    static String cwd(long pid) {
        return Proc.readlink("/proc/" + pid + "/cwd");
    }

    /** The numbers of a shell, in each PID namespace, told by itself: a further process would be another one. */
    static final String NUMBERS = "while read -r key value; do [ \"$key\" != NSpid: ] || echo $value; done < /proc/self/status";

    static void command(Lab lab, Caller outside) throws InterruptedException {
        lab.step("unshare(1)", "The same from a shell.");
        if (!knows(lab, outside.sh("unshare --help"), "--kill-child", "unshare.same-process", "unshare.fork-for-pid", "unshare.kill-child", "unshare.mount-proc")) {
            return;
        }
        String[] lines = outside.sh("echo $$; readlink /proc/$$/ns/uts; exec unshare --uts sh -c 'echo $$; readlink /proc/$$/ns/uts'").split("\n");
        lab.claim("unshare.same-process", inside("PID " + lines[0], "PID " + lines[2]),
                outside("not " + lines[1], lines[3], !lines[1].equals(lines[3])));
        String alone = outside.sh("unshare --pid sh -c '" + NUMBERS + "'"), forked = outside.sh("unshare --pid --fork sh -c '" + NUMBERS + "'");
        lab.claim("unshare.fork-for-pid", inside("a number outside, and 1 inside", forked, forked.matches("\\d+\\s1")),
                outside("one number", alone, alone.matches("\\d+")));
        killChild(lab, outside);

        Output proc = outside.command("unshare --pid --fork --mount-proc sh -c 'cd /proc; echo [0-9]*; readlink /proc/self/ns/mnt'");
        Diagnosis refusal = proc.ok() ? null : Diagnosis.of("mount(proc)", Errno.EPERM, 0);
        if (refusal != null && refusal.known()) {
            lab.cannot(refusal, "unshare.mount-proc");
        } else {
            String own = outside.link(Namespace.MNT);
            lab.claim("unshare.mount-proc", inside("1 in another than " + own, proc.text().replace("\n", " in "), proc.text().matches("1( 2)?\nmnt:.*")
                    && !proc.text().endsWith(own)), outside("as before: " + own, "as before: " + outside.sh("readlink /proc/self/ns/mnt")));
        }
    }

    /** Two shells that wait, one made with --kill-child and one without, and the unshare(1) of both is killed. */
    static void killChild(Lab lab, Caller outside) throws InterruptedException {
        int seconds = lab.token().number("seconds", 100_000, 900_000);
        try (Child box = outside.clone(CLONE_NEWPID)) { // whatever lives on ends with it
            int[] alone = start(box, "unshare --uts --fork sleep " + seconds), bound = start(box, "unshare --uts --fork --kill-child sleep " + seconds);
            kill(alone[0], SIGKILL);
            kill(bound[0], SIGKILL);
            for (int i = 0; i < 500 && (running(bound[1]) || running(alone[0])); i++) {
                Thread.sleep(10); // until the kernel has done it
            }
            lab.claim("unshare.kill-child", inside("sleep " + seconds + " has ended", "sleep " + seconds + (running(bound[1]) ? " runs" : " has ended")),
                    outside("without it: sleep " + seconds + " runs", "without it: sleep " + seconds + (running(alone[1]) ? " runs" : " has ended")));
        }
    }

    /** Starts it in the box: the PIDs of unshare(1) and of its child, which has the next number there, once that has become sleep(1). */
    static int[] start(Child box, String command) throws InterruptedException {
        int number = Integer.parseInt(box.sh(command + " >/dev/null 2>&1 & echo $!"));
        for (int i = 0; i < 500; i++, Thread.sleep(10)) {
            int child = Proc.pidOf(Namespace.PID.of(box.pid), "" + (number + 1));
            if (child != 0 && Proc.read("/proc/" + child + "/cmdline").startsWith("sleep")) {
                return new int[] {Proc.pidOf(Namespace.PID.of(box.pid), "" + number), child};
            }
        }
        throw new IllegalStateException("within 5 s nothing came of: " + command);
    }

    static boolean running(int pid) {
        try {
            return !Proc.status(pid, "State").matches("[ZX].*|");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    static boolean knows(Lab lab, String help, String option, String... ids) {
        if (!help.contains(option)) {
            lab.cannot(new Diagnosis(true, "there is no program 'unshare' here that knows " + option, "install util-linux 2.38 or newer;"
                    + " on Debian and Ubuntu: sudo apt-get install util-linux"), ids);
        }
        return help.contains(option);
    }

    static void whoMaps(Lab lab, Caller outside) {
        int uid = lab.token().number("uid", 1000, 60_000);
        lab.step("unshare(1) and maps", "Somebody without privilege, uid " + uid + " of a user namespace, makes others in it.");
        String[] ids = {"unshare.map-root-user", "unshare.map-current-user", "unshare.map-users"};
        if (!lab.can(outside, CLONE_NEWUSER, ids) || !knows(lab, outside.sh("unshare --help"), "--map-users", ids)) {
            return;
        }
        try (Child somebody = Child.clone(CLONE_NEWUSER, new UserMap("deny", uid + " " + getuid() + " 1", uid + " " + getgid() + " 1"))) {
            if (Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1")) {
                lab.cannot(new Diagnosis(true, "AppArmor restricts user namespaces of who has no privilege",
                        "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0"), ids);
                return;
            }
            String map = " cat /proc/self/uid_map | tr -s ' '";
            lab.claim(ids[0], inside("0 " + uid + " 1", somebody.sh("unshare -r" + map)), outside(uid, somebody.sh("id -u")));
            lab.claim(ids[1], inside(uid + " " + uid + " 1", somebody.sh("unshare -c" + map)), outside(uid, somebody.sh("id -u")));
            String refused = somebody.sh("unshare --map-users=" + (uid + 1) + ",0,1" + map);
            lab.claim(ids[2], inside("no map, and a word of newuidmap", refused, refused.contains("newuidmap") && !refused.matches("(?s).*\\b0 \\d+ 1\\b.*")));
        }
    }
}
