///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Ip.java
//SOURCES kit/Recipe.java
//SOURCES kit/RootFs.java
//SOURCES kit/ScriptOption.java
//SOURCES kit/Terminal.java
//SOURCES kit/Terminals.java
//SOURCES kit/Tmpfs.java

import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import kit.*;

/** Build a container by commands alone, from an empty directory to a shell; unshare(1), nsenter(1), mount(8), pivot_root(8), ip(8). */
public class ContainerByHand {
    static final String QUESTION = "What does it take to make a container, if all you have is a shell?";

    static final String CLAIMS = """
        containerbyhand.private-mounts   | MNT-10        | unshare(1) makes every mount private: no later one reaches the namespace that it came from, or comes from there.
        containerbyhand.named-network    | NET-01 NET-10 | A network namespace needs no process: bound to a file it waits there, with nothing in it but lo.
        containerbyhand.stands-apart     | GEN-05 API-13 | One command with six options, and the shell that it starts stands apart in six types of namespaces.
        containerbyhand.first-process    | PID-02 PID-04 | The shell is process 1, which on the host has another PID.
        containerbyhand.own-session      | PID-37        | By setsid(1) it leads a session of its own: numbers 1 and 1 inside, its own PID outside.
        containerbyhand.no-queues        | IPC-03 IPC-05 | A message queue of the host is not there inside.
        containerbyhand.own-name         | UTS-02        | hostname(1) inside renames the container, and not the host.
        containerbyhand.cable            | NET-02 NET-06 | Each side has one end of the veth pair, and the host's ping is answered.
        containerbyhand.old-proc         | PID-08        | Until the container mounts a /proc of its own it sees the processes of the host.
        containerbyhand.own-proc         | PID-09        | Its own /proc has process 1 and no other.
        containerbyhand.not-a-mount      | PIV-03        | pivot_root(8) refuses a directory that is not a mount point: EINVAL. A bind mount onto itself makes it one.
        containerbyhand.old-root-is-left | PIV-01        | After pivot_root(8) the directory is the root, and the host's root is still there, below it.
        containerbyhand.old-root-is-gone | PIV-02        | After umount(8) of the old root no mount of the host is left inside.
        containerbyhand.mounts-stay      | MNT-02 MNT-07 | None of the container's mounts is in the host's list.
        containerbyhand.same-files       | MNT-03 MNT-04 | A file made inside is in the directory outside, and below /proc/PID/root.
        containerbyhand.enter            | API-04        | nsenter(1) starts a further process inside, as "docker exec" does.
        containerbyhand.ends-with-init   | PID-10 NET-07 | When process 1 is killed all others die, and the network goes with the file that held it.
        """;

    static final String START = """
        # path: Where ip(8) and pivot_root(8) are, for an ordinary user's shell.
        export PATH=$PATH:/usr/sbin:/sbin

        # host: Namespaces of your own play the host from here on. Nothing is done to the real one.
        unshare USER--mount --uts --ipc --net sh
        """;

    static final String HOST = """
        # name: A name for what plays the host.
        hostname HOSTNAME

        # directory: An empty directory, in memory: it is gone with the last process in this mount namespace.
        mount -t tmpfs -o mode=755 none PLACE
        mkdir PLACE/root

        # files: A shell and some programs for it, copied from this machine.
        (
        FILES)
        ? ls PLACE/root

        # network: A network namespace, bound to a file.
        touch PLACE/net
        unshare --net=PLACE/net true
        ? nsenter --net=PLACE/net ip -o link

        # cable: A pair of devices, as a cable from here into it.
        ip link add to-box type veth peer name eth0 netns PLACE/net
        ip address add NET.1/24 dev to-box
        ip link set to-box up
        ? ip -brief link

        # container: A shell in new namespaces: of its six types, one from the file, one only for what unshare starts (--fork).
        nsenter --net=PLACE/net unshare --mount --uts --ipc --pid --cgroup --fork --kill-child setsid sh
        """;

