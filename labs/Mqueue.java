///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Sysctls.java
//SOURCES kit/Tmpfs.java

import static java.nio.charset.StandardCharsets.US_ASCII;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.Map;
import kit.*;

/** Give a process POSIX message queues of its own; mq_overview(7), ipc_namespaces(7), shm_overview(7). */
public class Mqueue {
    static final String QUESTION = "A POSIX message queue has a name like a file. Does it belong to a mount, or to an IPC namespace?";

    static final String CLAIMS = """
        mqueue.names              | IPC-07 | The name of a queue is not found in another IPC namespace: mq_open(3) fails with ENOENT, in both directions.
        mqueue.same-name          | IPC-07 | The same name names two independent queues in two IPC namespaces: a message sent to one does not arrive in the other.
        mqueue.mount              | IPC-08 | A mounted mqueue file system shows the queues of the IPC namespace of who mounted it, also to others; a file created in it is a queue.
        mqueue.outlives-members   | IPC-10 | After the last member has left, the mounted mqueue file system still lists the queues, but a new one is refused with EACCES.
        mqueue.limits             | IPC-12 | The limits in /proc/sys/fs/mqueue belong to the IPC namespace.
        mqueue.dev-shm-is-a-mount | IPC-14 | POSIX shared memory is different: a file in /dev/shm. Who shares that mount shares the memory.
        """;

