///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/NamespaceFile.java
//SOURCES kit/RootFs.java
//SOURCES kit/Syscall.java
//SOURCES kit/Tmpfs.java
//SOURCES kit/threads/Devices.java
//SOURCES kit/threads/Hop.java
//SOURCES kit/threads/JavaStart.java
//SOURCES kit/threads/LateErrno.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import kit.*;
import kit.threads.*;

/** Put one thread of a JVM into a container while the others stay on the host, and see what a JVM may not do; unshare(2), setns(2), clone(2). */
public class Threads {
    static final String QUESTION = "Can one thread of a Java program stand in a container, while main goes on outside?";

    static final String CLAIMS = """
        threads.container-beside-main   | JVM-02        | One thread of a JVM can stand in new mount, UTS, IPC, PID, network and cgroup namespaces with a root file system of its own, while main reads the host's files.
        threads.its-child-is-number-one | JVM-02 PID-09 | The shell that it starts is number 1 there, and sees its own hostname, root and /proc.
        threads.proc-self-is-the-first  | JVM-02 GEN-18 | /proc/self tells of the process's first thread, on whichever thread it is read: /proc/thread-self tells of the reader.
        threads.its-proc-knows-it-not   | JVM-02 PID-08 | In the /proc of the PID namespace that it made the thread itself has no number: there its /proc/thread-self leads nowhere.
        threads.java-asks-proc-self     | JVM-02 NET-02 | NetworkInterface.getNetworkInterfaces() on that thread misses its own IPv6 device: Java looks it up in /proc/net, which is the first thread's.
        threads.new-threads-inherit     | JVM-02 GEN-18 | A thread starts in the namespaces of the thread that starts it.
        threads.no-user-namespace       | JVM-01 USR-24 | A JVM always has several threads, so unshare(CLONE_NEWUSER) and setns(2) to a user namespace give EINVAL; a child with one thread may.
        threads.mount-namespace         | JVM-01        | setns(2) to a mount namespace gives EINVAL until the thread has called unshare(CLONE_FS).
        threads.time-namespace          | JVM-01 TIM-10 | setns(2) to a time namespace gives EUSERS.
        threads.no-more-java-threads    | JVM-04 PID-28 | After unshare(CLONE_NEWPID) a Java thread can start no thread: OutOfMemoryError, although there is memory; it is EINVAL.
        threads.process-builder-once    | JVM-04        | The first ProcessBuilder child of that thread is number 1, and after its end the next one fails with error 12 (ENOMEM).
        threads.others-unaffected       | JVM-04        | The other threads go on starting threads and processes.
        threads.virtual-threads-hop     | JVM-03        | A virtual thread that has called unshare(2) goes on elsewhere: the namespace stays with the carrier thread that it has left.
        threads.fork-copies-one         | JVM-05        | Between fork(2) and execve(2) the child has one thread, its maker's copy: garbage collector and compiler are not there, so no Java may run.
        threads.errno-is-taken-at-once  | JVM-06        | LastErrorException keeps the errno of its call; the variable itself is soon overwritten by the JVM's own calls.
        threads.int-or-long             | JVM-06        | unshare(2) takes an int: bit 32 of a Java long is lost in it, and where the kernel gets all 64 bits, by syscall(2), it says EINVAL.
        """;

