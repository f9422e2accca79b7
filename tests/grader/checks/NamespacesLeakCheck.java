package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class NamespacesLeakCheck extends Check {
    private static final List<String> TYPES = List.of("uts", "ipc", "net", "cgroup", "mnt"); // in the order of kit.LeakyBoxes
    private static final int BOXES = 4;

    @Test
    @Verifies("namespaces.unshare-moves-one")
    void closed(Live live) {
        residents(live);
        for (var thread : threads(live)) {
            var shared = shared(thread, live.init());
            assertTrue(shared.isEmpty() || shared.size() == TYPES.size(), () -> "The thread " + name(thread) + " still shares " + String.join(" and ", shared)
                    + " with the main thread: " + live.init().link(shared.get(0)) + ".");
        }
    }

    @Test
    @Verifies("namespaces.same-inode")
    void onlyOne(Live live) {
        var boxes = new ArrayList<Proc>();
        for (var resident : residents(live)) {
            var box = threads(live).stream().filter(thread -> shared(thread, live.init()).isEmpty() && !shared(thread, resident).isEmpty())
                    .max(Comparator.comparingInt(thread -> shared(thread, resident).size())).orElse(null);
            var leak = shared(resident, live.init()).get(0);
            assertTrue(box != null, "In the box that leaks " + leak + ", the thread should be apart from the main thread in all five types and share the other four with the process there, but no thread does so.");
            var kept = TYPES.stream().filter(type -> !type.equals(leak)).toList();
            assertEquals(kept.toString(), shared(box, resident).toString(), "The thread " + name(box) + " and the process in its box must still share these");
            for (var other : boxes) {
                var common = shared(box, other);
                assertTrue(common.isEmpty(), () -> "The threads " + name(other) + " and " + name(box) + " share " + String.join(" and ", common) + ": each box is to have its own.");
            }
            boxes.add(box);
        }
    }

    /** The processes in the boxes, whose links tell what the boxes were like. */
    private static List<Proc> residents(Live live) {
        long program = live.processes().get(0).pid();
        var residents = live.processes().stream().filter(process -> process.parent() == program && shared(process, live.init()).size() == 1).toList();
        var leaks = residents.stream().map(resident -> shared(resident, live.init()).get(0)).sorted().toList();
        var made = IntStream.rangeClosed(1, BOXES).mapToObj(i -> TYPES.get(live.number("leak of box " + i, 0, TYPES.size()))).sorted().toList();
        assertEquals(made, leaks, "The processes in the boxes are not there as LeakyBoxes.make() has made them; leave it as it is, and the boxes open");
        return residents;
    }

    private static String name(Proc thread) {
        return thread.text("comm").strip();
    }

    private static List<Proc> threads(Live live) {
        return live.processes().get(0).threads();
    }

    /** The types in which two stand in the same namespace; of one that has ended meanwhile, as of the main thread: all. */
    private static List<String> shared(Proc one, Proc other) {
        try {
            return TYPES.stream().filter(type -> one.identity(type).equals(other.identity(type))).toList();
        } catch (UncheckedIOException ended) {
            return TYPES;
        }
    }

    @Override
    public List<String> hints() {
        return List.of("Two links lead to the same namespace if device and inode are equal. For whom do you have to ask, and with whom do you compare?",
                "identity(\"/proc/\" + tid + \"/ns/\" + type.proc) is that of the box. /proc/self/ns is that of the main thread.",
                "A thread may call unshare(2) again: box.unshare(leak.flag). Each flag that it names becomes a new namespace, also one that was its own already.",
                "if (identity(\"/proc/\" + tid + \"/ns/\" + type.proc).equals(identity(\"/proc/self/ns/\" + type.proc))) return type;");
    }

    @Override
    public String hint(Live live) {
        return threads(live).stream().map(thread -> {
            var shared = shared(thread, live.init());
            return shared.isEmpty() || shared.size() == TYPES.size() ? null : "Thread " + thread.pid() + " stands apart in "
                    + String.join(", ", TYPES.stream().filter(type -> !shared.contains(type)).toList()) + ".";
        }).filter(Objects::nonNull).findFirst().orElse(null);
    }

    @Override
    public String explanation() {
        return """
            A namespace has no name. That two links lead to the same one is told by stat(2): device and inode are equal, and
            both must be, for inodes are unique only on one device. A box that shares one namespace looks well isolated from
            inside, and is not. unshare(2) takes what the flags name and leaves the rest: so the leak could be closed without
            a loss, while all five flags would have put the thread away from the process that lives in its box.""";
    }
}