    public static void main(String[] args) {
        new Lab("Mqueue", QUESTION, CLAIMS).main(args, Mqueue::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("Two processes share all mounts, but not the IPC namespace. One lists the other's mqueue mount. What will it see,"
                + " and can it open by mq_open(3) what it sees?");
        String in = "in-" + lab.token().hex("in"), out = "out-" + lab.token().hex("out");

        lab.step("Before", "One thread plays the host: an IPC namespace, and a mount namespace for files. It makes a queue by mq_open(3).");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWIPC | CLONE_NEWNS);
        String files = Tmpfs.mount(outside), outsideMount = files + "/outside", insideMount = files + "/inside", left = files + "/left";
        outside.sh("mkdir " + outsideMount + " " + insideMount + " " + left);
        outside.run(() -> mount("mqueue", outsideMount, "mqueue", 0, null));
        outside.run(() -> makeQueue(out));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWIPC). It keeps the mount namespace, mounts a mqueue file system"
                + " beside the other one, and makes a queue too.");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWIPC);
        inside.run(() -> mount("mqueue", insideMount, "mqueue", 0, null));
        inside.run(() -> makeQueue(in));
        // end::change[]

        lab.step("Inside and outside", "");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/ipc", inside.link(Namespace.IPC), outside.link(Namespace.IPC));
        lab.sides("mq_open " + in, inside.errno(() -> openQueue(in)), outside.errno(() -> openQueue(in)));
        lab.sides("mq_open " + out, inside.errno(() -> openQueue(out)), outside.errno(() -> openQueue(out)));
        lab.claim("mqueue.names",
                inside("own success, outside's ENOENT", "own " + inside.errno(() -> openQueue(in)) + ", outside's " + inside.errno(() -> openQueue(out))),
                outside("own success, inside's ENOENT", "own " + outside.errno(() -> openQueue(out)) + ", inside's " + outside.errno(() -> openQueue(in))));

        // Both sides see both mounts, for they share the mount namespace: the view belongs to the mount.
        String file = "file-" + lab.token().hex("file");
        outside.sh(": > " + insideMount + "/" + file);
        lab.sides("ls " + insideMount, list(inside, insideMount), list(outside, insideMount));
        lab.sides("ls " + outsideMount, list(inside, outsideMount), list(outside, outsideMount));
        lab.claim("mqueue.mount",
                inside(file + " " + in + ", mq_open success", list(inside, insideMount) + ", mq_open " + inside.errno(() -> openQueue(file))),
                outside(file + " " + in + ", mq_open ENOENT", list(outside, insideMount) + ", mq_open " + outside.errno(() -> openQueue(file))),
                inside(out, list(inside, outsideMount)));
        sameName(lab, inside, insideMount, outside, outsideMount);
        lastMember(lab, outside, left);

        lab.step("Limits", "Files in /proc/sys/fs/mqueue, written inside and read on both sides.");
        String number = String.valueOf(lab.token().number("limit", 130, 250));
        Sysctls.claim(lab, "mqueue.limits", "/proc/sys/fs/mqueue/",
                Map.of("queues_max", number, "msg_max", number, "msgsize_max", number), inside, outside);
        sharedMemory(lab, inside, outside);
        Child member = inside.clone(0), peer = outside.clone(0); // ordinary fork(2)s: they stand where their makers do
        lab.look(member.pid, inside::shell, "peer=" + peer.pid);

        lab.step("Clean-up", "Nobody calls mq_unlink(3): the queues vanish with the last member and the last mount of their namespace.");
        String link = inside.link(Namespace.IPC);
        member.close();
        peer.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Mqueue --hold, then nsenter --mount --target PID ls " + insideMount + ".");
    }

    static void sameName(Lab lab, Caller inside, String insideMount, Caller outside, String outsideMount) {
        lab.step("The same name", "Both sides make a queue with the same name. A message is sent inside; mq_receive(3) asks for it outside.");
        String same = "same-" + lab.token().hex("same");
        byte[] message = ("message-" + lab.token().hex("message").substring(lab.token().number("length", 0, 8))).getBytes(US_ASCII);
        outside.run(() -> makeQueue(same));
        inside.run(() -> makeQueue(same));
        inside.run(() -> {
            int queue = mq_open("/" + same, O_WRONLY, 0, Pointer.NULL);
            mq_send(queue, message, message.length, 0);
            close(queue);
        });
        String received = outside.errno(() -> {
            int queue = mq_open("/" + same, O_RDONLY | O_NONBLOCK, 0, Pointer.NULL);
            try {
                mq_receive(queue, new byte[SIZE], SIZE, Pointer.NULL);
            } finally {
                close(queue);
            }
        });
        // The file of a queue tells how many bytes wait in it.
        lab.claim("mqueue.same-name",
                inside("QSIZE:" + message.length, inside.sh("cut -d ' ' -f 1 " + insideMount + "/" + same)),
                outside("QSIZE:0, mq_receive EAGAIN", outside.sh("cut -d ' ' -f 1 " + outsideMount + "/" + same) + ", mq_receive " + received));
    }

    /** A third IPC namespace, whose only member mounts its queues, and ends. */
    static void lastMember(Lab lab, Caller outside, String left) throws InterruptedException {
        lab.step("The last member", "A third thread, in an IPC namespace of its own, makes a queue, mounts, and ends. The mount stays.");
        String queue = "left-" + lab.token().hex("left");
        Caller last = outside.another("the last member");
        last.unshare(CLONE_NEWIPC);
        last.run(() -> mount("mqueue", left, "mqueue", 0, null));
        last.run(() -> makeQueue(queue));
        String link = last.link(Namespace.IPC);
        last.close();
        lab.gone(link);
        lab.claim("mqueue.outlives-members", outside(queue, list(outside, left)),
                outside("EACCES", outside.errno(() -> close(open(left + "/late", O_CREAT | O_WRONLY, 0600)))));
    }

    static void sharedMemory(Lab lab, Caller inside, Caller outside) {
        lab.step("POSIX shared memory", "Outside mounts a file system on /dev/shm, where shm_open(3) makes its files.");
        if (outside.errno(() -> mount("memory", "/dev/shm", "tmpfs", 0, "mode=1777")).equals("ENOENT")) {
            lab.cannot("mqueue.dev-shm-is-a-mount", "this machine has no directory /dev/shm; make it: mkdir /dev/shm");
            return;
        }
        String word = "word-" + lab.token().hex("word");
        outside.sh("echo " + word + " > /dev/shm/segment");
        lab.claim("mqueue.dev-shm-is-a-mount", inside(word, inside.sh("cat /dev/shm/segment")));
    }

    /** The longest message in bytes. Small, as the number of messages is: RLIMIT_MSGQUEUE counts both per user. */
    static final int SIZE = 64;

    static void makeQueue(String name) {
        Memory attributes = new Memory(64); // struct mq_attr, eight longs
        attributes.clear();
        attributes.setLong(8, 1); // mq_maxmsg
        attributes.setLong(16, SIZE); // mq_msgsize
        close(mq_open("/" + name, O_CREAT | O_RDWR, 0600, attributes));
    }

    static void openQueue(String name) {
        close(mq_open("/" + name, O_RDONLY, 0, Pointer.NULL));
    }

    static String list(Caller who, String dir) {
        return who.sh("echo $(ls " + dir + ")");
    }
}
