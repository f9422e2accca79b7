package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class ThreadsApartCheck extends Check {
    private static final String[] FOUR = {"uts", "ipc", "net", "mnt"};

    @Test
    @Verifies("threads.container-beside-main")
    void beside(Live live) {
        var thread = thread(live);
        assertEquals(live.value("hostname"), live.hostname(thread), "The hostname of your thread is wrong");
        for (var type : FOUR) assertEquals(live.init().link(type), main(thread).link(type), "The main thread of that program has moved too");
        live.unchanged();
    }

    @Test
    @Verifies("threads.new-threads-inherit")
    void inherits(Live live) {
        var first = thread(live);
        long members = main(first).threads().stream().filter(each -> Stream.of(FOUR).allMatch(type -> each.identity(type).equals(first.identity(type)))).count();
        assertTrue(members >= 2, () -> "Of this program's threads only one stands in " + first.link("uts") + ", " + first.link("net") + " and the others.");
    }

    @Test
    @Verifies("threads.its-child-is-number-one")
    void number(Live live) {
        var one = numberOne(live);
        assertTrue(one.pid() == sleep(live, "first sleep").pid(), () -> "Number 1 is not sleep " + seconds(live, "first sleep") + ".");
        assertEquals(one.link("pid"), sleep(live, "second sleep").link("pid"), () -> "sleep " + seconds(live, "second sleep") + " runs in another PID namespace than number 1");
    }

    @Test
    @Verifies("threads.others-unaffected")
    void others(Live live) {
        var one = numberOne(live);
        var mains = sleep(live, "main's sleep");
        for (var type : List.of("pid", "uts", "ipc", "net", "mnt")) assertEquals(live.init().link(type), mains.link(type), "main's sleep does not stand where main stands");
        assertTrue(mains.startTime() >= one.startTime(), "main has started its process before there was a number 1: it shall go on afterwards.");
    }

    /** A thread that is apart in all four, of a process whose first thread is not. */
    private static Proc thread(Live live) {
        live.apart(FOUR);
        var threads = live.allApart(FOUR).stream().filter(task -> !main(task).apartFrom(live.init()).contains("uts")).toList();
        return threads.stream().filter(task -> !forChildren(task).equals(task.link("pid"))).findFirst().or(() -> threads.stream().findFirst()).orElseThrow(() ->
                new AssertionError("What stands apart in " + String.join(", ", FOUR) + " is a process of its own: it shall be a thread of a program whose main thread is not."));
    }

    /** The process of a thread. */
    private static Proc main(Proc task) {
        return Proc.of(Long.parseLong(task.status().get("Tgid")));
    }

    private static Proc numberOne(Live live) {
        var inside = live.allApart("pid");
        assertFalse(inside.isEmpty(), () -> "No process of yours is in a new PID namespace: all are in " + live.init().link("pid") + ".");
        var thread = thread(live);
        var one = inside.stream().filter(each -> each.nsPids().get(each.nsPids().size() - 1) == 1).findFirst().orElseThrow(() -> new AssertionError("Number 1 of your PID namespace is gone."));
        assertTrue(Stream.of(FOUR).allMatch(type -> one.identity(type).equals(thread.identity(type))), "Number 1 of your PID namespace does not stand where your thread stands.");
        assertEquals(one.link("pid"), main(thread).threads().stream().map(ThreadsApartCheck::forChildren).filter(one.link("pid")::equals).findFirst().orElse("none"),
                "No thread of your program has this PID namespace for its children");
        return one;
    }

    private static String forChildren(Proc thread) {
        return thread.links().getOrDefault("pid_for_children", "none");
    }

    private static Proc sleep(Live live, String purpose) {
        return live.processes().stream().filter(each -> String.join(" ", each.commandLine()).matches("(?:/.*/)?sleep " + seconds(live, purpose))).findFirst()
                .orElseThrow(() -> new AssertionError("There is no process 'sleep " + seconds(live, purpose) + "'."));
    }

    private static String seconds(Live live, String purpose) {
        return "" + switch (purpose) {
            case "first sleep" -> live.number(purpose, 100_000, 400_000);
            case "second sleep" -> live.number(purpose, 400_000, 700_000);
            default -> live.number(purpose, 700_000, 1_000_000);
        };
    }

    @Override
    public List<String> hints() {
        return List.of("unshare(CLONE_NEWPID) moves nobody. It says where the thread's children are born: the first one is number 1, and when that one has ended no other can be.",
                "inside.sh(\"uname -n\") starts a process and waits for its end. If that is the first one, it was number 1: the next clone(2) fails with ENOMEM.",
                "OutOfMemoryError, but there is memory: it is clone(2) with CLONE_THREAD, and EINVAL. A thread whose children belong to another PID namespace can start no thread.",
                "So: unshare the four; start the second thread; unshare(CLONE_NEWPID); the two that sleep; main's; and only then what starts a process and waits for its end.");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("uts");
        if (apart.isEmpty()) return "All threads of your program stand in " + live.init().link("uts") + ".";
        for (var task : apart) {
            if (forChildren(task).equals("none")) return "Thread " + task.pid() + " has made a PID namespace, and no process has been born there.";
            if (!forChildren(task).equals(task.link("pid")) && live.allApart("pid").isEmpty()) return "Thread " + task.pid() + " has " + forChildren(task)
                    + " for its children, but nobody is in there: number 1 has ended.";
        }
        return null;
    }

    @Override
    public String explanation() {
        return """
            Namespaces belong to threads, so one program can be inside and outside at once. For PID namespaces it is different:
            a thread never changes its own, only that of its children. Since all threads of a process must have one PID
            namespace, the kernel refuses such a thread every further thread: EINVAL, which Java reports as OutOfMemoryError.
            ProcessBuilder is caught in the same trap, for it starts a thread that waits. And a PID namespace lives with its
            number 1: after its end every fork(2) there gives ENOMEM, with gigabytes free.""";
    }
}
