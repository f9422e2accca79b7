///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/byhand/ScriptOption.java
//SOURCES kit/byhand/TwoShells.java
//SOURCES kit/Ip.java
//SOURCES kit/RootFs.java
//SOURCES kit/Tmpfs.java

import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import kit.*;
import kit.byhand.*;

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
        # host: Namespaces of your own play the host: nothing is done to the real one. With -e a command that fails ends the shell, and exit the terminal.
        PATH=$PATH:/usr/sbin:/sbin unshare USER--mount --uts --ipc --net sh -e; exit
        """;

    static final String HOST = """
        # name: A name for what plays the host, and its prompt.
        hostname HOSTNAME; PS1='host# '
        ? uname -n

        # directory: An empty directory, in memory: it is gone with the last process in this mount namespace.
        mount -t tmpfs -o mode=755 none PLACE
        mkdir PLACE/root
        ? grep -c ' PLACE ' /proc/self/mountinfo

        # files: A shell and some programs for it, copied from this machine.
        FILES
        ? ls PLACE/root

        # network: A network namespace, bound to a file.
        touch PLACE/net
        unshare --net=PLACE/net true
        ? nsenter --net=PLACE/net ip -brief address

        # cable: A pair of devices, as a cable from here into it.
        ip link add to-box type veth peer name eth0 netns PLACE/net
        ip address add NET.1/24 dev to-box
        ip link set to-box up
        ? ip -brief address

        # container: A shell in new namespaces: of its six types, one from the file, one only for what unshare starts (--fork).
        nsenter --net=PLACE/net unshare --mount --uts --ipc --pid --cgroup --fork --kill-child setsid sh -e; exit
        ? grep -E '^(Name|PPid|NSpid):' /proc/$BOX/status
        """;

    static final String BOX = """
        # hostname: Its name, and its prompt.
        hostname BOXNAME; PS1='box# '
        ? uname -n

        # address: Its end of the cable, and the way to everybody else.
        ip address add NET.2/24 dev eth0
        ip link set eth0 up
        ip link set lo up
        ip route add default via NET.1
        ? ping -c 1 -w 3 NET.2

        # mount point: A directory for the old root. The new one has to be a mount point: a directory becomes one when it is bound onto itself.
        mkdir PLACE/root/old
        mount --bind PLACE/root PLACE/root
        ? grep -c ' PLACE/root ' /proc/self/mountinfo

        # proc: A /proc that shows the processes of the PID namespace of who mounts it.
        mount -t proc proc PLACE/root/proc
        ? ls PLACE/root/proc

        # devices: A few devices. A user namespace may make none, but bind those that are there.
        for name in null zero random urandom tty; do
            touch PLACE/root/dev/$name
            mount --bind /dev/$name PLACE/root/dev/$name
        done
        ? stat -c '%n: %F' PLACE/root/dev/*

        # pivot: Root and old root change places. If they did not, the last command fails, and ends this shell.
        cd PLACE/root
        pivot_root . old
        [ . -ef / ]
        ? ls /proc/$BOX/root /proc/$BOX/root/oldPLACE

        # old root: The last way back to the host's files is closed. The programs are those of the new root from here on.
        /bin/umount -l /old
        /bin/rmdir /old
        ? cut -d ' ' -f 5 /proc/$BOX/mountinfo

        # shell: The container's own shell, with nothing of the host's environment.
        exec /bin/env -i PATH=/bin HOME=/root PS1='box# ' /bin/sh
        ? grep -E '^(Name|NSpid|NSsid):' /proc/$BOX/status
        """;

    private static final ScriptOption SCRIPT = new ScriptOption();

    public static void main(String[] args) {
        new Lab("ContainerByHand", QUESTION, CLAIMS).with(SCRIPT).main(args, lab -> new ContainerByHand(lab).run());
    }

    private final Lab lab;
    private final Caller outside = new Caller("outside");
    private final String place = Tmpfs.place(), net, hostname, boxname;
    private TwoShells shells;
    private TypedShell first, second; // the one that becomes the container, and the one that stays on the host

    private ContainerByHand(Lab lab) {
        this.lab = lab;
        net = "10.7." + lab.token().number("network", 0, 256);
        hostname = "host-" + lab.token().hex("host");
        boxname = "box-" + lab.token().hex("box");
    }

    private void run() throws Exception {
        lab.predict("Which commands make a shell see another host name, other processes, another network, other files? In which order?");
        TwoShells.need();
        outside.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP); // proves that this kernel does it
        outside.clone(CLONE_NEWPID).close();
        outside.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null));
        outside.run(() -> mount("none", "/", null, MS_REC | MS_SHARED, null)); // what systemd does, in here only
        boolean cable = Ip.makes(lab, outside, "veth", "containerbyhand.cable") && Ip.hasPing(lab, "containerbyhand.cable");
        String[] words = {"HOSTNAME", hostname, "BOXNAME", boxname, "PLACE", place, "NET", net, "FILES", "(\n" + RootFs.script(place + "/root") + ")"};
        Recipe inHost = Recipe.of(HOST, words).without(cable ? "" : "cable"), inBox = Recipe.of(BOX, words).without(cable ? "" : "address");
        SCRIPT.write("A container by hand. Run it: sh FILE", Recipe.of(START, "USER", "$([ \"$(id -u)\" = 0 ] || echo --user --map-root-user) "), inHost, inBox);

        lab.step("The host", "Two terminals. On the first one:");
        shells = new TwoShells(lab, outside, Recipe.of(START, "USER", lab.rootless() ? "--user --map-root-user " : ""));
        first = shells.first;
        second = shells.second;
        String count = "grep -c 'shared:\\|master:' /proc/self/mountinfo", before = outside.sh(count); // a user namespace alone makes them slaves
        claim("private-mounts", inside("linked mounts: 0", "linked mounts: " + first.sh(count)),
                outside("linked mounts: more", "linked mounts: " + before, !before.equals("0")));
        second.sh("ipcmk --queue");
        shells.follow(inHost, this::check);

        lab.step("The container", inHost.last().why());
        shells.container(inHost, this::check);
        shells.follow(inBox, this::check);
        shells.become(inBox, this::check);
        lab.look(shells.box(), shells::shell, "host=" + shells.host);

        lab.step("Clean-up", "Process 1 is killed. What is left is what the file holds.");
        first.sh("sleep 1000 &");
        String link = Namespace.PID.of(shells.box()), members = "processes: " + Proc.members(link) + ", then ", devices = shells.devices(second);
        second.type("kill -9 $BOX");
        lab.gone(link);
        second.type("umount " + place + "/net");
        claim("ends-with-init", inside("processes: 2, then 0", members + Proc.members(link)),
                outside(devices.replace(" to-box", "") + " is left of " + devices, shells.devicesWithout("to-box") + " is left of " + devices));
        shells.close();
        outside.close();
        lab.next("./build.sh run ContainerByHand --script box.sh, then: sh box.sh. Or type the commands yourself, on two terminals.");
    }

    /** What is settled after each step. */
    private void check(String step) {
        int box = shells.box();
        switch (step) {
            case "network" -> {
                String inode = "net:[" + second.sh("stat -c %i " + place + "/net") + "]", enter = "nsenter --net=" + place + "/net ";
                String state = second.sh(enter + "ip -o link show lo").replaceAll("(?s).* state (\\w+) .*", " $1");
                claim("named-network", inside("lo DOWN", Ip.names(second.sh(enter + "cat /proc/net/dev")) + state), outside(inode + " " + place + "/net, processes: 0",
                        second.sh("grep ' nsfs ' /proc/self/mountinfo | cut -d' ' -f4,5") + ", processes: " + Proc.members(inode)));
            }
            case "container" -> {
                String queues = "sed 1d /proc/sysvipc/msg | wc -l";
                claim("stands-apart", outside("cgroup ipc mnt net pid uts", shells.apart()));
                claim("first-process", inside(1, first.sh("echo $$")), outside(box + " 1", Proc.status(box, "NSpid")));
                claim("no-queues", inside(0, first.sh(queues)), outside(1, second.sh(queues)));
                claim("old-proc", inside("process " + shells.host + " is sh", "process " + shells.host + " is " + first.sh("cat /proc/" + shells.host + "/comm")));
            }
            case "hostname" -> {
                claim("own-name", inside(boxname, first.sh("uname -n")), outside(hostname, second.sh("uname -n")));
                String refused = first.sh("pivot_root " + place + "/root " + place + "/root/tmp && echo success");
                claim("not-a-mount", inside("EINVAL", refused.equals("success") ? refused : Errno.name(TypedShell.errno(refused))));
            }
            case "address" -> claim("cable", inside("eth0 lo", shells.devices(first)), outside("lo to-box, ping " + net + ".2: answer",
                    shells.devices(second) + ", ping " + net + ".2: " + Ip.ping(second::run, net + ".2")));
            case "pivot" -> {
                shells.standsIn(place + "/root"); // what comes next would harm another root
                claim("old-root-is-left", inside("/old" + place + "/net /old" + place + "/root", first.sh("echo /old" + place + "/*")),
                        outside("the directory is its root", second.sh("[ " + place + "/root -ef /proc/$BOX/root ] && echo the directory is its root || echo it is not")));
            }
            case "old root" -> {
                String points = "/ /proc /dev/null /dev/zero /dev/random /dev/urandom /dev/tty";
                claim("old-root-is-gone", inside(points, first.sh("echo $(while read -r a b c d point rest; do echo $point; done < /proc/self/mountinfo)")),
                        outside(points, second.sh("echo $(cut -d' ' -f5 /proc/$BOX/mountinfo)")));
                // The place may have been a mount point before: /tmp is on many machines.
                claim("mounts-stay", outside(place + " " + place + "/net", second.sh("echo $(cut -d' ' -f5 /proc/self/mountinfo | grep -x '" + place + "\\|" + place
                        + "/net\\|" + place + "/root.*' | sort -u)")));
            }
            case "shell" -> {
                String note = lab.token().hex("note"), session = "{ read -r a b c d group session rest; echo $group $session; } < /proc/";
                claim("own-proc", inside("/proc/1", first.sh("echo /proc/[0-9]*")), outside("proc/1", second.sh("(cd /proc/$BOX/root; echo proc/[0-9]*)")));
                claim("own-session", inside("1 1", first.sh(session + "1/stat")), outside(box + " " + box, second.sh(session + "$BOX/stat")));
                first.sh("echo " + note + " > /root/note");
                claim("same-files", outside(note + " " + note, second.sh("echo $(cat " + place + "/root/root/note /proc/$BOX/root/root/note)")));
                String entered = second.sh(shells.enter() + " /bin/sh -c 'echo $$ $(/bin/uname -n)'");
                claim("enter", inside("not process 1 of " + boxname, "process " + entered, entered.matches("(?!1 )\\d+ " + boxname)));
            }
        }
    }

    private void claim(String id, Claim.Side... sides) {
        lab.claim("containerbyhand." + id, sides);
    }
}
