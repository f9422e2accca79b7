///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Ip.java
//SOURCES kit/Sockets.java

import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import kit.*;

/** Connect network namespaces by cables and a switch, and keep one by a name; veth(4), ip-link(8), ip-netns(8). */
public class Veth {
    static final String QUESTION = "How do two network namespaces reach each other, and what is left of the cable when one of them ends?";

    static final String CLAIMS = """
        veth.connects                | NET-06        | A pair of veth devices, one end in each namespace, carries TCP connections both ways.
        veth.pings                   | NET-06 NET-19 | The two ends of the pair answer each other's ping.
        veth.same-device-name        | NET-21        | The same device name exists in several namespaces at once, and lo has index 1 in each.
        veth.move-loses-addresses    | NET-22        | A link that moves to another namespace loses its addresses and routes.
        veth.bridge-joins-two        | NET-06        | Two namespaces, each with one veth end on the same bridge, reach each other.
        veth.no-link-into-the-host   | NET-09        | Root of a mere user namespace cannot move a link out to the host's network: EPERM.
        veth.ip-netns-add            | NET-10        | "ip netns add NAME" binds a namespace without processes to the file /run/netns/NAME.
        veth.bind-mount-keeps        | NET-10        | A bind mount of /proc/TID/ns/net keeps an empty namespace; setns(2) enters it there.
        veth.dies-with-its-namespace | NET-07        | When a namespace ends, its veth end is destroyed, and so is the peer in the other one.
        """;

    public static void main(String[] args) {
        new Lab("Veth", QUESTION, CLAIMS).main(args, Veth::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A cable connects two namespaces, and the last process of one of them ends. Does the other keep its end?");
        Ip.need();
        int port = lab.token().number("port", 20_000, 30_000);
        String net = "10." + lab.token().number("network", 1, 255);

        lab.step("Before", "One thread of this JVM gets a network namespace that plays the host; the machine's own is left alone.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNET);

        lab.step("Change", "A second thread calls unshare(CLONE_NEWNET).");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNET);

        Child member = inside.clone(0), peer = outside.clone(0); // an ordinary process on each side
        Child left = outside.clone(CLONE_NEWNET), right = outside.clone(CLONE_NEWNET);
        Caller files = outside.another("files");
        List<AutoCloseable> open = new ArrayList<>(List.of(left, files, member, peer));
        boolean veth = makes(lab, outside, "veth", "veth.connects", "veth.pings", "veth.same-device-name", "veth.move-loses-addresses",
                "veth.bridge-joins-two", "veth.no-link-into-the-host", "veth.dies-with-its-namespace");
        if (veth) {
            pair(lab, inside, outside, net, port, open);
            names(lab, inside, outside);
            move(lab, inside, outside, net);
            bridge(lab, outside, left, right, net);
            intoTheHost(lab, outside);
            ip(outside::command, "link add cable type veth peer name end netns " + right.pid);
        }
        named(lab, files);
        String before = devices(outside);
        Child stays = files.clone(0);
        open.add(0, stays); // it ends before the thread that made it
        lab.look(member.pid, inside::shell, "peer=" + peer.pid, "left=" + left.pid, "right=" + right.pid, "files=" + stays.pid);
        if (veth) {
            destroy(lab, outside, right, before);
        }

        lab.step("Clean-up", "Sockets, children and threads end; with them the namespaces, and with these the devices.");
        String link = inside.link(Namespace.NET), host = outside.link(Namespace.NET);
        for (AutoCloseable each : open) {
            each.close();
        }
        right.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.gone(host);
        lab.next("In a second terminal: ./build.sh run Veth --hold, then nsenter --net --target PID ip -brief address, with the"
                + " PID of each side (as an ordinary user with --user --preserve-credentials). The names after @ are the other ends.");
    }

    static void pair(Lab lab, Caller inside, Caller outside, String net, int port, List<AutoCloseable> open) {
        lab.step("A cable", "A veth pair is a cable: to-inside is its end outside, eth0 the one inside.");
        // tag::cable[]
        ip(outside::command, "link add to-inside type veth peer name eth0 netns " + inside.tid(),
                "address add " + net + ".1.1/24 dev to-inside", "link set to-inside up");
        ip(inside::command, "address add " + net + ".1.2/24 dev eth0", "link set eth0 up");
        // end::cable[]
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/net", inside.link(Namespace.NET), outside.link(Namespace.NET));
        lab.sides("/proc/TID/net/dev", devices(inside), devices(outside));

        open.add(inside.call(() -> new ServerSocket(port))); // a service on each side
        open.add(outside.call(() -> new ServerSocket(port)));
        lab.claim("veth.connects", inside("success", connect(inside, in(net + ".1.1", port))),
                outside("success", connect(outside, in(net + ".1.2", port))));
        if (hasPing(lab, "veth.pings")) {
            lab.claim("veth.pings", inside("answer", ping(inside::command, net + ".1.1")),
                    outside("answer", ping(outside::command, net + ".1.2")));
        }
    }

    static void names(Lab lab, Caller inside, Caller outside) {
        lab.step("Names", "Outside gets a second cable, with both ends there. One of them is called eth0, too.");
        ip(outside::command, "link add eth0 type veth peer name eth1");
        lab.claim("veth.same-device-name",
                inside("eth0 lo, 1: lo", devices(inside) + ", " + inside.sh("ip -o link show lo").substring(0, 5)),
                outside("eth0 eth1 lo to-inside, 1: lo", devices(outside) + ", " + outside.sh("ip -o link show lo").substring(0, 5)));
    }

    static void move(Lab lab, Caller inside, Caller outside, String net) {
        lab.step("A link moves", "eth1 has an address and a route outside. Then it is pulled inside.");
        ip(outside::command, "address add " + net + ".2.1/24 dev eth1", "link set eth1 up",
                "route add " + net + ".3.0/24 via " + net + ".2.2");
        String address = "-4 address show dev eth1", route = "route show " + net + ".3.0/24";
        String before = count(outside, address) + " and " + count(outside, route);
        ip(outside::command, "link set eth1 netns " + inside.tid());
        ip(inside::command, "link set eth1 up");
        lab.claim("veth.move-loses-addresses",
                outside("before: 1 and 1", "before: " + before),
                inside("after: 0 and 0", "after: " + count(inside, address) + " and " + count(inside, route)));
    }

    static void bridge(Lab lab, Caller outside, Child left, Child right, String net) {
        lab.step("A switch", "Two more namespaces, left and right, each with one cable to a bridge outside.");
        if (!makes(lab, outside, "bridge", "veth.bridge-joins-two") || !hasPing(lab, "veth.bridge-joins-two")) {
            return;
        }
        ip(outside::command, "link add switch type bridge", "link set switch up",
                "link add to-left master switch type veth peer name eth0 netns " + left.pid, "link set to-left up",
                "link add to-right master switch type veth peer name eth0 netns " + right.pid, "link set to-right up");
        ip(left::run, "address add " + net + ".4.1/24 dev eth0", "link set eth0 up");
        ip(right::run, "address add " + net + ".4.2/24 dev eth0", "link set eth0 up");
        lab.claim("veth.bridge-joins-two", inside("left: answer, right: answer",
                "left: " + ping(left::run, net + ".4.2") + ", right: " + ping(right::run, net + ".4.1")));
    }

    static void intoTheHost(Lab lab, Caller outside) {
        lab.step("Into the host", "Root of a new user namespace makes a cable in its network and tries to push one end out.");
        String before = devices(outside);
        // By a file that it inherits: a PID's one it may not open, and a newer ip(8) gives up there, before it has asked the kernel.
        int target = outside.call(() -> open("/proc/thread-self/ns/net", O_RDONLY, 0));
        try (Child own = outside.clone(CLONE_NEWUSER | CLONE_NEWNET)) {
            close(target);
            ip(own::run, "link add cable type veth peer name end");
            String moved = own.sh("ip link set cable netns /proc/self/fd/" + target);
            lab.claim("veth.no-link-into-the-host", inside("Operation not permitted", moved.replaceFirst(".*: ", "")),
                    outside(before, devices(outside)));
        }
    }

    static void named(Lab lab, Caller files) throws InterruptedException {
        lab.step("Names for namespaces", "A thread gets a mount namespace with an empty /run, so that no file is left on the machine.");
        files.unshare(CLONE_NEWNS);
        files.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null));
        files.run(() -> mount("none", "/run", "tmpfs", 0, "mode=755"));
        String name = "net-" + lab.token().hex("name");
        Output add = files.command("ip netns add " + name);
        String[] mounted = Proc.mountsAt(files.sh("cat /proc/self/mountinfo"), "/run/netns/" + name).split(" ");
        lab.claim("veth.ip-netns-add", inside(name + ", type nsfs, threads 0", mounted.length < 4 ? add.text()
                : files.sh("ls /run/netns") + ", type " + mounted[mounted.length - 3] + ", threads " + Proc.members(mounted[3])));

