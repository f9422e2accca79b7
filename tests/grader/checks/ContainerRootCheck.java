package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class ContainerRootCheck extends Check {
    private static final int TYPE = 0170000, CHARACTER_DEVICE = 0020000, NULL = 1 << 8 | 3;

    @Test
    @Verifies("container.pivoted")
    void pivoted(Live live) {
        var one = one(live);
        Containers.hasLeft(live, one);
        assertTrue(live.files(one).exists("/bin/sh"), "There is no /bin/sh in the box.");
        live.unchanged();
    }

    @Test
    @Verifies("container.sees-itself-only")
    void processes(Live live) {
        Containers.seesItselfOnly(live, one(live));
    }

    @Test
    @Verifies("container.devices-bound")
    void devices(Live live) {
        var one = one(live);
        assertTrue(!one.mountAt("/").orElseThrow(() -> new AssertionError("The box's root is no mount point.")).device().equals(live.init().mountAt("/").orElseThrow().device()), "The box's root is still the old one.");
        assertTrue(one.mountAt("/dev/null").isPresent(), "Nothing is mounted on the box's /dev/null.");
        assertEquals(CHARACTER_DEVICE, (int) live.files(one).stat("/dev/null", "mode") & TYPE, "The box's /dev/null is no character device");
        assertEquals((long) NULL, (long) live.files(one).stat("/dev/null", "rdev"), "The box's /dev/null is another device");
    }

    private static Proc one(Live live) {
        return Containers.one(live, "pid", "mnt");
    }

    @Override
    public List<String> hints() {
        return List.of("The errno tells what a call lacked: EINVAL of umount2(2), that nothing is mounted there yet; EPERM of mount(proc), that no whole /proc is in sight any more. pivot_root(2) lists its own.",
                "What has to be taken from the machine, the device file, must be bound before the old root is gone. And nothing can be detached before it has been moved aside.",
                "Private, the two mounts, pivot_root, umount2. A process has a root and a working directory. Where is the second one? ls -l /proc/PID/cwd",
                "Last: box.call(\"chdir\", \"/\").");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("mnt", "pid");
        return apart.isEmpty() ? null : "The mounts that the box sees: " + String.join(" ", apart.get(0).mounts().stream().map(outside.Mount::point).toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            In this trade the order is the knowledge. Private first, for pivot_root(2) refuses a shared mount, and nothing shall
            come back to the machine. Then what needs the machine: the device, since a user namespace makes none, and proc, which
            the kernel gives to a user namespace only while a whole proc is in sight. Then the change of root; the old one is
            detached. At the end chdir("/"): a detached mount lives as long as somebody stands in it, and from a working directory in
            there one could look around as before. pivot_root(2) moves only those who stand exactly at the old root.""";
    }
}
