package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class NetworkAbstractCheck extends Check {
    @Test
    @Verifies("net.abstract-sockets-apart")
    void apart(Live live) {
        live.apart("net");
        assertFalse(listens(live.init(), name(live)), name(live) + " is known in " + live.init().link("net") + ", where your program was started.");
        var knowing = live.oneOfEach("net").stream().filter(task -> listens(task, name(live))).toList();
        assertFalse(knowing.isEmpty(), name(live) + " is known in none of your network namespaces.");
        assertEquals(1, knowing.size(), name(live) + " is known in more than one of your network namespaces.");
    }

    @Test
    @Verifies("net.path-sockets-are-files")
    void connected(Live live) {
        live.apart("net");
        var path = path(live);
        var sides = new ArrayList<>(live.oneOfEach("net"));
        var guests = sides.stream().filter(task -> !listens(task, path)).toList();
        sides.add(live.init());
        assertTrue(sides.stream().anyMatch(task -> listens(task, path)), "Nobody listens on " + path + ".");
        assertTrue(guests.stream().anyMatch(task -> sockets(task).stream().anyMatch(socket -> socket.name().equals(path) && socket.connected())),
                () -> "No socket in a network namespace of yours other than the service's is connected to " + path + ".");
    }

    private static String name(Live live) {
        return "@" + live.value("name");
    }

    private static String path(Live live) {
        return "/tmp/" + live.value("socket");
    }

    /** A line of /proc/PID/net/unix: the sockets of PID's network namespace. The end that accept(2) will give, or has given, is where its client's is. */
    private record Socket(boolean listening, boolean connected, String name) {}

    private static List<Socket> sockets(Proc task) {
        return task.lines("net/unix").stream().skip(1).map(line -> line.strip().split("\\s+", 8)).filter(cells -> cells.length == 8)
                .map(cells -> new Socket((Long.parseLong(cells[3], 16) & 0x10000) != 0, cells[5].matches("0[23]"), cells[7])).toList();
    }

    private static boolean listens(Proc task, String name) {
        return sockets(task).stream().anyMatch(socket -> socket.listening() && socket.name().equals(name));
    }

    @Override
    public List<String> hints() {
        return List.of("A socket stays in the network namespace where it was made, even if the thread that made it goes away. In which order does the service do things?",
                "First unshare(CLONE_NEWNET), then the sockets.",
                "The guest stands in another network namespace: to it the abstract name says ECONNREFUSED. But it sees the same files.",
                "int fd = guest.call(() -> socket(AF_UNIX, SOCK_STREAM, 0)); guest.run(() -> connect(fd, path, path.length)); and no close(2).");
    }

    @Override
    public String hint(Live live) {
        return listens(live.init(), name(live)) ? "/proc/net/unix has " + name(live) + " in " + live.init().link("net") + ", where your program was started; your threads stand in "
                + String.join(", ", live.oneOfEach("net").stream().map(task -> task.link("net")).toList()) + "." : null;
    }

    @Override
    public String explanation() {
        return """
            Abstract names belong to the network namespace, paths to the file system: connect(2) looks a path up like open(2), and
            whoever finds the file reaches the socket. So a container without a network still talks to a daemon whose socket is mounted
            into it, such as /run/docker.sock; and an abstract socket of the host is open to every container that shares its network.""";
    }
}