    public static void main(String[] args) {
        new Lab("Threads", QUESTION, CLAIMS).main(args, Threads::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A thread calls unshare(2) with six flags, and pivot_root(2). Which files does main read then? Of what tells /proc/self on"
                + " such a thread? And can it start another one?");
        String name = "in-" + lab.token().hex("hostname"), note = "note-" + lab.token().hex("file");

        lab.step("Before", "One thread makes a UTS namespace, another a root file system that only it sees. Main stays on the host. Each of the three starts one more.");
        Caller outside = new Caller("outside"), builder = new Caller("builder");
        outside.unshare(CLONE_NEWUTS);
        builder.unshare(CLONE_NEWNS);
        String root = Tmpfs.mount(builder), hostRoot = identity("/");
        RootFs.make(builder, root);
        builder.sh("cd " + root + "; echo " + note + " > note; touch dev/null; mount --bind /dev/null dev/null");
        List<Caller> heirs = threads(lab, outside, builder);
        int[] gate = new int[2];
        Child half = forked(lab, outside, gate);

        outside.errno(() -> unshare(0)); // loads the classes for that: those that are missing later, inside would look for in its own files

        lab.step("Change", "A further thread calls unshare(2) with six flags, sethostname(2), and pivot_root(2): the JVM's only one in the container.");
        // tag::change[]
        Caller inside = builder.another("inside");
        inside.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP);
        inside.run(() -> sethostname(name, name.length()));
        inside.run(() -> chdir(root));
        inside.run(() -> pivot_root(".", ".")); // now the old root lies over the new one
        Child init = inside.clone(0); // the thread's first child
        Output proc = init.run("cd /; mount -t proc proc /proc"); // while the host's is still there: without that an ordinary user may not
        inside.run(() -> umount2(".", MNT_DETACH));
        inside.run(() -> chdir("/"));
        // end::change[]

