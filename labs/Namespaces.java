///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/OrdinaryUser.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kit.*;

/** Tell by /proc/PID/ns who is in which namespace, and see whom unshare(2) moves; namespaces(7), unshare(2). */
public class Namespaces {
    static final String QUESTION = "What is a namespace, and when are two processes in the same one?";

    static final String CLAIMS = """
        namespaces.ten-links            | GEN-01        | Every process has ten links in /proc/PID/ns: one for each of eight types, and two for its children.
        namespaces.link-is-the-inode    | GEN-02        | A link reads TYPE:[INODE], and stat(2) of what it leads to gives the same inode.
        namespaces.same-inode           | GEN-03        | Two processes are in the same namespace if and only if device and inode of their links are equal.
        namespaces.fork-inherits        | GEN-04        | A child made by fork(2), or by clone(2) without CLONE_NEW flags, is where its parent is.
        namespaces.execve-keeps         | GEN-22        | execve(2) leaves a process in its UTS namespace: one program ends there, the next begins.
        namespaces.unshare-moves-one    | GEN-05        | unshare(2) with one CLONE_NEW flag changes one link of the caller, and no other.
        namespaces.unshare-nothing      | GEN-06        | unshare(0) succeeds and changes nothing.
        namespaces.unshare-unknown-flag | GEN-12        | unshare(2) with a flag that it does not know fails with EINVAL.
        namespaces.threads-differ       | GEN-18        | unshare(2) moves the thread that calls it; the other threads of the process stay.
        namespaces.need-cap-sys-admin   | GEN-07        | Without CAP_SYS_ADMIN unshare(2) gives EPERM for each type but the user namespace.
        namespaces.user-comes-first     | GEN-08        | CLONE_NEWUSER beside other flags needs no privilege: the user namespace is made first, and owns the others.
        namespaces.links-are-guarded    | GEN-13        | The links of another user's process cannot be read without privilege: EACCES.
        namespaces.lsns-lists           | GEN-19        | lsns(8) lists a namespace with its inode, its type, its number of processes, and their lowest PID.
        namespaces.first-ones-are-fixed | GEN-14        | The first namespaces have the same inode on every machine, such as pid:[4026531836].
        """;

    static final String LINKS = "cgroup ipc mnt net pid pid_for_children time time_for_children user uts";

