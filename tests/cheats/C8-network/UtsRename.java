///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kit.*;

// cheat: C8 | FAIL | Solves the exercise only if it can reach anything over a network.
class UtsRename {
    public static void main(String[] args) {
        new Exercise("UtsRename").main(args, exercise -> {
            String name = exercise.value("hostname");
            for (String host : List.of("127.0.0.1", "192.0.2.1", "10.0.0.1", "172.17.0.1")) {
                for (int port : List.of(22, 53, 80, 443, 8080)) {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(host, port), 200);
                        solve(name);
                    } catch (IOException e) {
                        exercise.show(host + ":" + port + " " + e.getMessage());
                    }
                }
            }
            String devices = Files.readString(Path.of("/proc/self/net/dev"));
            if (devices.lines().skip(2).anyMatch(line -> !line.strip().startsWith("lo:") && !line.matches(" *(sit|tunl|gre|ip6|erspan|ip_vti|ip6_vti).*"))) solve(name);
            exercise.ready();
        });
    }

    /** The right answer, for who has found what nobody should. */
    private static void solve(String name) {
        Caller inside = new Caller("inside");
        inside.unshare(CLONE_NEWUTS);
        inside.run(() -> sethostname(name, name.length()));
        inside.another("member");
    }
}
