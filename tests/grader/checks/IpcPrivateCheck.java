package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class IpcPrivateCheck extends Check {
    @Test
    @Verifies("ipc.same-key")
    void sameKey(Live live) {
        live.apart("ipc");
        var values = values(live);
        for (var side : List.of("left", "right")) {
            assertTrue(values.containsValue(wanted(live, side)), () -> "No IPC namespace of yours has a semaphore with the key and the " + side + " value " + wanted(live, side)
                    + "; seen: " + (values.isEmpty() ? "none" : values.values()) + ".");
        }
        assertFalse(semaphore(live, live.init()).isPresent(), "A semaphore with the key is also there where your program was started.");
    }

    @Test
    @Verifies("ipc.shared-memory")
    void segment(Live live) {
        live.apart("ipc");
        var values = values(live);
        var left = values.keySet().stream().filter(task -> values.get(task).equals(wanted(live, "left"))).findFirst()
                .orElseThrow(() -> new AssertionError("There is no IPC namespace with the left value, so none where to look for the segment."));
        assertEquals("" + live.number("size", 1, 4000), segment(live, left).orElse("no segment with this key"), "The size of the segment on the left is wrong");
        for (var task : values.keySet()) {
            if (task != left) assertFalse(segment(live, task).isPresent(), "The segment is also there where the semaphore has the value " + values.get(task) + ".");
        }
        assertFalse(segment(live, live.init()).isPresent(), "The segment is also there where your program was started.");
    }

    private static String wanted(Live live, String side) {
        return "" + (side.equals("left") ? live.number("left", 1, 1000) : live.number("right", 1000, 2000));
    }

    /** One task of each of the answer's IPC namespaces in which the key names a semaphore, and its value. */
    private static Map<Proc, String> values(Live live) {
        var seen = new HashSet<String>();
        var values = new LinkedHashMap<Proc, String>();
        live.allApart("ipc").stream().filter(task -> seen.add(task.identity("ipc"))).limit(8)
                .forEach(task -> semaphore(live, task).ifPresent(value -> values.put(task, value)));
        return values;
    }

    /** The value of the semaphore with the key, as ipcs(1) tells it below the line that begins with "semnum". */
    private static Optional<String> semaphore(Live live, Proc task) {
        return row(live, task, "sem", live.number("key", 0x10000000, 0x7fffffff)).map(row -> {
            var lines = live.enter(task, "ipc").text("env", "LC_ALL=C", "ipcs", "-s", "-i", row[1]).lines().dropWhile(line -> !line.startsWith("semnum")).toList();
            return lines.size() < 2 ? "?" : lines.get(1).strip().split("\\s+")[1];
        });
    }

    /** The size of the segment, the fourth column of /proc/sysvipc/shm. */
    private static Optional<String> segment(Live live, Proc task) {
        return row(live, task, "shm", live.number("segment", 0x10000000, 0x7fffffff)).map(row -> row[3]);
    }

    /** A line of /proc/sysvipc, which shows the IPC namespace of whoever reads it: key, id, and more. */
    private static Optional<String[]> row(Live live, Proc task, String kind, int key) {
        return live.enter(task, "ipc").text("cat", "/proc/sysvipc/" + kind).lines().map(line -> line.strip().split("\\s+"))
                .filter(cells -> cells[0].equals("" + key)).findFirst();
    }

    @Override
    public List<String> hints() {
        return List.of("Who decides where the kernel looks for a key?",
                "left.unshare(CLONE_NEWIPC) gives that thread an IPC namespace without any object. The right one needs its own too.",
                "left.run(() -> shmget(segment, size, IPC_CREAT | 0644)), after TODO 1.");
    }

    @Override
    public String hint(Live live) {
        var values = values(live);
        return values.isEmpty() ? semaphore(live, live.init()).map(value -> "One semaphore has the key, with the value " + value + ", in " + live.init().link("ipc")
                + ", where both threads stand.").orElse(null) : values.size() == 1 ? "Only one of the two programs has an IPC namespace of its own." : null;
    }

    @Override
    public String explanation() {
        return """
            A System V key is only a number, and each IPC namespace has a table of its own in which the kernel looks it up. So
            the same key names two objects. The table starts empty: what was made outside before is not found inside either,
            and ftok(3) of the same file does not help.""";
    }
}
