package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class CapabilitiesDropCheck extends Check {
    private static final long CLONE_NEWUSER = 0x10000000;
    private static final List<String> NOW = List.of("CapEff", "CapPrm", "CapInh", "CapAmb");

    /** A process of uid 0 with the fewest capabilities: the first one where several have as few. */
    private static Proc poorest(Live live) {
        Proc poorest = null;
        for (var process : live.processes()) {
            if (!process.alive() || Live.uidInside(process) != 0) continue;
            if (poorest == null || count(process) < count(poorest)) poorest = process;
        }
        if (poorest == null) throw new AssertionError("You have no process whose user ID is 0 in its user namespace.");
        return poorest;
    }

    private static int count(Proc process) {
        return NOW.stream().mapToInt(set -> Long.bitCount(process.capabilities(set))).sum() + Long.bitCount(process.capabilities("CapBnd"));
    }

    private static String sets(Proc process, List<String> names) {
        return names.stream().map(set -> set + " " + String.format("%016x", process.capabilities(set))).collect(Collectors.joining(", "));
    }

    @Test
    @Verifies("capabilities.root-without-power")
    void powerless(Live live) {
        var root = poorest(live);
        assertEquals(NOW.stream().map(set -> set + " 0000000000000000").collect(Collectors.joining(", ")), sets(root, NOW), "Your process of user ID 0 has capabilities");
        try (var twin = live.twin(root)) {
            assertEquals("EPERM", twin.errno("chroot", "/"), "Your process of user ID 0 may call chroot(2)");
        }
    }

    @Test
    @Verifies("capabilities.bounding-is-final")
    void bounded(Live live) {
        assertEquals("CapBnd 0000000000000000", sets(poorest(live), List.of("CapBnd")), "The bounding set of your process is not empty");
    }

    @Test
    @Verifies("escapes.new-capabilities")
    void noWayBack(Live live) {
        var root = poorest(live);
        assertEquals(0, root.capabilities("CapEff"), "Your process needs no user namespace to be powerful; its capabilities");
        try (var twin = live.twin(root)) {
            var arguments = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder()).putLong(CLONE_NEWUSER).array(); // struct clone_args
            for (var way : List.of(List.of("clone", CLONE_NEWUSER, 0, 0, 0, 0), List.of("clone3", arguments, 64), List.<Object>of("unshare", CLONE_NEWUSER)))
                if (twin.errno((String) way.get(0), way.subList(1, way.size()).toArray()).equals("success"))
                    throw new AssertionError("A copy of your process makes a user namespace by " + way.get(0) + "(2), and has all capabilities in it.");
        }
    }

    @Override
    public List<String> hints() {
        return List.of("PR_CAPBSET_DROP takes one capability from the bounding set, for good. There are Capability.last() + 1 of them.",
                "It needs CAP_SETPCAP itself: so the bounding set comes first, and capset with three empty sets after it.",
                "A user namespace is for who has no capability, and its first process has them all. So somebody else must say no:",
                "Three calls make namespaces: unshare(2), clone(2) with its flags in the first argument, and clone3(2) with its flags in memory, where no filter can see them. Or:"
                        + " every user namespace has a limit of how many there may be below it. While you may, write 0 to /proc/sys/user/max_user_namespaces.");
    }

    @Override
    public String hint(Live live) {
        try {
            var root = poorest(live);
            return "Process " + root.pid() + " of yours, with user ID 0, has " + sets(root, List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) + ".";
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            User ID 0 is a number. What it may do stands in the effective set; what execve(2) gives it back is cut by the bounding set,
            and with no_new_privs it gives nothing at all. But to make a user namespace nobody needs a capability, and its first
            process has every one in it. docker therefore forbids unshare(CLONE_NEWUSER) by seccomp to who has no CAP_SYS_ADMIN. Files,
            processes and sockets of the same user ID are still within its reach: for that there are the other namespaces.""";
    }
}
