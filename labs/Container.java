///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/container/ContainerTool.java
//SOURCES kit/container/Beyond.java
//SOURCES kit/Sockets.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;
import kit.container.*;

/** Build a container by system calls from Java, step by step, and use it as a tool: run, exec, ps, rm; namespaces(7), pivot_root(2), seccomp(2). */
public class Container {
    static final String QUESTION = "Which system calls turn a process into a container, and what does each of them take away?";

    static final String CLAIMS = """
        container.six-namespaces   | GEN-05        | clone(2) with five flags and then unshare(CLONE_NEWCGROUP) put a process into six new namespaces; it shares two with its creator, time and user.
        container.number-one       | PID-02 PID-04 | The command is number 1 of the container, without any program of ours between; outside it has another number.
        container.leads-a-session  | PID-37        | After setsid(2) its session and its process group have the number 1 too.
        container.own-name         | UTS-02        | Its hostname is its own.
        container.pivoted          | PIV-02 PIV-07 | After pivot_root(".", ".") and umount2(".", MNT_DETACH) none of the machine's mounts is left in its list but the device files.
        container.files-unseen     | MNT-02 MNT-03 | Its root is mounted nowhere else; from outside only /proc/PID/root leads to its files.
        container.sees-itself-only | PID-09        | Its /proc shows its own processes and no other.
        container.masked           | MNT-04        | A mount of /dev/null hides a file of /proc; the file itself is unchanged, as one sees outside.
        container.read-only        | MNT-20        | /proc/sys is read-only: a write fails with EROFS, even for root.
        container.capabilities     | SEC-04        | Root has three capabilities left, in the bounding set too: so chroot(2) fails with EPERM.
        container.no-new-privs     | SEC-02        | no_new_privs is set and inherited by what it starts.
        container.seccomp          | SEC-07        | Its filter refuses unshare(CLONE_NEWUSER), for which nobody needs a capability.
        container.nothing-open     | PIV-11        | No directory of the machine is open in it that would lead out: it has files 0, 1 and 2, and they are pipes.
        container.without-root     | PIV-10        | Who lacks CAP_SYS_ADMIN makes the same container with one more flag, CLONE_NEWUSER.
        container.devices-bound    | USR-32        | In that one mknod(2) is not allowed: its /dev/null is the machine's, bound there, and works.
        container.init-reaps       | PID-17        | An orphan becomes a child of number 1; with a shell there that waits, as --init has it, no zombie stays.
        container.way-out          | NET-26        | With a veth pair, forwarding and NAT it reaches the other side of its host, which sees the host's address; without, it has no route.
        container.pids-limit       | CGR-04        | In a cgroup that allows few processes it can start no more of them; fork(2) fails with EAGAIN.
        """;

    static final List<Namespace> SIX = List.of(Namespace.PID, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT);

    public static void main(String[] args) {
        if (args.length > 0 && ContainerTool.WORDS.contains(args[0])) {
            System.exit(ContainerTool.main(args));
        }
        new Lab("Container", QUESTION, CLAIMS).with(new ContainerTool.Words()).main(args, Container::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("Which is the last call before the command runs, and why must it be the last? How many of your capabilities does root in"
                + " a container have? Is there a file in it by which one gets out?");

        lab.step("Before", "One thread plays the host, in a network and a UTS namespace of its own, so that nothing is done to the machine.");
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWNET | CLONE_NEWUTS);
        String name = "box-" + lab.token().hex("hostname"), file = lab.token().hex("file");
        ContainerSpec spec = ContainerSpec.standard(null);
        spec.hostname = name;
        Beyond beyond = Beyond.make(lab, host, "container.way-out");
        spec.nat = beyond != null;

        ContainerRun box = new ContainerRun(host, spec, ContainerRun.Streams.TALK);
        lab.step("1. clone(2)", "A new process in new namespaces; then sethostname(2), and the loopback device is switched on.");
        box.create();
        int pid = box.pid();
        lab.sides("", "inside", "outside");
        SIX.forEach(type -> lab.sides("/proc/PID/ns/" + type.proc, type.of(pid), type.of(host.tid())));
        lab.claim("container.six-namespaces", inside(SIX, Stream.of(Namespace.values()).filter(type -> !type.of(pid).equals(type.of(host.tid()))).toList()));

        lab.step("2. mount(2)", "A root file system of this machine's programs; /proc, /dev, /sys; masked and read-only paths.");
        box.furnish();
        lab.sides("mounts", mounts(pid).size(), mounts(host.tid()).size());

        lab.step("3. pivot_root(2)", "The new tree becomes the root, and the old one is left: what was mounted there is out of reach.");
        box.enter();
        lab.sides("mounts", mounts(pid).size(), mounts(host.tid()).size());

        lab.step("4. setsid(2), prctl(2), capset(2), seccomp(2)", "What the command must not have is taken away, the right to make system calls last.");
        box.restrict();
        for (String row : List.of("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")) {
            lab.sides(row, Proc.status(pid, row), Proc.status(host.tid(), row));
        }

        lab.step("5. execve(2)", "Everything that is in the process now is the command.");
        box.exec();
        box.sh("echo " + file + " > /tmp/file");
        lab.show(box.sh("ps 2>/dev/null || ls /proc | grep '^[0-9]'"));
        identity(lab, host, box, name);
        files(lab, host, box, spec, file);
        rights(lab, host, box);
        lab.look(pid, () -> ContainerExec.shell(host, pid, spec));

        lab.step("Without privilege", "The same by a thread that lacks CAP_SYS_ADMIN, in a user namespace; and a shell as its init.");
        withoutRoot(lab, host);
        if (beyond != null) {
            lab.step("The way out", "The container has a veth pair to its host, and the host one to a third network.");
            wayOut(lab, host, beyond, pid);
        }
        limited(lab, host);

        lab.step("Clean-up", "Number 1 is killed; the kernel takes the rest apart.");
        String link = Namespace.PID.of(pid);
        box.close();
        host.close();
        lab.gone(link);
        lab.next("./build.sh run Container run -- sh, and in it: mount -t tmpfs none /tmp; unshare -U sh; kill 1; ls -l /proc/1/fd. Then the same with"
                + " --cap-add CAP_SYS_ADMIN, and with --no-seccomp. A bundle of runc runs too: runc spec; ./build.sh run Container run --bundle DIR.");
    }