    public static void main(String[] args) {
        new Lab("Namespaces", QUESTION, CLAIMS).main(args, Namespaces::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A thread calls unshare(CLONE_NEWUTS) and then ends. Which processes are in the new UTS namespace, before and after?");

        lab.step("Before", "One thread of this JVM stays outside and plays the host. Whoever it starts is where it is.");
        String first = Namespace.UTS.of(getpid()); // of the JVM's first thread
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        Child neighbour = outside.clone(0);

        lab.step("Change", "A second thread starts there as well, and calls unshare(CLONE_NEWUTS) and sethostname(2).");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWUTS);
        String name = "in-" + lab.token().hex("hostname"), hostname = outside.call(Libc::gethostname);
        inside.run(() -> sethostname(name, name.length()));
        Child member = inside.clone(0);
        // end::change[]

        lab.step("Inside and outside", "A namespace has a number and no name. Who is in which is told by the links in /proc/PID/ns.");
        lab.sides("", "inside", "outside");
        links(member.pid).forEach((link, target) -> lab.sides(link, target, links(neighbour.pid).get(link)));
        if (types().contains(Namespace.TIME)) {
            lab.claim("namespaces.ten-links", inside(LINKS, member.sh("echo $(ls /proc/self/ns)")), outside(LINKS, neighbour.sh("echo $(ls /proc/self/ns)")));
        } else {
            lab.cannot("namespaces.ten-links", "Linux " + Machine.kernel() + " has no time namespaces; use Linux " + Namespace.TIME.since + " or newer");
        }
        lab.claim("namespaces.link-is-the-inode", inside("uts:[" + identity(member.pid).split(":")[1] + "]", Namespace.UTS.of(member.pid)),
                outside("uts:[" + identity(neighbour.pid).split(":")[1] + "]", Namespace.UTS.of(neighbour.pid)));
        lab.claim("namespaces.same-inode",
                inside(identity(inside.tid()) + " " + name, identity(member.pid) + " " + member.sh("uname -n")),
                outside("not " + identity(member.pid) + " " + name, identity(neighbour.pid) + " " + neighbour.sh("uname -n"),
                        !identity(neighbour.pid).equals(identity(member.pid)) && neighbour.sh("uname -n").equals(hostname)));
        lab.claim("namespaces.fork-inherits", inside("other links: []", "other links: " + differ(links(inside.tid()), links(member.pid))),
                outside("other links: []", "other links: " + differ(links(outside.tid()), links(neighbour.pid))));
        String uts = Namespace.UTS.of(member.pid);
        lab.claim("namespaces.execve-keeps", inside(uts + "\n" + uts,
                member.sh("sh -c 'readlink /proc/$$/ns/uts; exec readlink /proc/self/ns/uts'"))); // one process
        lab.claim("namespaces.threads-differ", inside("another than " + first,
                inside.link(Namespace.UTS), !inside.link(Namespace.UTS).equals(first)),
                outside("the JVM's first thread: " + first, "the JVM's first thread: " + Namespace.UTS.of(getpid())));
        if (Machine.has("lsns")) {
            String list = outside.sh("lsns --noheadings --type uts --output NS,TYPE,NPROCS,PID").replaceAll("(?m)^ +", "").replaceAll(" +", " ");
            String inode = uts.replaceAll("\\D", "");
            lab.show("lsns: " + list.replace("\n", "\n        "));
            lab.claim("namespaces.lsns-lists", inside(inode + " uts 1 " + member.pid,
                    list.lines().filter(line -> line.startsWith(inode)).findFirst().orElse("nothing")));
        } else {
            lab.cannot(Diagnosis.missing("lsns", "util-linux"), "namespaces.lsns-lists");
        }

        whatUnshareMoves(lab, outside, inside);
        Child both = whoMay(lab, outside, neighbour);
        firstOnes(lab);

        lab.look(member.pid, inside::shell, "both=" + both.pid, "jvm=" + getpid());

        lab.step("Clean-up", "The threads and children end, and with them the namespaces.");
        List.of(member, neighbour, both).forEach(Child::close);
        List.of(inside, outside).forEach(Caller::close);
        lab.gone(uts);
        lab.next("ls -l /proc/self/ns /proc/$PPID/ns; sudo lsns; ./build.sh run Namespaces --hold, then lsns --task PID.");
    }

    /** Which links each flag changes. CLONE_NEWUSER is not for a thread of a JVM: the User lab tells why. */
    static void whatUnshareMoves(Lab lab, Caller outside, Caller inside) {
        lab.step("What unshare(2) moves", "A new thread for each flag but CLONE_NEWUSER, which wants a process with one thread.");
        List<String> expected = new ArrayList<>(), saw = new ArrayList<>();
        for (Namespace type : types()) {
            if (type != Namespace.USER) {
                try (Caller caller = outside.another(type.proc)) {
                    var before = links(caller.tid());
                    caller.unshare(type.flag);
                    // The caller itself stays in its PID and time namespace: only its children start in the new one.
                    expected.add(type.proc + (type == Namespace.PID || type == Namespace.TIME ? "_for_children" : ""));
                    saw.add(String.join("+", differ(before, links(caller.tid()))));
                }
            }
        }
        lab.claim("namespaces.unshare-moves-one", inside(expected, saw));
        var before = links(inside.tid());
        String answer = inside.errno(() -> unshare(0));
        lab.claim("namespaces.unshare-nothing", inside("success, other links: []",
                answer + ", other links: " + differ(before, links(inside.tid()))));
        lab.claim("namespaces.unshare-unknown-flag", inside("EINVAL", inside.errno(() -> unshare(1))));
    }

