package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class ContainerByHandShellCheck extends Check {
    private static final String[] SIX = {"mnt", "uts", "ipc", "pid", "net", "cgroup"};

    @Test
    @Verifies("containerbyhand.stands-apart")
    void apart(Live live) {
        live.apart(SIX);
        live.unchanged();
    }

    @Test
    @Verifies("containerbyhand.first-process")
    void first(Live live) {
        one(live);
    }

    @Test
    @Verifies("containerbyhand.own-name")
    void named(Live live) {
        assertEquals(live.value("hostname"), live.hostname(one(live)), "The container's hostname is wrong");
    }

    @Test
    @Verifies("net.unreachable-until-up")
    void network(Live live) {
        var one = one(live);
        assertTrue(one.text("net/fib_trie").contains("127.0.0.1"), "The container's network has no way to 127.0.0.1: its device lo is down.");
    }

    @Test
    @Verifies("containerbyhand.own-proc")
    void processes(Live live) {
        Containers.seesItselfOnly(live, one(live));
    }

    @Test
    @Verifies("containerbyhand.old-root-is-gone")
    void root(Live live) {
        var one = one(live);
        Containers.hasLeft(live, one);
        assertTrue(live.files(one).exists("/bin/sh"), "There is no /bin/sh in the container.");
        assertNotEquals("proc", one.mountAt("/").orElseThrow().type());
    }

    private static Proc one(Live live) {
        return Containers.one(live, SIX);
    }

    @Override
    public List<String> hints() {
        return List.of("One unshare(1) with six options makes the namespaces. Who is in the new PID namespace: unshare itself, or what it starts?",
                "unshare --mount --uts --ipc --net --pid --cgroup --fork sh \"$0\" inside; exec before it, so that no shell waits in vain. Inside: hostname NAME, ip link set lo up.",
                "A tmpfs on /mnt is empty, private and a mount point, all that pivot_root(8) wants. Mount proc on /mnt/proc before the old /proc is out of sight.",
                "cd /mnt; mkdir old; pivot_root . old; PATH=/bin; umount -l /old; rmdir /old; cd /.");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("mnt");
        if (apart.isEmpty()) return "None of your processes stands in a namespace of its own yet.";
        var last = apart.get(apart.size() - 1);
        var missing = List.of(SIX).stream().filter(type -> last.link(type).equals(live.init().link(type))).toList();
        if (!missing.isEmpty()) return "Your container shares with the outside: " + String.join(", ", missing) + ".";
        return "The mounts that your container sees: " + String.join(" ", last.mounts().stream().map(outside.Mount::point).toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            This is all that a container is. unshare(1) with --fork, for a PID namespace begins with a child; a directory that is
            a mount point; a proc that belongs to the new PID namespace, mounted as long as the kernel can see that nothing of
            /proc was hidden from you; pivot_root(8), which unlike chroot(8) changes the root of the whole mount namespace, so
            that the old one can be unmounted. What an engine adds is what it takes away: capabilities, system calls, resources.""";
    }
}
