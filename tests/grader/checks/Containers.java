package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Live;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import outside.Mount;
import outside.Proc;

/** What several checks ask of a container. */
final class Containers {
    private Containers() {}

    /** Number 1 of a PID namespace that stands apart in all of these types; the test fails if there is none. */
    static Proc one(Live live, String... types) {
        live.apart(types);
        return live.processes().stream().filter(each -> number(each) == 1 && Stream.of(types).allMatch(type -> !each.identity(type).equals(live.init().identity(type)))).findFirst()
                .orElseThrow(() -> new AssertionError("None of your processes that stand apart is process 1 of its PID namespace."));
    }

    /** What a process is called in its own PID namespace. */
    static long number(Proc process) {
        var all = process.nsPids();
        return all.get(all.size() - 1);
    }

    /** Fails if a process can still come to what lies outside: above its root, or by a mount in its list but device files. */
    static void hasLeft(Live live, Proc process) {
        var root = process.mountAt("/").orElseThrow(() -> new AssertionError("The container's root is no mount point, so it stands in a chroot."));
        var devices = live.init().mounts().stream().map(Mount::device).toList();
        assertTrue(!devices.contains(root.device()), "The container's root is a file system of the outside.");
        var left = process.mounts().stream().filter(mount -> devices.contains(mount.device()) && !(mount.point().startsWith("/dev/") && !mount.root().equals("/")))
                .map(Mount::point).sorted().toList();
        assertTrue(left.isEmpty(), () -> left.size() + " mounts of the outside are left in the container's mount list: " + String.join(" ", left.subList(0, Math.min(3, left.size()))) + (left.size() > 3 ? " ..." : ""));
        assertTrue(!devices.contains(device(process.folder().resolve("cwd"))), "The container's working directory still lies outside, although its root is a new one: a way out.");
        assertTrue(directory(process.root()).equals(directory(process.root().resolve("../../../../../../.."))), "Above the container's root there is another directory: the outside can be reached.");
    }

    /** Fails if a process's proc shows others than those of its own PID namespace. */
    static void seesItselfOnly(Live live, Proc process) {
        var proc = process.mountAt("/proc").orElseThrow(() -> new AssertionError("Nothing is mounted on the container's /proc."));
        assertEquals("proc /", proc.type() + " " + proc.root(), "What is mounted on the container's /proc");
        int depth = live.init().nsPids().size();
        var known = live.processes().stream().filter(each -> each.nsPids().size() > depth).map(each -> "" + number(each)).toList();
        var shown = live.files(process).list("/proc").stream().filter(name -> name.matches("\\d+")).toList();
        assertTrue(shown.contains("1"), "The container's /proc does not show its process 1.");
        assertTrue(known.containsAll(shown), "The container's /proc shows processes that are not in its PID namespace.");
    }

    /** A file's file system as mountinfo writes it: major:minor. */
    private static String device(Path path) {
        long device = Long.parseLong(directory(path).replaceFirst(":.*", ""));
        return (device >> 8 & 0xfff | device >> 32 & ~0xfff) + ":" + (device & 0xff | device >> 12 & ~0xff);
    }

    /** Device and inode. */
    static String directory(Path path) {
        try {
            return Files.getAttribute(path, "unix:dev") + ":" + Files.getAttribute(path, "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
