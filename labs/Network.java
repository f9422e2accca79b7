///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Ip.java
//SOURCES kit/Sockets.java
//SOURCES kit/Tmpfs.java

import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Ip.*;
import static kit.Libc.*;
import static kit.Sockets.*;

import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import kit.*;

/** Give a process devices, ports, settings and socket names of its own; network_namespaces(7), ip(7), unix(7). */
public class Network {
    static final String QUESTION = "Can two programs on one machine listen on the same TCP port at the same time?";

    static final String CLAIMS = """
        net.empty-at-birth         | NET-01        | A new network namespace has the device lo only, down and without address, and no route.
        net.unreachable-until-up   | NET-03        | connect(2) to 127.0.0.1 fails with ENETUNREACH until lo is brought up; then it succeeds.
        net.ping-once-up           | NET-03 NET-19 | ping 127.0.0.1 fails until lo is up; then root of the namespace gets its answers.
        net.same-port-twice        | NET-04        | The same TCP port can be bound in two namespaces at once, but only once in each.
        net.listener-is-apart      | NET-05        | A listener cannot be reached through 127.0.0.1 of another namespace: ECONNREFUSED.
        net.devices-are-apart      | NET-02        | A device of one namespace does not exist in the other.
        net.proc-net-is-the-reader | NET-11        | /proc/net is a link to self/net: the reader's namespace. /proc/PID/net shows PID's.
        net.sysctls-are-apart      | NET-13        | net.* settings are per namespace: ip_forward changed inside stays as it was outside.
        net.low-ports              | NET-18        | A port below 1024 needs CAP_NET_BIND_SERVICE, else EACCES. Each namespace has its own limit.
        net.abstract-sockets-apart | NET-14        | An abstract UNIX socket is known in one namespace; connect(2) from another: ECONNREFUSED.
        net.path-sockets-are-files | NET-14        | A UNIX socket with a path is found through the file system, from any network namespace.
        net.socket-stays           | NET-15        | A socket stays in the namespace where it was made, even when the thread that made it moves.
        net.needs-cap-sys-admin    | NET-08        | unshare(CLONE_NEWNET) without CAP_SYS_ADMIN fails with EPERM.
        net.user-ns-configures     | NET-08        | CLONE_NEWUSER|CLONE_NEWNET needs no privilege; inside one sets up lo, veth, bridge and routes.
        """;

    public static void main(String[] args) {
        new Lab("Network", QUESTION, CLAIMS).main(args, Network::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A shell in a new network namespace runs \"ping 127.0.0.1\". Does the machine answer to itself?");
        Ip.need();
        int port = lab.token().number("port", 20_000, 30_000);

        lab.step("Before", "One thread of this JVM gets a network namespace that plays the host; the machine's own is left alone.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWNET);
        ip(outside::command, "link set lo up");

        lab.step("Change", "A second thread calls unshare(CLONE_NEWNET).");
        // tag::change[]
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWNET);
        // end::change[]

        lab.step("Inside and outside", "");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/net", inside.link(Namespace.NET), outside.link(Namespace.NET));
        lab.sides("/proc/TID/net/dev", devices(inside), devices(outside));
        lab.sides("devices that are up", count(inside, "link show up"), count(outside, "link show up"));
        lab.claim("net.empty-at-birth", inside("lo, 0 up, 0 addresses, 0 routes", devices(inside) + ", "
                + count(inside, "link show up") + " up, " + count(inside, "address") + " addresses, "
                + count(inside, "route show table all | grep -v ^unreachable") + " routes"));

        Child member = inside.clone(0), peer = outside.clone(0); // an ordinary process on each side
        Caller files = outside.another("files"), mover = outside.another("mover");
        List<AutoCloseable> open = new ArrayList<>(List.of(files, mover, member, peer));
        loopback(lab, inside, port, open);
        ports(lab, inside, outside, port, open);
        deviceNames(lab, inside, outside, member);
        settings(lab, inside, outside);
        abstractSockets(lab, inside, outside, open);
        pathSockets(lab, inside, files, open);
        socketStays(lab, outside, mover, port + 2, open);
        withoutPrivilege(lab, outside);
        Child stays = files.clone(0), moved = mover.clone(0);
        open.addAll(0, List.of(stays, moved)); // they end before the threads that made them
        lab.look(member.pid, inside::shell, "peer=" + peer.pid, "files=" + stays.pid, "moved=" + moved.pid);

        lab.step("Clean-up", "Sockets, children and threads end; with them the namespaces, and with these the devices.");
        String link = inside.link(Namespace.NET), host = outside.link(Namespace.NET);
        for (AutoCloseable each : open) {
            each.close();
        }
        inside.close();
        outside.close();
        lab.gone(link);
        lab.gone(host);
        lab.next("In a second terminal: ./build.sh run Network --hold, then nsenter --net --target PID ip address"
                + " (as an ordinary user with --user --preserve-credentials). The lab Veth connects two of them.");
    }