    static void identity(Lab lab, Caller host, ContainerRun box, String name) {
        lab.claim("container.number-one", inside("1 /bin/sh", box.sh("echo $$; cat /proc/1/cmdline").replace('\n', ' ').replace("\0", "")),
                outside("child of " + getpid() + ", number 1 at its end", "child of " + Proc.status(box.pid(), "PPid") + ", number " + last(box.pid(), "NSpid") + " at its end"));
        lab.claim("container.leads-a-session", inside("1, 1", last(box.pid(), "NSsid") + ", " + last(box.pid(), "NSpgid")));
        lab.claim("container.own-name", inside(name, box.sh("hostname")), outside("another", host.call(Libc::gethostname).equals(name) ? name : "another"));
        lab.claim("container.sees-itself-only", inside("1", box.sh("for p in /proc/[0-9]*; do echo ${p#/proc/}; done")));
    }

    /** The last of the numbers that a process has, one in each PID namespace from ours inwards. */
    static String last(int pid, String row) {
        return Proc.status(pid, row).replaceFirst(".* ", "");
    }

    static void files(Lab lab, Caller host, ContainerRun box, ContainerSpec spec, String file) {
        List<String[]> own = mounts(box.pid());
        Set<String> devices = mounts(host.tid()).stream().map(mount -> mount[2]).collect(Collectors.toSet());
        lab.claim("container.pivoted", inside("/ first; the machine's: []", own.get(0)[4] + " first; the machine's: "
                + own.stream().filter(mount -> devices.contains(mount[2]) && !mount[3].matches("/\\w+")).map(mount -> mount[4]).toList()));
        lab.claim("container.files-unseen", inside(file, box.sh("cat /tmp/file")), outside(file + ", file system unknown", Proc.read("/proc/" + box.pid()
                + "/root/tmp/file") + (devices.contains(own.get(0)[2]) ? ", file system mounted" : ", file system unknown")));
        String masked = spec.masked.stream().filter(path -> path.startsWith("/proc") && Files.isRegularFile(Path.of(path))).findFirst().orElse("/proc/keys");
        lab.claim("container.masked", inside("character special file", box.sh("stat -c %F " + masked)),
                outside("a regular file", Files.isRegularFile(Path.of(masked)) ? "a regular file" : "none"));
        lab.claim("container.read-only", inside("Read-only file system", box.sh("echo 1 > /proc/sys/kernel/domainname").replaceFirst(".*: ", "")));
        lab.claim("container.nothing-open", outside("0 1 2 pipe", Stream.of(new File("/proc/" + box.pid() + "/fd").list()).sorted().collect(Collectors.joining(" "))
                + Stream.of("0", "1", "2").map(fd -> Proc.readlink("/proc/" + box.pid() + "/fd/" + fd).replaceFirst(":.*", "")).distinct().collect(Collectors.joining(" ", " ", ""))));
    }

