package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class MqueueSameCheck extends Check {
    private static final Pattern SIZE = Pattern.compile("QSIZE:(\\d+)\\s.*", Pattern.DOTALL);

    @Test
    @Verifies("mqueue.same-name")
    void twoQueues(Live live) {
        live.apart("ipc");
        var queues = queues(live);
        for (var side : List.of("left", "right")) {
            assertTrue(queues.stream().anyMatch(queue -> queue.bytes == wanted(live, side)), () -> "No queue on /mnt with the name " + live.value("queue") + " holds the " + wanted(live, side)
                    + " bytes of the " + side + " message alone; " + (queues.isEmpty() ? "none is seen." : "seen: " + queues.stream().map(queue -> queue.bytes + " bytes").toList() + "."));
        }
        assertFalse(live.files(live.init()).exists("/dev/mqueue/" + live.value("queue")), "The queue is also there where your program was started.");
    }

    @Test
    @Verifies("mqueue.mount")
    void mounted(Live live) {
        live.apart("ipc");
        var mounts = mounts(live);
        assertEquals(2, mounts.stream().map(Mount::device).distinct().count(), "The number of different mqueue file systems on /mnt of your threads is wrong");
        assertEquals(2, queues(live).stream().map(Queue::device).distinct().count(), "The number of those that hold a queue " + live.value("queue") + " is wrong");
    }

    private static int wanted(Live live, String side) {
        return side.equals("left") ? live.number("left", 1, 30) : live.number("right", 31, 60);
    }

    /** One task of each of the answer's mount namespaces that has a mqueue file system of its own on /mnt. */
    private static List<Proc> mounters(Live live) {
        var known = live.init().mounts().stream().map(Mount::device).toList();
        var seen = new HashSet<String>();
        return live.allApart("mnt", "ipc").stream().filter(task -> seen.add(task.identity("mnt"))).limit(8)
                .filter(task -> task.mountAt("/mnt").filter(mount -> mount.type().equals("mqueue") && mount.root().equals("/") && !known.contains(mount.device())).isPresent()).toList();
    }

    private static List<Mount> mounts(Live live) {
        return mounters(live).stream().map(task -> task.mountAt("/mnt").orElseThrow()).toList();
    }

    private record Queue(String device, int bytes) {}

    /** The queues with the name: files of the mqueue file systems themselves, and not of another that covers them. */
    private static List<Queue> queues(Live live) {
        var path = "/mnt/" + live.value("queue");
        var queues = new ArrayList<Queue>();
        for (var task : mounters(live)) {
            var files = live.files(task);
            if (!files.exists(path) || !files.stat(path, "dev").equals(files.stat("/mnt", "dev"))) continue;
            var size = SIZE.matcher(files.text(path));
            if (size.matches()) queues.add(new Queue("" + files.stat(path, "dev"), Integer.parseInt(size.group(1))));
        }
        return queues;
    }

    @Override
    public List<String> hints() {
        return List.of("In which namespace does the kernel look up the name of a queue, and in which a path?",
                "An IPC namespace for each thread makes two queues of one name. A mount namespace for each keeps their mounts apart.",
                "A mqueue file system shows the IPC namespace of who mounts it: so first unshare(2), then mount(2).",
                "left.unshare(CLONE_NEWIPC | CLONE_NEWNS), the same for right, and after the messages left.run(() -> mount(\"mqueue\", \"/mnt\", \"mqueue\", 0, null)).");
    }

    @Override
    public String hint(Live live) {
        var queues = queues(live);
        return queues.isEmpty() ? live.allApart("ipc").isEmpty() ? "All threads of your program stand in " + live.init().link("ipc") + "." : "No thread of yours has a mqueue file system of its own on /mnt that holds the queue."
                : queues.size() == 1 ? "One queue of the name is seen, and " + queues.get(0).bytes + " bytes wait in it." : null;
    }

    @Override
    public String explanation() {
        return """
            POSIX message queues belong to the IPC namespace, like System V objects, although their names look like paths. As
            files they are seen only where somebody mounts mqueue, and then it is the IPC namespace of the mounter that is
            shown. The line QSIZE:N comes from the kernel: the bytes of all messages that wait.""";
    }
}
