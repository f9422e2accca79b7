///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Sysctls.java
//SOURCES kit/Sockets.java
//SOURCES kit/Tmpfs.java

import static java.nio.charset.StandardCharsets.US_ASCII;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import com.sun.jna.Pointer;
import java.util.List;
import java.util.Map;
import kit.*;

/** Give a process queues, semaphores and shared memory of its own; ipc_namespaces(7), sysvipc(7). */
public class Ipc {
    static final String QUESTION = "Who else on this machine can reach a message queue whose key they know?";

    static final String CLAIMS = """
        ipc.starts-empty        | IPC-05        | A new IPC namespace has no queue, no shared memory and no semaphore, whatever exists outside.
        ipc.foreign-id          | IPC-06 IPC-18 | The number of an outside shared-memory segment means nothing inside: shmat(2) fails with EINVAL, until setns(2) has led back out.
        ipc.message-queues      | IPC-03        | A message queue is listed and found only in the IPC namespace that it was made in, in both directions.
        ipc.shared-memory       | IPC-01        | So is a shared-memory segment.
        ipc.semaphores          | IPC-02        | So is a semaphore set.
        ipc.members-share       | IPC-01        | A child of an ordinary fork(2) finds the objects of its parent.
        ipc.same-key            | IPC-04        | The same key names two independent objects in two IPC namespaces, and their contents do not mix.
        ipc.ipcrm-is-local      | IPC-03 IPC-04 | ipcrm inside removes the queue inside; the queue with the same key outside stays.
        ipc.proc-sysvipc-reader | IPC-15        | /proc/sysvipc shows the IPC namespace of whoever reads it, through one and the same mount of /proc.
        ipc.sysv-limits         | IPC-11        | The limits kernel.shmmax, shmall, shmmni, msgmax, msgmnb, msgmni and sem belong to the IPC namespace.
        ipc.pipes-pass          | IPC-14        | A named pipe connects two IPC namespaces: it is a file, and files are not isolated here.
        ipc.path-sockets-pass   | IPC-14        | So does a UNIX socket with a path.
        ipc.no-shared-sem-undo  | IPC-16        | clone(2) with CLONE_NEWIPC and CLONE_SYSVSEM fails with EINVAL: two namespaces cannot share one list of semaphore adjustments.
        ipc.flat                | IPC-18        | IPC namespaces have no parent: the ioctl(2) NS_GET_PARENT fails with EINVAL.
        """;