    static void rights(Lab lab, Caller host, ContainerRun box) {
        List<String> three = List.of("CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_AUDIT_WRITE");
        lab.claim("container.capabilities", inside(three + " " + three + " EPERM", Capability.names(Capability.set(box.pid(), "CapEff")) + " "
                + Capability.names(Capability.set(box.pid(), "CapBnd")) + " " + refused(box.sh("chroot / true"))));
        lab.claim("container.no-new-privs", inside("NoNewPrivs: 1", box.sh("sh -c 'cat /proc/self/status'").lines().filter(line -> line.startsWith("NoNew"))
                .findFirst().orElse("").replaceAll("\\s+", " ")), outside(Proc.status("self", "NoNewPrivs"), Proc.status(host.tid(), "NoNewPrivs")));
        if (lab.can(host, CLONE_NEWUSER, "container.seccomp")) {
            lab.claim("container.seccomp", inside("2 EPERM", Proc.status(box.pid(), "Seccomp") + " " + refused(box.sh("unshare -U true"))),
                    outside("success", host.errnos(0, UserMap.NONE, call("unshare", CLONE_NEWUSER)).get(0)));
        }
    }

    static String refused(String text) {
        return text.contains("not permitted") ? "EPERM" : text;
    }

    static void withoutRoot(Lab lab, Caller host) throws InterruptedException {
        Caller plain = host.another("without CAP_SYS_ADMIN");
        if (!Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1")) { // Ubuntu: there only who has it gets one
            plain.drop(CAP_SYS_ADMIN);
        }
        ContainerSpec spec = ContainerSpec.standard(null);
        spec.rootless();
        spec.init = true;
        try (plain; ContainerRun box = ContainerRun.start(plain, spec)) {
            lab.claim("container.without-root", inside("0 " + getuid() + " 1", box.sh("cat /proc/self/uid_map").strip().replaceAll("\\s+", " ")),
                    outside("rootfs on /", mounts(box.pid()).stream().map(mount -> mount[mount.length - 2] + " on " + mount[4]).findFirst().orElse("")));
            lab.claim("container.devices-bound", inside("mounted, 3 zeros, written", (mounts(box.pid()).stream().anyMatch(mount -> mount[4].equals("/dev/null")) ? "mounted, " : "made, ")
                    + box.sh("head -c 3 /dev/zero | wc -c") + " zeros, " + box.sh("echo x > /dev/null && echo written")));
            String orphan = box.sh("sh -c 'sleep 100000 >/dev/null 2>&1 & echo $!'"), status = "cat /proc/" + orphan + "/status 2>/dev/null || echo gone";
            String parent = box.sh(status).replaceFirst("(?s).*PPid:\\s+(\\d+).*", "$1");
            box.sh("kill " + orphan);
            String left = box.sh(status);
            for (int i = 0; i < 400 && !left.equals("gone"); i++) {
                Thread.sleep(5); // until the shell that is number 1 has been told of it
                left = box.sh(status);
            }
            lab.claim("container.init-reaps", inside("child of 1, then gone", "child of " + parent + ", then " + left.replaceFirst("(?s).*State:\\s+(\\w).*", "$1")));
        }
    }

    static void limited(Lab lab, Caller host) {
        ContainerSpec spec = ContainerSpec.standard(null);
        spec.pids = lab.token().number("pids", 6, 12);
        lab.step("A limit", "A container in a cgroup of its own that may have " + spec.pids + " processes; before its command it starts children.");
        try (ContainerRun box = new ContainerRun(host, spec, ContainerRun.Streams.TALK)) {
            box.create();
            int children = 0, errno = box.fork("pause");
            for (; errno == 0 && children < 20; children++) {
                errno = box.fork("pause");
            }
            lab.claim("container.pids-limit", inside(spec.pids - 1 + " children, then EAGAIN", children + " children, then " + Errno.name(errno)));
        } catch (Problem e) {
            lab.cannot(e.diagnosis, "container.pids-limit");
        }
    }

    /** The lines of a mountinfo, in fields; proc(5): 2 is the device, 3 the root in it, 4 the mount point, the last but one the source. */
    static List<String[]> mounts(long pid) {
        return Proc.read("/proc/" + pid + "/mountinfo").lines().map(line -> line.split(" ")).toList();
    }

    static void wayOut(Lab lab, Caller host, Beyond beyond, int pid) {
        try (beyond; Caller guest = host.another("guest"); Caller alone = host.another("alone")) {
            guest.run(() -> setns(open("/proc/" + pid + "/ns/net", O_RDONLY | O_CLOEXEC, 0), CLONE_NEWNET));
            alone.unshare(CLONE_NEWNET);
            lab.claim("container.way-out", inside("success, without ENETUNREACH", beyond.connect(guest) + ", without " + beyond.connect(alone)),
                    outside("called by " + Beyond.host(), "called by " + beyond.callers()));
        }
    }
}
