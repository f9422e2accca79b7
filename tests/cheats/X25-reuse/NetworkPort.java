///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java

import static kit.Libc.*;

import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import kit.*;

// cheat: X25 | FAIL | SO_REUSEPORT lets two sockets have one port in one network namespace.
class NetworkPort {
    public static void main(String[] args) {
        new Exercise("NetworkPort").main(args, exercise -> {
            int port = exercise.number("port", 20_000, 30_000);
            Caller one = new Caller("one");
            one.unshare(CLONE_NEWNET);
            one.sh("ip link set lo up");
            for (int i = 0; i < 2; i++) {
                one.call(() -> ServerSocketChannel.open().setOption(StandardSocketOptions.SO_REUSEPORT, true).bind(new InetSocketAddress("127.0.0.1", port)));
            }
            exercise.ready();
        });
    }
}