    static void loopback(Lab lab, Caller inside, int port, List<AutoCloseable> open) {
        lab.step("Loopback", "A service listens inside on port " + port + ". Whoever connects to it must get there by lo.");
        open.add(inside.call(() -> new ServerSocket(port)));
        String connect = connect(inside, in("127.0.0.1", port));
        String ping = ping(inside::command, "127.0.0.1");
        ip(inside::command, "link set lo up");
        lab.claim("net.unreachable-until-up",
                inside("down: ENETUNREACH, up: success", "down: " + connect + ", up: " + connect(inside, in("127.0.0.1", port))));
        if (hasPing(lab, "net.ping-once-up")) {
            lab.claim("net.ping-once-up",
                    inside("down: no answer, up: answer", "down: " + ping + ", up: " + ping(inside::command, "127.0.0.1")));
        }
    }

    static void ports(Lab lab, Caller inside, Caller outside, int port, List<AutoCloseable> open) {
        lab.step("Ports", "A second service binds port " + port + " outside, while the first one still has it inside.");
        String across = connect(outside, in("127.0.0.1", port));
        ServerSocket same = outside.call(() -> new ServerSocket(port)), other = outside.call(() -> new ServerSocket(port + 1));
        open.addAll(List.of(same, other));
        lab.claim("net.same-port-twice",
                inside("once more: EADDRINUSE", "once more: " + bind(inside, in("0.0.0.0", port))),
                outside(port + ", once more: EADDRINUSE", same.getLocalPort() + ", once more: " + bind(outside, in("0.0.0.0", port))));
        lab.claim("net.listener-is-apart",
                inside("to outside's port: ECONNREFUSED", "to outside's port: " + connect(inside, in("127.0.0.1", port + 1))),
                outside("to inside's port: ECONNREFUSED, to its own: success",
                        "to inside's port: " + across + ", to its own: " + connect(outside, in("127.0.0.1", port + 1))));
    }

    static void deviceNames(Lab lab, Caller inside, Caller outside, Child member) {
        String mine = "in-" + lab.token().hex("device"), other = "out-" + lab.token().hex("device");
        lab.step("Devices", "Each side makes a device, a bridge: " + mine + " inside and " + other + " outside.");
        if (makes(lab, outside, "bridge", "net.devices-are-apart", "net.proc-net-is-the-reader")) {
            ip(inside::command, "link add " + mine + " type bridge");
            ip(outside::command, "link add " + other + " type bridge");
            lab.claim("net.devices-are-apart", inside(mine + " lo", devices(inside)), outside("lo " + other, devices(outside)));
            lab.claim("net.proc-net-is-the-reader",
                    inside("self/net: " + mine + " lo", inside.sh("readlink /proc/net") + ": " + names(inside.sh("cat /proc/net/dev"))),
                    outside("lo " + other + ", of a PID inside: " + mine + " lo", names(outside.sh("cat /proc/net/dev"))
                            + ", of a PID inside: " + names(outside.sh("cat /proc/" + member.pid + "/net/dev"))));
        }
    }