        lab.step("Inside and outside", "");
        lab.sides("", "inside", "main");
        lab.sides("/proc/TID/ns/mnt", inside.link(Namespace.MNT), Namespace.MNT.ofThisThread());
        lab.sides("/proc/TID/ns/net", inside.link(Namespace.NET), Namespace.NET.ofThisThread());
        lab.sides("gethostname(2)", inside.call(Libc::gethostname), gethostname());
        lab.sides("device:inode of /", inside.call(() -> identity("/")), identity("/"));
        lab.claim("threads.container-beside-main", inside(name + ", " + note, inside.call(() -> gethostname() + ", " + Proc.read("/note"))),
                outside("/ is " + hostRoot + ", no note", "/ is " + identity("/") + (Proc.exists("/note") ? ", a note" : ", no note")));
        lab.claim("threads.its-child-is-number-one", inside("1 " + name + " " + note, init.sh("echo $$ $(uname -n) $(cat /note)")),
                outside(init.pid + " 1", Proc.status(init.pid, "NSpid")));
        if (proc.ok()) {
            lab.claim("threads.its-proc-knows-it-not", inside("processes: 1; /proc/thread-self: ENOENT", "processes: " + init.sh("cd /proc; echo [0-9]*; cd /")
                    + "; /proc/thread-self: " + inside.errno(() -> open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC, 0))));
        } else {
            lab.cannot(Diagnosis.of("mount(proc)", Errno.EPERM, 0), "threads.its-proc-knows-it-not");
        }
        long carrier = virtual(lab);
        lab.look(init.pid, () -> inside.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sh")), "jvm=" + getpid(), "inside=" + inside.tid(),
                "outside=" + outside.tid(), "builder=" + builder.tid(), "half=" + half.pid, "carrier=" + carrier,
                "heirs=" + heirs.stream().map(heir -> "" + heir.tid()).collect(Collectors.joining(",")));
        write(gate[1], new byte[1], 1); // lets it go on, to execve(2)

        refused(lab, outside, inside, note);
        pidNamespace(lab, outside);
        network(lab, outside);
        libc(lab, outside);

        lab.step("Clean-up", "The threads and children end, and with them the namespaces and the mounts.");
        String pid = Namespace.PID.of(init.pid), mnt = inside.link(Namespace.MNT);
        List.of(init, half).forEach(Child::close);
        heirs.forEach(Caller::close);
        List.of(inside, builder, outside).forEach(Caller::close);
        lab.gone(pid);
        lab.gone(mnt);
        lab.next("./build.sh run Threads --hold, and in a second terminal: ls -l /proc/JVM/task/*/ns/uts; cat /proc/JVM/task/*/comm.");
    }

    /** Device and inode of a file, by stat(2). */
    static String identity(String path) throws Exception {
        return Files.getAttribute(Path.of(path), "unix:dev") + ":" + Files.getAttribute(Path.of(path), "unix:ino");
    }

    /** Three threads: each is started by another one, and two of those have moved. */
    static List<Caller> threads(Lab lab, Caller outside, Caller builder) {
        String first = Namespace.UTS.of(getpid()), own = outside.link(Namespace.UTS);
        lab.claim("threads.proc-self-is-the-first", inside("/proc/self: " + first + ", /proc/thread-self: " + own, outside.call(() ->
                "/proc/self: " + Proc.readlink("/proc/self/ns/uts") + ", /proc/thread-self: " + Namespace.UTS.ofThisThread())));
        List<Caller> heirs = List.of(builder.another("builder's"), outside.another("outside's"), new Caller("main's"));
        lab.claim("threads.new-threads-inherit", inside(links(builder) + links(outside), links(heirs.get(0)) + links(heirs.get(1))),
                outside(Namespace.UTS.ofThisThread() + " " + Namespace.MNT.ofThisThread() + " ", links(heirs.get(2))));
        return heirs;
    }

    static String links(Caller thread) {
        return thread.link(Namespace.UTS) + " " + thread.link(Namespace.MNT) + " ";
    }

    /** A child between fork(2) and execve(2): it waits at a gate, a pipe of which one byte has to come. */
    static Child forked(Lab lab, Caller outside, int[] gate) {
        pipe2(gate, O_CLOEXEC);
        Child half = outside.clone(0, call("close", gate[1]), call("read", gate[0], new Memory(8), 1L)); // its own copy, or the gate would outlive the JVM
        String java = Proc.readlink("/proc/self/exe"), count = Proc.status("self", "Threads");
        lab.claim("threads.fork-copies-one", inside("1 thread of " + java, Proc.status(half.pid, "Threads") + " thread of " + Proc.readlink("/proc/" + half.pid + "/exe")),
                outside("more than 1 thread", count + " threads", Integer.parseInt(count) > 1));
        return half;
    }

    /** What the kernel refuses to a process that has more than one thread. */
    static void refused(Lab lab, Caller outside, Caller inside, String note) {
        lab.step("What a JVM may not", "A process with several threads asks for what would move all of them, or none.");
        Child owner = outside.clone(CLONE_NEWUSER);
        int user = NamespaceFile.of(owner.pid, "user").fd(), mnt = NamespaceFile.of(inside.tid(), "mnt").fd();
        String count = Proc.status("self", "Threads");
        lab.claim("threads.no-user-namespace",
                inside(count + " threads: EINVAL, EINVAL", count + " threads: " + outside.errno(() -> unshare(CLONE_NEWUSER)) + ", " + outside.errno(() -> setns(user, CLONE_NEWUSER))),
                outside("1 thread: [success, success]", "1 thread: " + outside.errnos(0, UserMap.NONE, call("setns", user, CLONE_NEWUSER), call("unshare", CLONE_NEWUSER))));
        owner.close();
        try (Caller joiner = outside.another("joiner")) {
            String before = joiner.errno(() -> setns(mnt, CLONE_NEWNS));
            joiner.run(() -> unshare(CLONE_FS));
            lab.claim("threads.mount-namespace", inside("EINVAL, success, " + note, before + ", " + joiner.errno(() -> setns(mnt, CLONE_NEWNS))
                    + ", " + joiner.call(() -> Proc.exists("/note") ? Proc.read("/note") : "no note")));
        }
        if (lab.can(outside, CLONE_NEWTIME, "threads.time-namespace")) {
            Caller clock = outside.another("clock");
            clock.unshare(CLONE_NEWTIME);
            int time = NamespaceFile.of(clock.tid(), "time_for_children").fd();
            lab.claim("threads.time-namespace", inside("EUSERS", outside.errno(() -> setns(time, CLONE_NEWTIME))));
            close(time);
            clock.close();
        }
        List.of(user, mnt).forEach(Libc::close);
    }

    static void pidNamespace(Lab lab, Caller outside) throws InterruptedException {
        lab.step("After CLONE_NEWPID", "A Java thread that has unshared, new Thread(...).start() and ProcessBuilder.");
        Caller java = outside.another("java");
        java.unshare(CLONE_NEWPID);
        lab.claim("threads.no-more-java-threads", inside("OutOfMemoryError", java.call(JavaStart::thread)));
        JavaStart.idleReaper(); // of another thread; "java" itself could start none
        lab.claim("threads.process-builder-once", inside("1, then error 12", java.call(JavaStart::process) + ", then " + java.call(JavaStart::process)));
        String thread = outside.call(JavaStart::thread), process = outside.call(JavaStart::process);
        lab.claim("threads.others-unaffected", outside("started, and another number than 1", thread + ", and " + process,
                thread.equals("started") && process.matches("\\d+") && !process.equals("1")));
        java.close();
    }

    /** The thread that carried the virtual one when it called unshare(2); 0 without virtual threads. */
    static long virtual(Lab lab) throws Exception {
        if (!Hop.possible()) {
            lab.cannot("threads.virtual-threads-hop", "Java " + Runtime.version().feature() + " has no virtual threads; run the lab on Java 21 or newer");
            return 0;
        }
        lab.step("A virtual thread", "It calls unshare(CLONE_NEWUTS), and then gives way to others until it finds itself on another carrier thread.");
        Hop hop = Hop.watch();
        lab.claim("threads.virtual-threads-hop", inside("another than " + hop.made(), hop.now(), !hop.now().equals(hop.made())),
                outside("its first carrier: " + hop.made(), "its first carrier: " + Namespace.UTS.of(hop.carrier())));
        return hop.carrier();
    }

    static void network(Lab lab, Caller outside) {
        lab.step("What Java reads", "A thread in a new network namespace, with a device that has nothing but an IPv6 address.");
        String device = "in" + lab.token().hex("device");
        Caller net = outside.another("net");
        net.unshare(CLONE_NEWNET);
        Output made = Devices.make(net, device);
        if (made.ok()) {
            lab.claim("threads.java-asks-proc-self", inside("of the thread: [" + device + ", peer]", "of the thread: " + net.call(() -> Devices.listed("thread-self"))),
                    inside("found by Java: " + Devices.listed("self"), "found by Java: " + net.call(Devices::found)));
        } else {
            lab.cannot(Machine.has("ip") ? new Diagnosis(true, "no device with an IPv6 address can be made here (" + made.text() + ")", "use a kernel with IPv6 and veth")
                    : Diagnosis.missing("ip", "iproute2"), "threads.java-asks-proc-self");
        }
        net.close();
    }

    static void libc(Lab lab, Caller outside) {
        lab.step("Calls through JNA", "errno is a variable of the thread, which every call may overwrite; and a C function has no idea of Java's types.");
        List<String> errno = outside.call(() -> LateErrno.after(() -> setns(-1, 0), "/nonexistent/" + lab.token().hex("nowhere")));
        lab.claim("threads.errno-is-taken-at-once", inside("in the exception EBADF, in errno another one", "in the exception " + errno.get(0) + ", in errno " + errno.get(1),
                errno.get(0).equals("EBADF") && !errno.get(1).equals("EBADF")));
        long flags = 1L << 32 | CLONE_NEWUTS;
        try (Caller caller = outside.another("caller")) {
            String raw = caller.errno(() -> syscall(Syscall.number("unshare"), flags, 0, 0, 0, 0, 0)), before = caller.link(Namespace.UTS);
            caller.unshare((int) flags);
            lab.claim("threads.int-or-long", inside("long: EINVAL, int: another namespace than " + before, "long: " + raw + ", int: " + caller.link(Namespace.UTS),
                    raw.equals("EINVAL") && !caller.link(Namespace.UTS).equals(before)));
        }
    }
}
