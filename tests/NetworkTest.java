import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import outside.As;
import outside.LabChecks;
import outside.Net;
import outside.Proc;
import outside.Ran;
import outside.Trace;
import outside.Verifies;

/**
 * Looks at the Network lab from outside: /proc/PID/net of both sides, ip(8), ping(8) and TCP in the namespaces that it
 * holds open, and what the kernel answered to its calls.
 */
@DisplayName("Network")
class NetworkTest {
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
            super("Network", as);
        }

        /** The process that stands where the lab's host is. */
        private Proc peer() {
            return held().process("peer");
        }

        /** A process in the third namespace, to which the thread has moved that left its socket behind. Nobody touched its lo. */
        private Proc moved() {
            return held().process("moved");
        }

        @Test
        @DisplayName("the process inside stands apart in the network namespace only, and so does the one that plays the host")
        void apart() {
            assertApartExactlyIn("net");
            assertTrue(peer().apartFrom(outside()).contains("net"), "the peer stands in the machine's own network");
            assertEquals(4, Set.of(inside().identity("net"), peer().identity("net"), moved().identity("net"),
                    outside().identity("net")).size(), "different network namespaces");
        }

        // ---- devices and lo

        @Test
        @Order(1)
        @Verifies({"net.empty-at-birth", "net.unreachable-until-up"})
        @DisplayName("a namespace whose lo nobody brought up has no address of its own and no route to itself; then somebody does")
        void untilLoIsUp() {
            assertEquals(Set.of("lo"), moved().netDevices());
            assertEquals("", net(moved()).ip("-o link show up"));
            assertEquals("", net(moved()).ip("-o address"));
            assertEquals("", net(moved()).ip("-4 route show table all"));
            assertEquals("Network is unreachable", net(moved()).connect("127.0.0.1", 9));
            net(moved()).ip("link set lo up");
            assertEquals("Connection refused", net(moved()).connect("127.0.0.1", 9));

            var answers = calls("connect", call -> loopback(call) && made(call.pid(), "unshare", "CLONE_NEWNET"));
            var first = answers.get(0);
            assertEquals("ENETUNREACH", first.errno(), first::toString);
            assertTrue(answers.stream().anyMatch(call -> call.succeeded() && call.pid() == first.pid() && Net.port(call) == Net.port(first)),
                    () -> "" + answers);
        }

        @Test
        @Order(2)
        @Verifies("net.ping-once-up")
        @DisplayName("127.0.0.1 answers to a ping inside, and no more when lo is down")
        void ping() {
            assertTrue(net(inside()).reaches("127.0.0.1"));
            net(moved()).ip("link set lo down");
            assertTrue(net(moved()).silent("127.0.0.1"));
            net(moved()).ip("link set lo up");
            assertTrue(net(moved()).reaches("127.0.0.1"));
        }

        @Test
        @Verifies("net.empty-at-birth")
        @DisplayName("a namespace that unshare(1) makes has lo, down, without addresses and routes")
        void fresh() {
            var line = new ArrayList<>(List.of("unshare", "--net"));
            if (as() == As.ORDINARY_USER) line.addAll(List.of("--user", "--map-root-user"));
            line.addAll(List.of("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; ip -o link | grep -c LOOPBACK; ip -o link show up; ip -o address;"
                    + " ip -4 route show table all"));
            assertEquals("1", Ran.command(as().command(line).toArray(String[]::new)).text());
            assertTrue(calls().succeeded("unshare", "CLONE_NEWNET"), () -> "the lab made none: " + calls());
        }

        @Test
        @Verifies("net.devices-are-apart")
        @DisplayName("each side has one device of its own that neither the other side nor the machine has")
        void devices() {
            var here = new TreeSet<>(inside().netDevices());
            var there = new TreeSet<>(peer().netDevices());
            assertTrue(here.remove("lo") && there.remove("lo"), here + " " + there);
            for (var own : List.of(here, there)) {
                assertTrue(own.stream().anyMatch(device -> device.matches("(in|out)-.*")), own::toString);
                assertFalse(outside().netDevices().stream().anyMatch(device -> device.matches("(in|out)-.*")), "on the machine itself");
            }
            assertFalse(here.stream().filter(device -> device.startsWith("in-")).anyMatch(there::contains), there::toString);
            assertFalse(there.stream().filter(device -> device.startsWith("out-")).anyMatch(here::contains), here::toString);
        }

        @Test
        @Verifies("net.proc-net-is-the-reader")
        @DisplayName("/proc/net is self/net and shows the reader's devices")
        void procNet() {
            assertEquals("self/net", net(inside()).run("readlink", "/proc/net").text());
            assertEquals(inside().netDevices(), readDevices(inside(), "/proc/net/dev"));
            assertEquals(peer().netDevices(), readDevices(peer(), "/proc/net/dev"));
            assertEquals(inside().netDevices(), readDevices(peer(), inside().folder() + "/net/dev"));
            assertNotEquals(inside().netDevices(), peer().netDevices());
        }

        private static Set<String> readDevices(Proc reader, String file) {
            var names = new TreeSet<String>();
            net(reader).run("cat", file).text().lines().filter(line -> line.contains(":"))
                    .forEach(line -> names.add(line.substring(0, line.indexOf(':')).strip()));
            return names;
        }

        // ---- ports

        @Test
        @Verifies("net.same-port-twice")
        @DisplayName("one TCP port has a listener on each side, and neither side could bind it again")
        void samePort() {
            int port = net(inside()).commonPort(net(peer()));
            assertFalse(net(outside()).listening().contains(port), "the machine itself listens on it");
            var again = calls("bind", call -> call.errno().equals("EADDRINUSE") && call.arguments().contains("AF_INET"));
            assertEquals(2, again.stream().map(Trace.Call::pid).distinct().count(), () -> "threads that were refused: " + again);
            assertEquals(1, again.stream().map(Net::port).distinct().count(), () -> "ports: " + again);
        }

        @Test
        @Verifies("net.listener-is-apart")
        @DisplayName("127.0.0.1 leads to listeners of the same side only")
        void listenerIsApart() {
            var theirs = new TreeSet<>(net(peer()).listening());
            theirs.removeAll(net(inside()).listening());
            assertFalse(theirs.isEmpty());
            for (int port : theirs) {
                assertEquals("Connection refused", net(inside()).connect("127.0.0.1", port));
                assertEquals("connected", net(peer()).connect("127.0.0.1", port));
            }
            // The other direction: while the port was bound inside alone.
            var mine = calls("connect", call -> loopback(call) && !call.errno().equals("ENETUNREACH"));
            var accepted = mine.stream().filter(Trace.Call::succeeded).findFirst().orElseThrow();
            assertTrue(mine.stream().anyMatch(call -> call.errno().equals("ECONNREFUSED") && Net.port(call) == Net.port(accepted)
                    && call.pid() != accepted.pid()), () -> "" + mine);
        }

        @Test
        @Verifies("net.low-ports")
        @DisplayName("a port below 1024 was refused, then allowed to the same thread; the limit differs between the sides")
        void lowPorts() {
            var limit = new String[] {"cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"};
            assertNotEquals(net(peer()).run(limit).text(), net(inside()).run(limit).text());
            var low = calls("bind", call -> call.arguments().contains("AF_INET") && Net.port(call) < 1024);
            var refused = calls("bind", call -> low.contains(call) && call.errno().equals("EACCES")).get(0);
            var bound = low.stream().filter(call -> call.succeeded() && Net.port(call) == Net.port(refused)).toList();
            assertTrue(bound.stream().anyMatch(call -> call.pid() != refused.pid()), () -> "" + low);
            assertTrue(bound.stream().anyMatch(call -> call.pid() == refused.pid()), () -> "" + low);
            assertTrue(made(refused.pid(), "capset", "CAP_CHOWN"), "it had dropped a capability"); // any word of the mask
        }

        @Test
        @Verifies("net.sysctls-are-apart")
        @DisplayName("ip_forward differs between the sides")
        void sysctls() {
            var forward = new String[] {"cat", "/proc/sys/net/ipv4/ip_forward"};
            assertNotEquals(net(peer()).run(forward).text(), net(inside()).run(forward).text());
        }

        // ---- sockets

        @Test
        @Verifies("net.abstract-sockets-apart")
        @DisplayName("the abstract name is listed on one side only, and connect(2) from the other was refused")
        void abstractSockets() {
            assertTrue(peer().text("net/unix").contains(" @nslabs-"), () -> peer().text("net/unix"));
            assertFalse(inside().text("net/unix").contains(" @nslabs-"), () -> inside().text("net/unix"));
            assertTrue(calls().failed("connect", "ECONNREFUSED", "AF_UNIX", "@\"nslabs-"), () -> "" + calls());
            assertTrue(calls().succeeded("connect", "AF_UNIX", "@\"nslabs-"), () -> "" + calls());
            assertTrue(calls().failed("bind", "EADDRINUSE", "AF_UNIX", "@\"nslabs-"), () -> "" + calls());
        }

        @Test
        @Verifies("net.path-sockets-are-files")
        @DisplayName("a thread in another network namespace connected to the path, though that namespace does not list the socket")
        void pathSockets() {
            var files = held().process("files");
            var folder = files.mounts().stream().filter(mount -> mount.source().equals("files")).findFirst().orElseThrow().point();
            var path = folder + "/nslabs-";
            var bound = calls("bind", call -> call.succeeded() && call.arguments().contains('"' + path)).get(0);
            var connected = calls("connect", call -> call.succeeded() && call.arguments().contains('"' + path));
            assertTrue(connected.stream().anyMatch(call -> call.pid() != bound.pid() && made(call.pid(), "setns", "CLONE_NEWNET")), () -> "" + calls());

            var line = listener(files, path).orElseThrow();
            assertEquals(Optional.empty(), listener(inside(), path));
            var file = Path.of(line.substring(line.indexOf(path)));
            assertTrue(Files.exists(Path.of(files.root() + "" + file), LinkOption.NOFOLLOW_LINKS), "where the lab has its files");
            assertFalse(Files.exists(file, LinkOption.NOFOLLOW_LINKS), "on the machine itself");
        }

        /** The line of a socket that listens (flag __SO_ACCEPTCON). One that it has not accepted yet has its path, too, where the client is. */
        private static Optional<String> listener(Proc side, String path) {
            return side.lines("net/unix").stream().filter(line -> line.contains(" 00010000 ") && line.contains(" " + path)).findFirst();
        }

        @Test
        @Verifies("net.socket-stays")
        @DisplayName("a listener is reached where its thread was, not where its thread is")
        void socketStays() {
            var move = calls("unshare", call -> made(call.pid(), "unshare", "CLONE_NEWNET") && boundBefore(call) > 0).get(0);
            int port = boundBefore(move);
            var connects = calls("connect", call -> Net.port(call) == port);
            assertTrue(connects.stream().anyMatch(call -> call.pid() == move.pid() && call.errno().equals("ENETUNREACH")), () -> "" + calls());
            assertTrue(connects.stream().anyMatch(call -> call.pid() != move.pid() && call.succeeded()), () -> "" + calls());
            assertEquals(3, net(peer()).listening().size(), () -> "the same, the other and the moved one: " + net(peer()).listening());
            assertEquals(Set.of(), net(moved()).listening());
        }

        // ---- privilege

        @Test
        @Verifies({"net.needs-cap-sys-admin", "net.user-ns-configures"})
        @DisplayName("without privilege a network namespace is refused, and with a user namespace it may be set up")
        void privilege() {
            assertTrue(calls().failed("unshare", "EPERM", "CLONE_NEWNET"), () -> "" + calls());
            assertTrue(calls().succeeded("clone", "CLONE_NEWUSER", "CLONE_NEWNET"), () -> "" + calls());
            assertNotEquals(0, powerless("unshare", "--net", "true").exit());
            var script = "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && ip link add one type veth peer name two"
                    + " && ip link add three type bridge && ip link set one master three && ip address add 192.0.2.1/24 dev three"
                    + " && ip link set three up && ip route add 198.51.100.0/24 via 192.0.2.2 && ip -o link | grep -c .";
            assertEquals("4", powerless("unshare", "--user", "--map-root-user", "--net", "sh", "-c", script).text());
        }

        private Ran powerless(String... command) {
            var line = new ArrayList<String>();
            if (as() == As.ROOT) line.addAll(List.of("setpriv", "--inh-caps=-all", "--bounding-set=-sys_admin,-net_admin"));
            line.addAll(List.of(command));
            return Ran.command(as().command(line).toArray(String[]::new));
        }

        // ---- what the kernel answered

        private Trace calls() {
            return trace("unshare", "setns", "clone", "bind", "connect", "capset");
        }

        /** Such calls; fails if there is none. */
        private List<Trace.Call> calls(String name, Predicate<Trace.Call> such) {
            var found = calls().of(name).stream().filter(such).toList();
            assertFalse(found.isEmpty(), () -> "no such " + name + " in " + calls());
            return found;
        }

        /** True if this thread made such a call with success. */
        private boolean made(long pid, String name, String word) {
            return calls().of(name).stream().anyMatch(call -> call.pid() == pid && call.succeeded() && call.arguments().contains(word));
        }

        /** The TCP port that the caller of this unshare(2) had bound before; 0 if none. */
        private int boundBefore(Trace.Call unshare) {
            return calls().calls().subList(0, calls().calls().indexOf(unshare)).stream()
                    .filter(call -> call.name().equals("bind") && call.pid() == unshare.pid() && call.succeeded())
                    .mapToInt(Net::port).findFirst().orElse(0);
        }

        private static boolean loopback(Trace.Call call) {
            return call.arguments().contains("sin_addr=inet_addr(\"127.0.0.1\")");
        }

        private static Net net(Proc side) {
            return Net.of(side);
        }
    }
}
