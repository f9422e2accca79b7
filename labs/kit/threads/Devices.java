package kit.threads;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.TreeSet;
import kit.*;

/** The network devices of a thread: as Java tells of them, and as the kernel does; /proc/net/if_inet6, proc_net(5). */
public final class Devices {
    private Devices() {}

    /** Makes a cable in the network namespace of a thread, with an IPv6 address at both ends: DEVICE and peer. It ends with the namespace. */
    public static Output make(Caller thread, String device) {
        return thread.command("PATH=$PATH:/usr/sbin:/sbin; ip link add DEVICE type veth peer name peer && ip link set peer up && ip link set DEVICE up || exit; n=0;"
                .replace("DEVICE", device) + " until [ $(grep -c ' ' /proc/self/net/if_inet6) = 2 ] || [ $n = 2000 ]; do n=$((n+1)); done; [ $n -lt 2000 ]");
    }

    /** What Java finds on the thread that asks. */
    public static TreeSet<String> found() {
        try {
            return new TreeSet<>(NetworkInterface.networkInterfaces().map(NetworkInterface::getName).toList());
        } catch (SocketException e) {
            return new TreeSet<>(); // "No network interfaces configured"
        }
    }

    /** The devices in the IPv6 list of "self" or "thread-self"; the name is the last of six fields. */
    public static TreeSet<String> listed(String who) {
        return new TreeSet<>(Proc.read("/proc/" + who + "/net/if_inet6").lines().map(line -> line.split(" +")[5]).toList());
    }
}