    public static void main(String[] args) {
        new Lab("Ipc", QUESTION, CLAIMS).main(args, Ipc::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        for (String program : List.of("ipcmk", "ipcs", "ipcrm")) {
            if (!Machine.has(program)) {
                throw new Problem("execve(" + program + ")", Errno.ENOENT, Diagnosis.missing(program, "util-linux"));
            }
        }
        lab.predict("A queue is made outside and one inside. How many will ipcs -q list on each side?");

        lab.step("Before", "One thread plays the host: an IPC namespace, with an object of each kind, and a mount namespace for files.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWIPC | CLONE_NEWNS);
        String files = Tmpfs.mount(outside);
        lab.show(outside.sh("ipcmk -Q; ipcmk -M 4096; ipcmk -S 1; ipcs"));

        lab.step("Change", "A second thread calls unshare(CLONE_NEWIPC). It keeps the mount namespace: the files stay shared.");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWIPC);
        lab.claim("ipc.starts-empty",
                inside("[] [] []", keys(inside, "-q") + " " + keys(inside, "-m") + " " + keys(inside, "-s")),
                outside("1 1 1", keys(outside, "-q").size() + " " + keys(outside, "-m").size() + " " + keys(outside, "-s").size()));
        foreignId(lab, inside, outside);

        lab.step("Inside and outside", "Now ipcmk makes an object of each kind inside too.");
        inside.sh("ipcmk -Q; ipcmk -M 4096; ipcmk -S 1");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/ipc", inside.link(Namespace.IPC), outside.link(Namespace.IPC));
        apart(lab, "ipc.message-queues", "-q", key -> msgget(key, 0), inside, outside);
        String segment = apart(lab, "ipc.shared-memory", "-m", key -> shmget(key, 0, 0), inside, outside);
        apart(lab, "ipc.semaphores", "-s", key -> semget(key, 0, 0), inside, outside);
        Child member = inside.clone(0), peer = outside.clone(0); // ordinary fork(2)s: they stand where their makers do
        lab.claim("ipc.members-share",
                inside(segment, member.sh("ipcs -m | grep -o '^0x[^ ]*'")),
                outside(keys(outside, "-m").get(0), peer.sh("ipcs -m | grep -o '^0x[^ ]*'")));
        sameKey(lab, inside, outside);
        lab.claim("ipc.proc-sysvipc-reader",
                inside(keys(inside, "-m"), sysvipc(inside)), outside(keys(outside, "-m"), sysvipc(outside)));
        String link = inside.link(Namespace.IPC);
        limits(lab, inside, outside);
        notIsolated(lab, files, inside, outside);
        lab.claim("ipc.no-shared-sem-undo", inside("EINVAL", sysvsem(inside)));
        lab.look(member.pid, inside::shell, "peer=" + peer.pid);

        lab.step("Clean-up", "Nobody calls ipcrm: the objects of an IPC namespace vanish with its last member.");
        member.close();
        peer.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Ipc --hold, then nsenter --ipc --target PID ipcs.");
    }

    /** A segment's number from outside is used inside. */
    static void foreignId(Lab lab, Caller inside, Caller outside) {
        String secret = "secret-" + lab.token().hex("secret");
        int key = number(keys(outside, "-m").get(0));
        int id = outside.call(() -> shmget(key, 0, 0));
        outside.run(() -> write(id, secret));
        Caller visitor = inside.another("visitor");
        String refused = visitor.errno(() -> read(id));
        int fd = open("/proc/" + outside.tid() + "/ns/ipc", O_RDONLY | O_CLOEXEC, 0);
        lab.claim("ipc.flat", outside("EINVAL", outside.errno(() -> ioctl(fd, NS_GET_PARENT, Pointer.NULL))));
        visitor.run(() -> setns(fd, CLONE_NEWIPC));
        close(fd);
        lab.claim("ipc.foreign-id", inside("EINVAL", refused), outside(secret, visitor.call(() -> read(id))));
        visitor.close();
    }

    /** msgget, shmget or semget, with the key of an object that should be there. */
    interface Find {
        int find(int key);
    }

    /** Each side lists its own object by ipcs(1), and asks for the other's by its key; returns the key inside. */
    static String apart(Lab lab, String claim, String kind, Find call, Caller inside, Caller outside) {
        List<String> in = keys(inside, kind), out = keys(outside, kind);
        lab.sides("keys in ipcs " + kind, in, out);
        int inKey = number(in.get(0)), outKey = number(out.get(0));
        lab.claim(claim,
                inside("1 listed, own key success, outside's key ENOENT", in.size() + " listed, own key "
                        + inside.errno(() -> call.find(inKey)) + ", outside's key " + inside.errno(() -> call.find(outKey))),
                outside("1 listed, own key success, inside's key ENOENT", out.size() + " listed, own key "
                        + outside.errno(() -> call.find(outKey)) + ", inside's key " + outside.errno(() -> call.find(inKey))));
        return in.get(0);
    }

    /** Both sides make objects with the same key. */
    static void sameKey(Lab lab, Caller inside, Caller outside) {
        lab.step("The same key", "Both sides make a segment, a semaphore and a queue with the same key.");
        int key = lab.token().number("key", 0x10000000, 0x7fffffff);
        String inText = "in-" + lab.token().hex("in"), outText = "out-" + lab.token().hex("out");
        int inValue = lab.token().number("value", 1, 1000), outValue = inValue + 1000;
        outside.run(() -> fill(key, outText, outValue));
        inside.run(() -> fill(key, inText, inValue));
        String hex = "0x%08x".formatted(key);
        lab.sides("key " + hex, inside.call(() -> contents(key)), outside.call(() -> contents(key)));
        lab.claim("ipc.same-key",
                inside(inText + " " + inValue, inside.call(() -> contents(key))),
                outside(outText + " " + outValue, outside.call(() -> contents(key))));
        inside.sh("ipcrm -Q " + hex);
        lab.claim("ipc.ipcrm-is-local",
                inside("ENOENT", inside.errno(() -> msgget(key, 0))), outside("success", outside.errno(() -> msgget(key, 0))));
    }

    // tag::fill[]
    static void fill(int key, String text, int value) {
        write(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600), text);
        semctl(semget(key, 1, IPC_CREAT | IPC_EXCL | 0600), 0, SETVAL, value);
        msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    }
    // end::fill[]