        Caller guest = files.another("guest"); // the same files, another network
        guest.unshare(CLONE_NEWNET);
        String link = guest.link(Namespace.NET), file = "/run/netns/kept";
        files.sh("mkdir -p /run/netns; touch " + file);
        files.run(() -> mount("/proc/" + guest.tid() + "/ns/net", file, null, MS_BIND, null));
        guest.close();
        for (int i = 0; i < 250 && Proc.members(link) > 0; i++) {
            Thread.sleep(20); // a thread of Java has ended a little before the kernel's has
        }
        long threads = Proc.members(link);
        Caller visitor = files.another("visitor");
        visitor.run(() -> setns(open(file, O_RDONLY | O_CLOEXEC, 0), CLONE_NEWNET));
        lab.claim("veth.bind-mount-keeps",
                inside("threads 0, then " + link, "threads " + threads + ", then " + visitor.link(Namespace.NET)));
        visitor.close();
    }

    static void destroy(Lab lab, Caller outside, Child right, String before) throws InterruptedException {
        lab.step("The end of a namespace", "right has one process. It ends, and takes its ends of the cables with it.");
        right.close();
        for (int i = 0; i < 250 && devices(outside).contains("cable"); i++) {
            Thread.sleep(20); // the kernel takes a namespace apart a little later, in a thread of its own
        }
        lab.claim("veth.dies-with-its-namespace", outside("before: true, after: false",
                "before: " + before.contains("cable") + ", after: " + devices(outside).contains("cable")));
    }
}