    static void settings(Lab lab, Caller inside, Caller outside) {
        String forward = "/proc/sys/net/ipv4/ip_forward", limit = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        String before = outside.call(() -> Proc.read(forward)), other = before.equals("0") ? "1" : "0";
        String limitBefore = outside.call(() -> Proc.read(limit));
        lab.step("Settings", "Inside, ip_forward becomes " + other + ". Outside it is " + before + ".");
        if (inside.errno(() -> Proc.write(forward, other)).equals("EROFS")) {
            lab.cannot(new Diagnosis(true, "/proc/sys is mounted read-only, as in a container",
                    "run outside of it, or docker --privileged"), "net.sysctls-are-apart", "net.low-ports");
            return;
        }
        lab.claim("net.sysctls-are-apart", inside(other, inside.call(() -> Proc.read(forward))),
                outside(before, outside.call(() -> Proc.read(forward))));
        int low = lab.token().number("low port", 600, 1000);
        Caller plain = inside.another("without CAP_NET_BIND_SERVICE");
        plain.drop(CAP_NET_BIND_SERVICE);
        String with = bind(inside, in("0.0.0.0", low)), without = bind(plain, in("0.0.0.0", low));
        inside.run(() -> Proc.write(limit, String.valueOf(low)));
        lab.claim("net.low-ports", inside("with: success, without: EACCES, without but limit " + low + ": success",
                "with: " + with + ", without: " + without + ", without but limit " + low + ": " + bind(plain, in("0.0.0.0", low))),
                outside("limit " + limitBefore, "limit " + outside.call(() -> Proc.read(limit))));
        plain.close();
    }

    static void abstractSockets(Lab lab, Caller inside, Caller outside, List<AutoCloseable> open) {
        lab.step("UNIX sockets", "An abstract name (a NUL byte first, shown as @) is no file. A socket listens on one, outside.");
        byte[] name = un("\0nslabs-" + lab.token().hex("abstract"));
        int fd = listen(outside, name);
        open.add(() -> close(fd));
        String across = connect(inside, name), own = connect(outside, name);
        lab.claim("net.abstract-sockets-apart",
                inside("ECONNREFUSED, bind the same name: success", across + ", bind the same name: " + bind(inside, name)),
                outside("success, bind the same name: EADDRINUSE", own + ", bind the same name: " + bind(outside, name)));
    }

    static void pathSockets(Lab lab, Caller inside, Caller files, List<AutoCloseable> open) {
        files.unshare(CLONE_NEWNS);
        String path = Tmpfs.mount(files) + "/nslabs-" + lab.token().hex("path");
        lab.step("Sockets and paths", "Another one listens on a path, in a mount namespace that leaves no file on the machine.");
        Caller guest = files.another("guest"); // the same files, another network
        guest.run(() -> setns(open("/proc/" + inside.tid() + "/ns/net", O_RDONLY | O_CLOEXEC, 0), CLONE_NEWNET));
        int fd = listen(files, un(path));
        open.add(() -> close(fd));
        lab.claim("net.path-sockets-are-files", inside("success", connect(guest, un(path))), outside("success", connect(files, un(path))));
        guest.close();
    }

    static void socketStays(Lab lab, Caller outside, Caller mover, int port, List<AutoCloseable> open) {
        lab.step("A socket that stays", "A thread opens a socket, and then moves to a new network namespace.");
        // tag::stays[]
        open.add(mover.call(() -> new ServerSocket(port)));
        mover.unshare(CLONE_NEWNET);
        // end::stays[]
        lab.claim("net.socket-stays", inside("connects: ENETUNREACH", "connects: " + connect(mover, in("127.0.0.1", port))),
                outside("connects: success", "connects: " + connect(outside, in("127.0.0.1", port))));
    }

    static void withoutPrivilege(Lab lab, Caller outside) {
        lab.step("Without privilege", "A thread gives up CAP_SYS_ADMIN and CAP_NET_ADMIN. A new user namespace gives them back, inside.");
        Caller plain = outside.another("plain");
        plain.drop(CAP_SYS_ADMIN);
        plain.drop(CAP_NET_ADMIN);
        lab.claim("net.needs-cap-sys-admin", inside("EPERM", plain.errno(() -> unshare(CLONE_NEWNET))));
        // Ubuntu's AppArmor gives nothing to user namespaces of who has no privilege: there, who has some shows it.
        Caller maker = Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1") ? outside : plain;
        String net = "10." + lab.token().number("network", 1, 255);
        try (plain; Child own = maker.clone(CLONE_NEWUSER | CLONE_NEWNET)) {
            if (makes(lab, outside, "veth", "net.user-ns-configures") && makes(lab, outside, "bridge", "net.user-ns-configures")) {
                Output done = own.run("ip link set lo up && ip link add cable type veth peer name end && ip link add switch type bridge"
                        + " && ip link set end master switch && ip address add " + net + ".5.1/24 dev switch && ip link set switch up"
                        + " && ip route add " + net + ".6.0/24 via " + net + ".5.2");
                lab.claim("net.user-ns-configures", inside("status 0", ("status " + done.status() + " " + done.text()).strip()));
            }
        }
    }
}