    static String contents(int key) {
        return read(shmget(key, 0, 0)) + " " + semctl(semget(key, 0, 0), 0, GETVAL, 0);
    }

    static void limits(Lab lab, Caller inside, Caller outside) {
        lab.step("Limits", "Files in /proc/sys/kernel, written inside and read on both sides.");
        String number = String.valueOf(lab.token().number("limit", 5000, 8000));
        Sysctls.claim(lab, "ipc.sysv-limits", "/proc/sys/kernel/", Map.of("shmmax", number, "shmall", number, "shmmni", number,
                "msgmax", number, "msgmnb", number, "msgmni", number, "sem", "250 32000 32 " + number), inside, outside);
    }

    static void notIsolated(Lab lab, String files, Caller inside, Caller outside) {
        lab.step("Not isolated", "Whatever has a path belongs to the mount namespace, and here both sides share it.");
        String word = "word-" + lab.token().hex("word");
        outside.sh("mkfifo " + files + "/pipe");
        int pipe = outside.call(() -> open(files + "/pipe", O_RDWR | O_CLOEXEC, 0)); // does not wait for another end; fifo(7)
        outside.run(() -> Libc.write(pipe, (word + "\n").getBytes(US_ASCII), word.length() + 1));
        lab.claim("ipc.pipes-pass", inside(word, inside.sh("read line < " + files + "/pipe; echo $line")));
        close(pipe);

        byte[] address = Sockets.un(files + "/socket");
        int socket = Sockets.listen(outside, address);
        lab.claim("ipc.path-sockets-pass", inside("success", Sockets.connect(inside, address)));
        close(socket);
    }

    /** The keys that ipcs(1) lists for a kind of object where a thread stands. */
    static List<String> keys(Caller who, String kind) {
        return who.sh("ipcs " + kind).lines().filter(line -> line.startsWith("0x")).map(line -> line.split(" ")[0]).toList();
    }

    /** The errno of a clone(2) that asks for a new IPC namespace and for the parent's list of semaphore adjustments. */
    static String sysvsem(Caller who) {
        try (Child child = who.clone(CLONE_NEWIPC | CLONE_SYSVSEM)) {
            return "success: " + child.pid;
        } catch (Problem e) {
            return Errno.name(e.errno);
        }
    }

    /** The keys of the segments in /proc/sysvipc/shm, whose first column tells them in decimal. */
    static List<String> sysvipc(Caller who) {
        return who.call(() -> Proc.read("/proc/sysvipc/shm")).lines().skip(1)
                .map(line -> "0x%08x".formatted(Integer.parseInt(line.strip().split(" +")[0]))).toList();
    }

    static int number(String key) {
        return Integer.parseUnsignedInt(key.substring(2), 16);
    }

    static void write(int id, String text) {
        Pointer memory = shmat(id, Pointer.NULL, 0);
        memory.setString(0, text);
        shmdt(memory);
    }

    static String read(int id) {
        Pointer memory = shmat(id, Pointer.NULL, SHM_RDONLY);
        String text = memory.getString(0);
        shmdt(memory);
        return text;
    }
}
