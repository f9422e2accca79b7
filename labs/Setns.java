///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Capability.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/** Join the namespaces of another process, by setns(2) with a file of /proc/PID/ns or a pidfd; the same from a shell, by nsenter(1). */
public class Setns {
    static final String QUESTION = "Who stands in a process's namespaces after setns(2): the caller, its children, or its other threads?";

    static final String CLAIMS = """
        setns.moves-the-caller      | GEN-18 UTS-04 | setns(2) moves the calling thread, and its later children, into a namespace that is there already; its other threads and earlier children stay.
        setns.pid-moves-children    | PID-01 API-12 | With a PID namespace it moves only later children: so who wants in has to call fork(2) afterwards.
        setns.and-back              | API-01        | A file descriptor opened before leads back.
        setns.any-type              | API-01        | With nstype 0, setns(2) takes a file descriptor of a namespace of any type.
        setns.type-must-match       | API-01        | Another nstype than that of the namespace gives EINVAL.
        setns.no-namespace          | API-02        | A number that is no open file gives EBADF, a file that is no namespace EINVAL.
        setns.needs-cap-sys-admin   | API-03        | Without CAP_SYS_ADMIN in the user namespace that owns the namespace setns(2) gives EPERM.
        setns.threads-may-not       | JVM-01 USR-25 | A process with several threads may not join a user namespace (EINVAL) or a time namespace (EUSERS), and a mount namespace only after unshare(CLONE_FS).
        setns.pidfd-several         | API-05        | With a pidfd, setns(2) joins several namespaces of that process in one call.
        setns.pidfd-all-or-nothing  | API-05        | If one of them is refused the caller joins none.
        setns.pidfd-flags           | API-06        | With a pidfd, nstype 0, or a flag that is no namespace's, gives EINVAL.
        setns.pidfd-of-the-dead     | API-06        | The pidfd of a process that has ended gives ESRCH.
        setns.user-first            | API-12 API-03 | Who has no privilege joins the user namespace first, which gives it: UTS gives EPERM before, and not after.
        setns.mnt-last              | API-12 MNT-23 | The mount namespace comes last: once in, /proc/PID/ns of the process is no longer found.
        setns.nsenter               | API-04        | nsenter(1) calls setns(2) for each of its options: all links of its program are those of the process joined.
        setns.nsenter-forks         | API-04        | With --pid, nsenter(1) forks; with --no-fork its program does not get into the PID namespace.
        """;

    /** The types of the process to join, in the order in which one joins them. */
    static final List<Namespace> TYPES = List.of(Namespace.USER, Namespace.PID, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT);

    public static void main(String[] args) {
        new Lab("Setns", QUESTION, CLAIMS).main(args, Setns::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process has seven namespaces of its own. A thread of this JVM opens the files in /proc/PID/ns and calls setns(2) with each"
                + " of them. Which of them lets it in? And if it takes them in the wrong order?");
        String name = "in-" + lab.token().hex("hostname");

        lab.step("Before", "One thread of this JVM plays the host, and makes the process to join, by clone(2) with seven flags. It has its own hostname and /proc.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        Child target = outside.clone(TYPES.stream().mapToInt(type -> type.flag).sum(), call("sethostname", name, (long) name.length()),
                call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null), call("mount", "proc", "/proc", "proc", 0L, null));
        target.sh(":"); // it answers when it has made its calls
        int uts = open(target, Namespace.UTS);