    static final String BOX = """
        # hostname: Its name.
        hostname BOXNAME
        ? hostname

        # address: Its end of the cable, and the way to everybody else.
        ip address add NET.2/24 dev eth0
        ip link set eth0 up
        ip link set lo up
        ip route add default via NET.1
        ? ping -c 1 -w 10 NET.2

        # not yet: A directory for the old root.
        mkdir PLACE/root/old

        # mount point: The new root has to be a mount point. A directory becomes one when it is bound onto itself.
        mount --bind PLACE/root PLACE/root

        # proc: A /proc that shows the processes of the PID namespace of who mounts it.
        mount -t proc proc PLACE/root/proc
        ? ps -o pid,sess,args -p $BOX

        # devices: A few devices. A user namespace may make none, but bind those that are there.
        for name in null zero random urandom tty; do
            touch PLACE/root/dev/$name
            mount --bind /dev/$name PLACE/root/dev/$name
        done

        # pivot: Root and old root change places.
        cd PLACE/root
        pivot_root . old
        ? ls /proc/$BOX/root /proc/$BOX/root/old

        # old root: The last way back to the host's files is closed. The programs are those of the new root from here on.
        /bin/umount -l /old
        /bin/rmdir /old
        ? cut -d ' ' -f 5 /proc/$BOX/mountinfo

        # shell: The container's own shell, with nothing of the host's environment.
        exec /bin/env -i PATH=/bin HOME=/root PS1='box# ' /bin/sh
        """;

    private static final ScriptOption SCRIPT = new ScriptOption();

    public static void main(String[] args) {
        new Lab("ContainerByHand", QUESTION, CLAIMS).with(SCRIPT).main(args, lab -> new ContainerByHand(lab).run());
    }

    private final Lab lab;
    private final Caller outside = new Caller("outside");
    private final String place = Tmpfs.place(), net, hostname, boxname;
    private Terminals terminals;
    private Terminal first, second; // the one that becomes the container, and the one that stays on the host
    private int box; // the PID of process 1

    private ContainerByHand(Lab lab) {
        this.lab = lab;
        net = "10.7." + lab.token().number("network", 0, 256);
        hostname = "host-" + lab.token().hex("host");
        boxname = "box-" + lab.token().hex("box");
    }