    /** Which privilege it takes to make a namespace, and to look at one. */
    static Child whoMay(Lab lab, Caller outside, Child neighbour) {
        lab.step("Who may", "A thread gives up CAP_SYS_ADMIN, and its child tries every flag.");
        Caller capless = outside.another("without CAP_SYS_ADMIN");
        capless.drop(CAP_SYS_ADMIN);
        Child both = capless.call(() -> Child.clone(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.NONE));
        lab.claim("namespaces.user-comes-first",
                inside("owner: " + Namespace.USER.of(both.pid), "owner: " + NamespaceFile.linkOf(both.pid, "uts", NS_GET_USERNS)),
                outside("owner: " + outside.link(Namespace.USER), "owner: " + NamespaceFile.linkOf(neighbour.pid, "uts", NS_GET_USERNS)));
        var types = new ArrayList<>(types());
        types.remove(Namespace.USER);
        types.add(Namespace.USER); // last: who is in a new user namespace has CAP_SYS_ADMIN again
        List<String> answers = capless.errnos(0, UserMap.NONE, types.stream().map(type -> call("unshare", type.flag)).toArray(Child.Step[]::new));
        lab.claim("namespaces.need-cap-sys-admin",
                inside(types.stream().map(type -> type.proc + (type == Namespace.USER ? " success" : " EPERM")).toList(),
                        IntStream.range(0, types.size()).mapToObj(i -> types.get(i).proc + " " + answers.get(i)).toList()));

        Caller stranger = outside.another("another user");
        long target = neighbour.pid;
        try {
            stranger.become(OrdinaryUser.UID);
        } catch (Problem e) {
            target = 1; // root of a user namespace with one id: for PID 1 it is an ordinary user already
        }
        String guarded = "/proc/" + target + "/ns/uts";
        boolean ours = Proc.exists("/proc/1/ns/user") && Namespace.USER.of(1).equals(outside.link(Namespace.USER));
        if (target == 1 && (ours || !Proc.exists("/proc/1"))) {
            lab.cannot("namespaces.links-are-guarded", "this /proc shows no process of another user, and uid " + getuid()
                    + " can become no other in this user namespace; run the lab on the host");
        } else {
            lab.claim("namespaces.links-are-guarded", outside("EACCES", stranger.errno(() -> open(guarded, O_RDONLY | O_CLOEXEC, 0))));
        }
        stranger.close();
        return both;
    }

    /** PID 2 is a thread of the kernel's, which is where the machine started; only root may read its links. */
    static void firstOnes(Lab lab) {
        if (!Proc.exists("/proc/2/comm") || !Proc.read("/proc/2/comm").equals("kthreadd")) {
            lab.cannot("namespaces.first-ones-are-fixed", "PID 2 is not kthreadd, so this is not the"
                    + " machine's first PID namespace, as in a container; run the lab on the host");
            return;
        }
        boolean readable = Proc.exists("/proc/2/ns/uts");
        var expected = new TreeMap<>(Map.of("time", "time:[4026531834]", "cgroup", "cgroup:[4026531835]", "pid", "pid:[4026531836]",
                "user", Namespace.INITIAL_USER, "uts", "uts:[4026531838]", "ipc", "ipc:[4026531839]")); // linux/proc_ns.h
        expected.keySet().removeIf(type -> !readable && !type.equals("pid")); // who sees kthreadd as PID 2 shares its PID namespace
        var saw = links(readable ? 2 : getpid());
        saw.keySet().retainAll(expected.keySet());
        lab.claim("namespaces.first-ones-are-fixed", outside(expected, saw));
    }

    /** The types that this kernel has. */
    static List<Namespace> types() {
        return Stream.of(Namespace.values()).filter(type -> Proc.exists("/proc/self/ns/" + type.proc)).toList();
    }

    /** The links of a process or thread; "none" for a PID namespace that waits for its first process. */
    static Map<String, String> links(long pid) {
        var links = new TreeMap<String, String>();
        for (String link : LINKS.split(" ")) {
            String path = "/proc/" + pid + "/ns/" + link;
            links.put(link, Proc.exists(path) ? Proc.readlink(path) : "none");
        }
        return links;
    }

    static List<String> differ(Map<String, String> before, Map<String, String> after) {
        return before.keySet().stream().filter(link -> !before.get(link).equals(after.get(link))).toList();
    }

    /** Device and inode of a process's UTS namespace, by stat(2). */
    static String identity(long pid) throws IOException {
        Path link = Path.of("/proc/" + pid + "/ns/uts");
        return Files.getAttribute(link, "unix:dev") + ":" + Files.getAttribute(link, "unix:ino");
    }
}
