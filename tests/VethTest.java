import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Mount;
import outside.Net;
import outside.Proc;
import outside.Processes;
import outside.Ran;
import outside.Scratch;
import outside.Trace;
import outside.Verifies;

/** Looks at the Veth lab from outside: ip(8), ping(8) and TCP in the namespaces that it holds open, and the mounts that keep two. */
@DisplayName("Veth")
class VethTest {
    @Nested
    @DisplayName("as root")
    class AsRoot extends Checks {
        AsRoot() {
            super(As.ROOT);
        }
    }

    @Nested
    @DisplayName("as an ordinary user")
    class AsOrdinaryUser extends Checks {
        AsOrdinaryUser() {
            super(As.ORDINARY_USER);
        }
    }

    abstract static class Checks extends LabChecks {
        Checks(As as) {
            super("Veth", as);
        }

        private Proc peer() {
            return held().process("peer");
        }

        private Proc left() {
            return held().process("left");
        }

        private Proc right() {
            return held().process("right");
        }

        @Test
        @DisplayName("the process inside stands apart in the network namespace only, and so does the one that plays the host")
        void apart() {
            assertApartExactlyIn("net");
            assertTrue(peer().apartFrom(outside()).contains("net"), "the peer stands in the machine's own network");
            assertEquals(5, Set.of(inside().identity("net"), peer().identity("net"), left().identity("net"), right().identity("net"),
                    outside().identity("net")).size(), "different network namespaces");
        }

        // ---- cables

        @Test
        @Verifies("veth.same-device-name")
        @DisplayName("several sides have an eth0, and lo is number 1 in each")
        void sameName() {
            assertTrue(peer().netDevices().containsAll(Set.of("lo", "eth0", "to-inside")), () -> "" + peer().netDevices());
            assertFalse(inside().netDevices().contains("to-inside"), () -> "" + inside().netDevices());
            assertFalse(outside().netDevices().contains("to-inside"), "on the machine itself");
            for (var side : List.of(inside(), peer())) {
                assertTrue(side.netDevices().contains("eth0"), () -> side + " has no eth0: " + side.netDevices());
                assertTrue(net(side).ip("-o link show lo").startsWith("1: lo:"), () -> "lo is not 1 in " + side);
            }
            assertNotEquals(net(inside()).ip("-o link show eth0"), net(peer()).ip("-o link show eth0"), "one and the same device");
        }

        @Test
        @Verifies("veth.connects")
        @DisplayName("the two ends of the pair reach each other by TCP, and not while it is down")
        void connects() {
            var here = net(inside()).address("eth0");
            var there = net(peer()).address("to-inside");
            int port = net(inside()).commonPort(net(peer()));
            assertEquals("connected", net(inside()).connect(there, port));
            assertEquals("connected", net(peer()).connect(here, port));
            net(inside()).ip("link set eth0 down");
            assertEquals("Network is unreachable", net(inside()).connect(there, port));
            net(inside()).ip("link set eth0 up");
            assertEquals("connected", net(inside()).connect(there, port));
        }

        @Test
        @Verifies("veth.pings")
        @DisplayName("the two ends of the pair answer each other's ping, and not while it is down")
        void pings() {
            var here = net(inside()).address("eth0");
            var there = net(peer()).address("to-inside");
            assertTrue(net(inside()).reaches(there));
            assertTrue(net(peer()).reaches(here));
            net(inside()).ip("link set eth0 down");
            assertTrue(net(peer()).silent(here));
            net(inside()).ip("link set eth0 up");
            assertTrue(net(peer()).reaches(here));
        }

        @Test
        @Verifies("veth.bridge-joins-two")
        @DisplayName("left and right reach each other through the bridge, and not while it is down")
        void bridge() {
            var ports = net(peer()).ip("-o link show master switch");
            assertTrue(ports.contains("to-left") && ports.contains("to-right"), ports);
            var left = net(left()).address("eth0");
            var right = net(right()).address("eth0");
            assertTrue(net(left()).reaches(right));
            assertTrue(net(right()).reaches(left));
            net(peer()).ip("link set switch down");
            assertTrue(net(left()).silent(right));
            net(peer()).ip("link set switch up");
            assertTrue(net(left()).reaches(right));
        }