    private void run() throws Exception {
        lab.predict("Which commands make a shell see another host name, other processes, another network, other files? In which order?");
        Ip.need();
        Terminal.need("unshare util-linux", "nsenter util-linux", "mount mount", "umount mount", "pivot_root util-linux", "setsid util-linux", "ipcmk util-linux",
                "hostname hostname", "ps procps");
        String[] words = {"HOSTNAME", hostname, "BOXNAME", boxname, "PLACE", place, "NET", net, "FILES", RootFs.script(place + "/root")};
        Recipe inHost = Recipe.of(HOST, words), inBox = Recipe.of(BOX, words);
        if (SCRIPT.file != null) {
            Recipe start = Recipe.of(START, "USER", "$([ \"$(id -u)\" = 0 ] || echo --user --map-root-user) ");
            Files.writeString(SCRIPT.file, Recipe.script("A container by hand. Run it: sh FILE", start, inHost, inBox));
        }

        outside.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP); // proves that this kernel does it
        outside.clone(CLONE_NEWPID).close();
        outside.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null));
        outside.run(() -> mount("none", "/", null, MS_REC | MS_SHARED, null)); // what systemd does, in here only
        if (!Ip.makes(lab, outside, "veth", "containerbyhand.cable")) {
            inHost = inHost.without(List.of("cable"));
            inBox = inBox.without(List.of("address"));
        }

        lab.step("The host", "Two terminals. On the first one:");
        terminals = new Terminals(lab, outside, Recipe.of(START, "USER", lab.rootless() ? "--user --map-root-user " : ""));
        first = terminals.first;
        second = terminals.second;
        String count = "grep -c 'shared:\\|master:' /proc/self/mountinfo", before = outside.sh(count); // a user namespace alone makes them slaves
        lab.claim("containerbyhand.private-mounts", inside("linked mounts: 0", "linked mounts: " + first.sh(count)),
                outside("linked mounts: more", "linked mounts: " + before, !before.equals("0")));
        second.sh("ipcmk --queue");
        terminals.follow(inHost, this::check);

        lab.step("The container", inHost.last().why());
        box = terminals.container(inHost);
        check("container");
        terminals.follow(inBox, this::check);
        terminals.become(inBox);
        check("shell");
        lab.look(box, () -> terminals.shell(box), "host=" + terminals.host);

        lab.step("Clean-up", "Process 1 is killed. What is left is what the file holds.");
        first.sh("sleep 1000 &");
        String link = Namespace.PID.of(box), devices = devices(second);
        long members = Proc.members(link);
        second.type("kill -9 $BOX");
        lab.gone(link);
        second.type("umount " + place + "/net");
        for (int i = 0; i < 250 && devices(second).contains("to-box"); i++) {
            Thread.sleep(20); // the kernel takes a network namespace apart a little later
        }
        lab.claim("containerbyhand.ends-with-init", inside("processes: 2, then 0", "processes: " + members + ", then " + Proc.members(link)),
                outside(devices.replace(" to-box", "") + " is left of " + devices, devices(second) + " is left of " + devices));
        terminals.close();
        outside.close();
        lab.next("./build.sh run ContainerByHand --script box.sh, then: sh box.sh. Or type the commands yourself, on two terminals.");
    }

    /** What is settled after each step. */
    private void check(String step) {
        switch (step) {
            case "network" -> {
                String inode = "net:[" + second.sh("stat -c %i " + place + "/net") + "]", lo = second.sh("nsenter --net=" + place + "/net ip -o link");
                lab.claim("containerbyhand.named-network", inside("1 device, lo: DOWN", lo.replaceAll("(?s)^1: (lo:).* state (DOWN) .*", "1 device, $1 $2")),
                        outside(inode + " " + place + "/net, processes: 0", second.sh("grep ' nsfs ' /proc/self/mountinfo | cut -d' ' -f4,5")
                                + ", processes: " + Proc.members(inode)));
            }
            case "container" -> {
                int host = terminals.host;
                lab.claim("containerbyhand.stands-apart", outside("cgroup ipc mnt net pid uts", String.join(" ", Stream.of(Namespace.values())
                        .filter(type -> Proc.exists("/proc/self/ns/" + type.proc) && !type.of(box).equals(type.of(host))).map(type -> type.proc).sorted().toList())));
                lab.claim("containerbyhand.first-process", inside(1, first.sh("echo $$")), outside(box + " 1", Proc.status(box, "NSpid")));
                String queues = "sed 1d /proc/sysvipc/msg | wc -l";
                lab.claim("containerbyhand.no-queues", inside(0, first.sh(queues)), outside(1, second.sh(queues)));
                lab.claim("containerbyhand.old-proc", inside("sh is process " + host, first.sh("cat /proc/" + host + "/comm") + " is process " + host));
            }
            case "hostname" -> lab.claim("containerbyhand.own-name", inside(boxname, first.sh("uname -n")), outside(hostname, second.sh("uname -n")));
            case "address" -> {
                if (Ip.hasPing(lab, "containerbyhand.cable")) {
                    lab.claim("containerbyhand.cable", inside("eth0 lo", devices(first)), outside("lo to-box, ping " + net + ".2: answer",
                            devices(second) + ", ping " + net + ".2: " + Ip.ping(second::run, net + ".2")));
                }
            }
            case "not yet" -> {
                Output refused = first.run("pivot_root " + place + "/root " + place + "/root/tmp");
                lab.claim("containerbyhand.not-a-mount", inside("EINVAL", refused.ok() ? "success" : Errno.name(Terminal.errno(refused.text()))));
            }
            case "pivot" -> lab.claim("containerbyhand.old-root-is-left", inside("/old" + place + "/net /old" + place + "/root", first.sh("echo /old" + place + "/*")),
                    outside(second.sh("stat -L -c %d:%i " + place + "/root"), second.sh("stat -L -c %d:%i /proc/$BOX/root")));
            case "old root" -> {
                String points = "/\n/proc\n/dev/null\n/dev/zero\n/dev/random\n/dev/urandom\n/dev/tty";
                lab.claim("containerbyhand.old-root-is-gone", inside(points, first.sh("while read -r a b c d point rest; do echo $point; done < /proc/self/mountinfo")),
                        outside(points, second.sh("cut -d' ' -f5 /proc/$BOX/mountinfo")));
                lab.claim("containerbyhand.mounts-stay", outside(place + "\n" + place + "/net", second.sh("cut -d' ' -f5 /proc/self/mountinfo | grep -x '"
                        + place + "\\|" + place + "/net\\|" + place + "/root.*'")));
            }
            case "shell" -> {
                lab.claim("containerbyhand.own-proc", inside("/proc/1", first.sh("echo /proc/[0-9]*")),
                        outside("proc/1", second.sh("(cd /proc/$BOX/root; echo proc/[0-9]*)")));
                String session = "cut -d ' ' -f 5,6 /proc/";
                lab.claim("containerbyhand.own-session", inside("1 1", first.sh(session + "1/stat")), outside(box + " " + box, second.sh(session + "$BOX/stat")));
                String note = lab.token().hex("note");
                first.sh("echo " + note + " > /root/note");
                lab.claim("containerbyhand.same-files", outside(note + "\n" + note, second.sh("cat " + place + "/root/root/note /proc/$BOX/root/root/note")));
                String entered = second.sh(terminals.enter(box) + " /bin/sh -c 'echo $$ $(/bin/uname -n)'");
                lab.claim("containerbyhand.enter", inside("not process 1 of " + boxname, "process " + entered, entered.matches("(?!1 )\\d+ " + boxname)));
            }
            default -> { }
        }
    }

    private static String devices(Terminal terminal) {
        return Ip.names(terminal.sh("cat /proc/net/dev"));
    }
}
