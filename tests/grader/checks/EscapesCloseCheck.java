package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.Twin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class EscapesCloseCheck extends Check {
    /** The box allows no more open files: RLIMIT_NOFILE. */
    private static final int DESCRIPTORS = 1024;

    /** The processes that stand in a mount namespace of their own and in a UTS namespace with this hostname. */
    private static List<Proc> in(Live live, String name) {
        var all = new ArrayList<Proc>();
        for (var process : live.processes()) {
            if (process.alive() && apart(process, live.init(), "mnt") && apart(process, live.init(), "uts") && live.hostname(process).equals(name)) all.add(process);
        }
        if (all.isEmpty()) throw new AssertionError("There is no container with the hostname " + name + ": no process of yours has this name and a mount namespace of its own.");
        return all;
    }

    private static boolean apart(Proc process, Proc other, String type) {
        try {
            return !process.identity(type).equals(other.identity(type));
        } catch (UncheckedIOException ended) {
            return false;
        }
    }

    /** Device and inode of the directory that is a process's root. */
    private static String root(Proc process) {
        try {
            return Files.getAttribute(process.root(), "unix:dev") + ":" + Files.getAttribute(process.root(), "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A process that is in the container and nowhere else: the root of its mount namespace is its own, and not the host's. */
    private static Proc inmate(Live live, String name) {
        return in(live, name).stream().filter(process -> !process.mounts().isEmpty() && !root(process).equals(root(live.init()))).findFirst()
                .orElseThrow(() -> new AssertionError("The container " + name + " has no root of its own."));
    }

    @Test
    @Verifies("chroot.open-directory")
    void escaped(Live live) {
        var inmate = inmate(live, live.value("first"));
        // What has its root outside of its mount namespace sees none of that namespace's mounts.
        var free = in(live, live.value("first")).stream().filter(process -> !apart(process, inmate, "mnt") && process.mounts().isEmpty() && root(process).equals(root(live.init()))).findFirst();
        if (free.isEmpty()) throw new AssertionError("No process of the container " + live.value("first") + " is out: each has a root directory in the container's own mount namespace.");
    }

    @Test
    @Verifies("escapes.directory-fd")
    void closed(Live live) {
        var second = live.value("second");
        var inmate = inmate(live, second);
        for (var process : in(live, second)) {
            assertEquals(root(inmate), root(process), "A process of the container " + second + " has another root");
            try (var twin = live.twin(process)) { // it tries to get out by each of them, as anybody in there can
                long buffer = twin.room(4096);
                if (where(twin, buffer).startsWith("(unreachable)")) throw new AssertionError("A process of the container " + second + " works in a directory outside.");
                for (int fd = 0; fd < DESCRIPTORS; fd++)
                    if (twin.call("fchdir", fd) == 0 && where(twin, buffer).startsWith("(unreachable)"))
                        throw new AssertionError("Descriptor " + fd + " in the container " + second + " leads out: fchdir(" + fd + "), and the working directory is outside of the root.");
            }
        }
    }

    /** The working directory as getcwd(2) tells it: a path that begins with "(unreachable)" if it is not below the root. */
    private static String where(Twin twin, long buffer) {
        long length = twin.call("getcwd", buffer, 4096);
        return length <= 0 ? "(unreachable)" : twin.text(buffer, (int) length); // a directory that was removed has no path, and still leads on
    }

    @Override
    public List<String> hints() {
        return List.of("pivot_root(2) and the detach leave no path to the old root. But a descriptor is no path: look at /proc/$$/fd in the container.",
                "A shell changes to what a descriptor leads to with cd /proc/$$/fd/N. Where is it then? Try ls, and pwd.",
                "chroot . sleep 1000 makes the working directory the root of a process, and starts a program that is found there.",
                "For the second container: open(\"/\", O_RDONLY | O_CLOEXEC, 0). What has this flag is closed by execve(2), when the shell begins.");
    }

    @Override
    public String hint(Live live) {
        try {
            var open = new ArrayList<String>();
            for (var name : List.of(live.value("first"), live.value("second"))) open.add(name + " has open " + inmate(live, name).openFiles());
            return String.join("; ", open);
        } catch (AssertionError | UncheckedIOException e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            A mount namespace decides what paths lead to. A descriptor was opened before, and leads to its directory for ever; from
            there .. goes on, and chroot(2) makes it a root. The process that got out still stands in the container's mount namespace, and its
            /proc/PID/mountinfo is empty: none of those mounts lies below its root. runc had this hole in 2024 (CVE-2024-21626): a
            descriptor of the host's cgroup directory was inherited. O_CLOEXEC at every open(2), or close_range(2) before execve(2).""";
    }
}
