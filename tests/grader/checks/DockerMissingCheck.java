package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import kit.Errno;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class DockerMissingCheck extends Check {
    private static final List<String> HIDDEN = List.of("kcore", "keys", "timer_list");
    private static final List<String> SETS = List.of("CapPrm", "CapEff", "CapBnd");
    /** 0 1 3 4 5 6 7 8 10 13 18 27 29 31: what docker's documentation lists; linux/capability.h. */
    private static final long DOCKERS = 0xa80425fbL;
    private static final int O_RDONLY = 0, O_WRONLY = 1;

    /** The process that the sentence describes: it must still be one, whatever has been added. */
    private static Proc container(Live live) {
        var process = live.apart("mnt", "pid", "net", "ipc", "uts");
        assertEquals(live.value("hostname"), live.hostname(process), "The hostname in your namespaces");
        if (root(process).equals(root(live.init()))) throw new AssertionError("Your process has the root directory in which it was started.");
        try (var twin = live.twin(process)) {
            assertEquals(Errno.name(live.number("errno", 44, 58)), twin.errno("reboot", 0, 0, 0, 0), "The filter over your process is not the one that was there. To reboot(2) it answers");
        }
        return process;
    }

    private static String root(Proc process) {
        try {
            return Files.getAttribute(process.root(), "unix:dev") + ":" + Files.getAttribute(process.root(), "unix:ino");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String sets(Proc process) {
        return SETS.stream().map(set -> set + " " + String.format("%016x", process.capabilities(set))).collect(Collectors.joining(", "));
    }

    @Test
    @Verifies("docker.fewer-capabilities")
    void capabilities(Live live) {
        var expected = SETS.stream().map(set -> set + " " + String.format("%016x", DOCKERS)).collect(Collectors.joining(", "));
        assertEquals(expected, sets(container(live)), "Root of your container has other capabilities");
    }

    @Test
    @Verifies("docker.masked-paths")
    void masked(Live live) {
        try (var twin = live.twin(container(live))) {
            assertEquals("success", twin.errno("openat", -100, "/proc/self/status", O_RDONLY, 0), "Your container has no /proc any more. Opening /proc/self/status");
            for (var file : HIDDEN) {
                if (!Files.exists(Path.of("/proc/" + file))) continue;
                long fd = twin.call("openat", -100, "/proc/" + file, O_RDONLY, 0);
                long bytes = fd < 0 ? fd : twin.call("read", fd, twin.room(64), 64);
                if (bytes > 0) throw new AssertionError("A copy of your process reads from /proc/" + file + ".");
                if (container(live).mountAt("/proc/" + file).isEmpty()) throw new AssertionError("Nothing lies over /proc/" + file + " in the mount list of your process.");
            }
            if (twin.errno("openat", -100, "/proc/sys/net/ipv4/ip_forward", O_WRONLY, 0).equals("success"))
                throw new AssertionError("A copy of your process opens /proc/sys/net/ipv4/ip_forward to write.");
        }
        // Whether a file there can be written depends on its owner and on capabilities as well. That none can, whoever asks, stands in the mount list.
        var sys = container(live).mountAt("/proc/sys").orElseThrow(() -> new AssertionError("Nothing protects /proc/sys: it is no mount of its own in the mount list of your process."));
        assertEquals("proc ro", sys.type() + (List.of(sys.options().split(",")).contains("ro") ? " ro" : " rw"), "What is mounted at /proc/sys");
    }

    @Test
    @Verifies("docker.sentence-is-too-short")
    void together(Live live) {
        capabilities(live);
        masked(live);
        var process = container(live);
        if (process.identity("cgroup").equals(live.init().identity("cgroup"))) throw new AssertionError("Your process stands in " + process.link("cgroup") + ", where it was started.");
        try (var twin = live.twin(process)) {
            assertEquals("EPERM", twin.errno("mount", "none", "/proc", "tmpfs", 0, 0), "What would undo it all is mount(2), which");
        }
    }

    @Override
    public List<String> hints() {
        return List.of("The order is the knowledge: what needs a capability comes before you give it away, and what needs a path of the host before chroot(2).",
                "A mount of /dev/null over a file hides it: call(\"mount\", \"/dev/null\", root + \"/proc/keys\", null, MS_BIND, null).",
                "Read-only takes two steps: /proc/sys as a bind mount onto itself, and then MS_REMOUNT | MS_BIND | MS_RDONLY on it.",
                "Capability.bound(mask) are the steps for the bounding set, Capability.capset(mask, mask, 0) is the one for the others; Capability.mask(DOCKERS) is the mask.",
                "Without CAP_SYS_ADMIN a filter wants PR_SET_NO_NEW_PRIVS first. And clone(2) knows CLONE_NEWCGROUP; so does unshare(2).");
    }

    @Override
    public String hint(Live live) {
        try {
            var process = live.apart("mnt", "pid", "net", "ipc", "uts");
            return "Process " + process.pid() + " has " + sets(process) + ", stands in " + process.link("cgroup") + " (outside: " + live.init().link("cgroup") + "), and below /proc has the mounts "
                    + process.mounts().stream().map(outside.Mount::point).filter(point -> point.startsWith("/proc")).toList() + ".";
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            Namespaces hide what they cover. /proc/kcore (the machine's memory), /proc/keys and /proc/sys are covered by none: so an
            engine lays mounts over them. Root of a container is root of the machine unless there is a user namespace: so it gets fourteen
            capabilities of forty-one, and the bounding set keeps execve(2) from giving back the rest. And instead of chroot(2), which leaves
            the old root above, engines call pivot_root(2): with CAP_SYS_CHROOT, which docker leaves, a chroot can be left.""";
    }
}