        lab.step("Change", "A second thread, which has a child and a third thread beside it, calls setns(fd of /proc/PID/ns/uts, 0).");
        Caller visitor = outside.another("visitor"), thread = visitor.another("another thread");
        Child earlier = visitor.clone(0);
        String host = visitor.link(Namespace.UTS);
        int back = visitor.call(() -> Libc.open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC, 0));
        // tag::change[]
        visitor.run(() -> setns(uts, 0));
        Child later = visitor.clone(0);
        // end::change[]

        lab.step("Who moves", "");
        lab.sides("", "before", "after");
        lab.sides("the caller", host, visitor.link(Namespace.UTS) + " " + visitor.call(Libc::gethostname));
        lab.sides("another thread", host, thread.link(Namespace.UTS) + " " + thread.call(Libc::gethostname));
        lab.sides("an earlier child", host, Namespace.UTS.of(earlier.pid) + " " + earlier.sh("uname -n"));
        lab.sides("a later child", "-", Namespace.UTS.of(later.pid) + " " + later.sh("uname -n"));
        lab.claim("setns.moves-the-caller", inside(name + ", its later child: " + name, visitor.call(Libc::gethostname) + ", its later child: " + later.sh("uname -n")),
                outside("another thread: " + host + ", an earlier child: " + host, "another thread: " + thread.link(Namespace.UTS)
                        + ", an earlier child: " + Namespace.UTS.of(earlier.pid)));
        visitor.run(() -> setns(back, CLONE_NEWUTS));
        lab.claim("setns.and-back", outside(host, visitor.link(Namespace.UTS)), inside(Namespace.UTS.of(target.pid), Namespace.UTS.of(later.pid)));

        Caller joined = outside.another("joined");
        if (!another(outside, () -> setns(pidfd_open(target.pid), CLONE_NEWUTS)).equals("success")) {
            throw new Problem("setns(pidfd, CLONE_NEWUTS)", Errno.EINVAL, new Diagnosis(true, "Linux " + Machine.kernel()
                    + " takes no pidfd in setns(2)", "use Linux 5.8 or newer"));
        }
        int pidfd = pidfd_open(target.pid);
        severalAtOnce(lab, outside, joined, target, pidfd);
        lab.look(target.pid, joined::shell, "earlier=" + earlier.pid, "later=" + later.pid, "jvm=" + getpid());
        errors(lab, outside, target, uts, pidfd);
        types(lab, outside, target);
        order(lab, outside, target);
        command(lab, outside, target);

        lab.step("Clean-up", "The process and its visitors end, and the files are closed: one open file keeps a namespace.");
        String link = Namespace.UTS.of(target.pid);
        Stream.of(uts, back, pidfd).forEach(Libc::close);
        for (AutoCloseable each : List.of(later, earlier, target, joined, thread, visitor, outside)) {
            each.close();
        }
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Setns --hold, then nsenter --all --preserve-credentials --target PID sh.");
    }

    static int open(Child process, Namespace type) {
        return Libc.open("/proc/" + process.pid + "/ns/" + type.proc, O_RDONLY | O_CLOEXEC, 0);
    }

    static int pidfd_open(int pid) {
        return (int) syscall(SYS_pidfd_open, pid, 0, 0, 0, 0, 0);
    }

    static void severalAtOnce(Lab lab, Caller outside, Caller joined, Child target, int pidfd) {
        lab.step("Several at once", "setns(pidfd_open(PID), flags) joins what the flags name. A thread may join all but the user namespace;"
                + " but first it calls unshare(CLONE_FS), for it shares its root and working directory with the other threads.");
        List<Namespace> all = TYPES.subList(1, TYPES.size());
        int flags = all.stream().mapToInt(type -> type.flag).sum();
        String before = joined.link(Namespace.UTS);
        lab.claim("setns.pidfd-all-or-nothing", inside("EINVAL " + before,
                joined.errno(() -> setns(pidfd, flags | CLONE_NEWUSER)) + " " + joined.link(Namespace.UTS)),
                outside("not " + Namespace.UTS.of(target.pid), before, !before.equals(Namespace.UTS.of(target.pid))));
        lab.claim("setns.pidfd-flags", inside("0: EINVAL, CLONE_VM: EINVAL",
                "0: " + joined.errno(() -> setns(pidfd, 0)) + ", CLONE_VM: " + joined.errno(() -> setns(pidfd, CLONE_NEWUTS | CLONE_VM))));
        // tag::pidfd[]
        joined.run(() -> unshare(CLONE_FS));
        joined.run(() -> setns(pidfd, flags));
        // end::pidfd[]
        Child inside = joined.clone(0);
        lab.sides("", "the caller", "its child");
        all.forEach(type -> lab.sides(type.proc, type.of(joined.tid()), type.of(inside.pid)));
        lab.claim("setns.pidfd-several", inside(links(target.pid, all), links(inside.pid, all)),
                outside("none of them", all.stream().anyMatch(type -> type.of(target.pid).equals(outside.link(type))) ? "some" : "none of them"));
        lab.claim("setns.pid-moves-children", inside("the child: " + Namespace.PID.of(target.pid), "the child: " + Namespace.PID.of(inside.pid)),
                outside("the caller: " + outside.link(Namespace.PID), "the caller: " + joined.link(Namespace.PID)));
        inside.close();
    }

    static String links(long pid, List<Namespace> types) {
        return types.stream().map(type -> type.of(pid)).collect(Collectors.joining(" "));
    }

    static void errors(Lab lab, Caller outside, Child target, int uts, int pidfd) {
        lab.step("What is refused", "The file must be a namespace of the type named, the caller privileged, the process alive.");
        lab.claim("setns.type-must-match", inside("CLONE_NEWNET: EINVAL, CLONE_NEWUTS: success", "CLONE_NEWNET: " + another(outside, () -> setns(uts, CLONE_NEWNET))
                + ", CLONE_NEWUTS: " + another(outside, () -> setns(uts, CLONE_NEWUTS))));
        int file = Libc.open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
        lab.claim("setns.no-namespace", inside("-1: EBADF, /dev/null: EINVAL",
                "-1: " + another(outside, () -> setns(-1, 0)) + ", /dev/null: " + another(outside, () -> setns(file, 0))));
        close(file);
        try (Caller capless = outside.another("without CAP_SYS_ADMIN")) {
            int own = capless.call(() -> Libc.open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC, 0));
            capless.drop(CAP_SYS_ADMIN);
            lab.claim("setns.needs-cap-sys-admin", inside("EPERM", capless.errno(() -> setns(own, 0))),
                    outside("with it: success", "with it: " + another(outside, () -> setns(own, 0))));
            close(own);
        }
        Child dead = outside.clone(CLONE_NEWUTS);
        int fd = pidfd_open(dead.pid);
        String alive = another(outside, () -> setns(fd, CLONE_NEWUTS));
        dead.close();
        lab.claim("setns.pidfd-of-the-dead", inside("alive: success, dead: ESRCH", "alive: " + alive + ", dead: " + another(outside, () -> setns(fd, CLONE_NEWUTS))));
        close(fd);
    }

    /** What a call gives on a thread of its own, which ends then. */
    static String another(Caller outside, Errno.Call code) {
        try (Caller caller = outside.another("errno")) {
            return caller.errno(code);
        }
    }

    static void types(Lab lab, Caller outside, Child target) {
        lab.step("The eight types", "A time namespace is added, that of another thread's future children."
                + " What a JVM may not join because it has many threads, a clone(2) child may: it has one.");
        Caller clock = outside.another("clock");
        clock.unshare(CLONE_NEWTIME);
        int time = Libc.open("/proc/" + clock.tid() + "/ns/time_for_children", O_RDONLY | O_CLOEXEC, 0);
        List<Integer> files = new ArrayList<>(TYPES.stream().map(type -> open(target, type)).toList());
        int user = files.remove(0), mnt = files.get(files.size() - 1);
        files.add(time);
        files.add(user); // the others may belong to it or not: the files are open, and this one gives away the old privilege
        List<String> one = outside.errnos(0, UserMap.NONE, files.stream().map(fd -> call("setns", fd, 0)).toArray(Child.Step[]::new));
        lab.claim("setns.any-type", inside("8 types: [success]", one.size() + " types: " + one.stream().distinct().toList()));
        lab.claim("setns.threads-may-not", inside("user: EINVAL, time: EUSERS, mnt: EINVAL, after unshare(CLONE_FS): success", "user: "
                        + another(outside, () -> setns(user, 0)) + ", time: " + another(outside, () -> setns(time, 0)) + ", mnt: " + another(outside, () -> setns(mnt, 0))
                        + ", after unshare(CLONE_FS): " + another(outside, () -> {
                            unshare(CLONE_FS);
                            setns(mnt, 0);
                        })),
                outside("one thread: success success success", "one thread: " + one.get(7) + " " + one.get(6) + " " + one.get(5)));
        files.forEach(Libc::close);
        clock.close();
    }

    static void order(Lab lab, Caller outside, Child target) {
        lab.step("The order", "Who has no privilege joins user first; everybody joins mnt last, and calls fork(2) after pid. The other orders:");
        int user = open(target, Namespace.USER), uts = open(target, Namespace.UTS);
        List<String> errnos = outside.errnos(0, UserMap.NONE, Capability.capset(0, 0, 0), call("setns", uts, 0), call("setns", user, 0), call("setns", uts, 0));
        lab.claim("setns.user-first", inside("UTS: EPERM, user: success, UTS: success",
                "UTS: " + errnos.get(1) + ", user: " + errnos.get(2) + ", UTS: " + errnos.get(3)));
        int mnt = open(target, Namespace.MNT);
        String path = "/proc/" + target.pid + "/ns/uts";
        List<String> late = outside.errnos(0, UserMap.NONE, call("open", path, O_RDONLY), call("setns", mnt, 0), call("open", path, O_RDONLY));
        if (mounts(target.pid, "/proc") == mounts(outside.tid(), "/proc") && !Machine.masks("/proc").isEmpty()) { // it could not mount its own
            lab.cannot(Diagnosis.of("mount(proc)", Errno.EPERM, 0), "setns.mnt-last");
        } else {
            lab.claim("setns.mnt-last", inside("before: success, setns: success, after: ENOENT",
                    "before: " + late.get(0) + ", setns: " + late.get(1) + ", after: " + late.get(2)));
        }
        Stream.of(user, uts, mnt).forEach(Libc::close);
    }

    static long mounts(long pid, String point) {
        return Proc.mountsAt(Proc.read("/proc/" + pid + "/mountinfo"), point).lines().count();
    }

    static void command(Lab lab, Caller outside, Child target) {
        lab.step("nsenter(1)", "The same from a shell.");
        if (!Machine.has("nsenter")) {
            lab.cannot(Diagnosis.missing("nsenter", "util-linux"), "setns.nsenter", "setns.nsenter-forks");
            return;
        }
        String nsenter = "nsenter --target " + target.pid + " --preserve-credentials --user --uts --ipc --net --cgroup --pid --mount";
        String[] links = TYPES.stream().map(type -> "/proc/self/ns/" + type.proc).toArray(String[]::new);
        String program = " readlink " + String.join(" ", links);
        lab.claim("setns.nsenter", inside(links(target.pid, TYPES), outside.sh(nsenter + program).replace("\n", " ")),
                outside("none of them", Stream.of(outside.sh("exec" + program).split("\n")).anyMatch(links(target.pid, TYPES)::contains) ? "some" : "none of them"));
        String pid = "nsenter --target " + target.pid + " --preserve-credentials --user --pid";
        String with = outside.sh(pid + " readlink /proc/self/ns/pid"), without = outside.sh(pid + " --no-fork readlink /proc/self/ns/pid");
        lab.claim("setns.nsenter-forks", inside(Namespace.PID.of(target.pid), with), outside("--no-fork: " + outside.link(Namespace.PID), "--no-fork: " + without));
    }
}
