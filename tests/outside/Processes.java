package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds and ends the processes of this run of the tests, and no others. Source: proc(5), /proc/PID/environ. */
public final class Processes {
    private Processes() {}

    /** Every process whose environment carries a marker that starts so, and every descendant of one. */
    public static List<Proc> marked(String marker) {
        var wanted = Scratch.MARKER + "=" + marker;
        var everything = all();
        Set<Long> ours = new HashSet<>();
        for (var proc : everything) if (environment(proc).anyMatch(entry -> entry.startsWith(wanted))) ours.add(proc.pid());
        // A child that started with an empty environment is still a child. Repeat until no generation adds one.
        for (var grew = true; grew; ) {
            grew = false;
            for (var proc : everything) if (ours.contains(proc.parent()) && ours.add(proc.pid())) grew = true;
        }
        return everything.stream().filter(proc -> ours.contains(proc.pid())).toList();
    }

    /** Ends all that carry the marker, at once, again and again until none is left (they may be forking). */
    static void kill(String marker) {
        for (int round = 0; round < 50; round++) {
            var left = marked(marker).stream().filter(proc -> proc.state() != 'Z').toList();
            if (left.isEmpty()) return;
            for (var proc : left) ProcessHandle.of(proc.pid()).ifPresent(ProcessHandle::destroyForcibly);
            sleep(20);
        }
    }

    /** All processes that this mount of /proc shows. */
    public static List<Proc> all() {
        try (var entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString()).filter(name -> name.matches("\\d+"))
                    .map(name -> Proc.of(Long.parseLong(name))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All threads that stand in a namespace, by its link text. */
    public static List<Proc> members(String link) {
        var type = link.substring(0, link.indexOf(':'));
        return all().stream().flatMap(proc -> proc.alive() ? threads(proc) : Stream.of()).filter(thread -> link.equals(thread.links().get(type))).toList();
    }

    /** Among the descendants of a command the first one that is process 1 of a PID namespace of its own. */
    public static Optional<Proc> first(Process command) {
        return command.descendants().map(ProcessHandle::pid).map(Proc::of).filter(proc -> {
            try {
                return proc.nsPids().size() > 1 && proc.nsPids().get(proc.nsPids().size() - 1) == 1;
            } catch (RuntimeException gone) {
                return false;
            }
        }).findFirst();
    }

    /** A process and its descendants. */
    public static List<Proc> below(long pid) {
        return ProcessHandle.of(pid).map(handle -> Stream.concat(Stream.of(handle), handle.descendants()).map(each -> Proc.of(each.pid())).toList()).orElse(List.of());
    }

    private static Stream<Proc> threads(Proc proc) {
        try {
            return proc.threads().stream();
        } catch (UncheckedIOException gone) {
            return Stream.of();
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted");
        }
    }

    private static Stream<String> environment(Proc proc) {
        try {
            // ISO_8859_1: an environment is bytes; the marker is ASCII.
            var bytes = Files.readAllBytes(Path.of("/proc/" + proc.pid() + "/environ"));
            return Stream.of(new String(bytes, StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException gone) {
            return Stream.empty(); // it has ended, or it is somebody else's
        }
    }
}