        @Test
        @Verifies("veth.move-loses-addresses")
        @DisplayName("eth1, which had an address on the other side, has none; one that it is given is lost with the next move")
        void moved() {
            assertTrue(inside().netDevices().contains("eth1"), () -> "" + inside().netDevices());
            assertEquals("", net(inside()).ip("-o -4 address show dev eth1"));
            net(inside()).ip("address add 192.0.2.1/24 dev eth1");
            net(inside()).ip("link set eth1 up");
            net(inside()).ip("route add 198.51.100.0/24 via 192.0.2.2");
            net(inside()).ip("link set eth1 netns " + left().pid());
            assertTrue(left().netDevices().contains("eth1") && !inside().netDevices().contains("eth1"));
            net(left()).ip("link set eth1 up");
            assertEquals("", net(left()).ip("-o -4 address show dev eth1"));
            assertEquals("", net(left()).ip("route show 198.51.100.0/24"));
        }

        @Test
        @Verifies("veth.no-link-into-the-host")
        @DisplayName("root of a user namespace cannot push a link into the namespace around it")
        void noLinkIntoTheHost() {
            var before = peer().netDevices();
            var ran = net(peer()).run("sh", "-c", "exec 9< /proc/self/ns/net unshare --user --map-root-user --net sh -c "
                    + "'PATH=$PATH:/usr/sbin:/sbin; ip link add pushed type veth peer name kept && ip link set pushed netns /proc/self/fd/9'");
            assertNotEquals(0, ran.exit(), ran::toString);
            assertTrue(ran.stderr().contains("Operation not permitted"), ran::toString);
            assertEquals(before, peer().netDevices());
            assertTrue(calls().succeeded("clone", "CLONE_NEWUSER", "CLONE_NEWNET"), () -> "" + calls());
            assertTrue(calls().of("recvmsg").stream().anyMatch(call -> call.arguments().contains("NLMSG_ERROR")
                    && call.arguments().contains("EPERM")), "no netlink answer was EPERM");
        }

        @Test
        @Order(Integer.MAX_VALUE - 1)
        @Verifies("veth.dies-with-its-namespace")
        @DisplayName("when the only process of a namespace is killed, the other end of its cable goes away")
        void dies() {
            assertTrue(peer().netDevices().contains("cable"), () -> "" + peer().netDevices());
            assertTrue(right().netDevices().contains("end"), () -> "" + right().netDevices());
            assertTrue(ProcessHandle.of(right().pid()).orElseThrow().destroyForcibly());
            var deadline = System.nanoTime() + Scratch.patience(10) * 1_000_000_000L;
            while (peer().netDevices().contains("cable") && System.nanoTime() < deadline) Thread.onSpinWait();
            assertFalse(peer().netDevices().contains("cable"), () -> "" + peer().netDevices());
            assertTrue(peer().netDevices().contains("to-inside"), "inside is alive");
        }

        // ---- names

        @Test
        @Verifies({"veth.ip-netns-add", "veth.bind-mount-keeps"})
        @DisplayName("two network namespaces without a process are held by mounts on /run/netns, which the machine does not have")
        void named() {
            var files = held().process("files");
            assertTrue(files.apartFrom(outside()).contains("mnt"));
            var names = files.mounts().stream().filter(mount -> mount.type().equals("nsfs"))
                    .filter(mount -> mount.point().startsWith("/run/netns/")).toList();
            assertEquals(2, names.size(), () -> "" + files.mounts());
            assertEquals(2, names.stream().map(Mount::root).distinct().count());
            for (var name : names) {
                assertFalse(outside().mountAt(name.point()).isPresent(), () -> name + " on the machine itself");
                assertTrue(Processes.all().stream().noneMatch(proc -> name.root().equals(proc.links().get("net"))),
                        () -> "somebody stands in " + name);
                var line = new ArrayList<>(List.of("nsenter", "--net=" + files.root() + name.point()));
                if (!As.TESTS_ARE_ROOT) line.addAll(List.of("--user=" + files.folder() + "/ns/user", "--preserve-credentials"));
                line.addAll(List.of("readlink", "/proc/self/ns/net"));
                assertEquals(name.root(), Ran.command(line.toArray(String[]::new)).text());
            }
            assertTrue(calls().succeeded("setns", "CLONE_NEWNET"), () -> "" + calls());
            assertTrue(calls().succeeded("mount", "/ns/net", "/run/netns/", "MS_BIND"), () -> "" + calls());
        }

        private Trace calls() {
            return trace("setns", "clone", "mount", "recvmsg");
        }

        private static Net net(Proc side) {
            return Net.of(side);
        }
    }
}
