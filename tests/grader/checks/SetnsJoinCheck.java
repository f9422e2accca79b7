package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class SetnsJoinCheck extends Check {
    private static final Set<String> OWN = Set.of("uts", "ipc", "net", "cgroup"), JOINED = Set.of("uts", "ipc", "net");

    @Test
    @Verifies("setns.pidfd-several")
    void several(Live live) {
        var visits = visits(live);
        assertTrue(visits.contains(JOINED), "No thread of your program stands in just the UTS, IPC and network namespaces of the process; what threads share with it is " + visits + ".");
    }

    @Test
    @Verifies("setns.and-back")
    void back(Live live) {
        assertEquals(live.value("hostname"), live.hostname(process(live)), "The process's hostname is not the one asked for.");
        var others = new ArrayList<>(visits(live));
        others.remove(JOINED);
        assertEquals(List.of(), others, "A thread of your program has not come back: this is what it shares with the process.");
    }

    /** The process that there is to join. */
    private static Proc process(Live live) {
        return live.processes().stream().skip(1).filter(process -> process.apartFrom(live.program()).equals(OWN)).findFirst()
                .orElseThrow(() -> new AssertionError("The process that is to be joined is not there, with four namespaces of its own."));
    }

    /** For each thread of the program that stands in namespaces of the process: in which. */
    private static List<Set<String>> visits(Live live) {
        var process = process(live);
        var visits = new ArrayList<Set<String>>();
        for (var thread : live.program().threads()) {
            var shared = new TreeSet<String>();
            for (var type : OWN) if (thread.identity(type).equals(process.identity(type))) shared.add(type);
            if (!shared.isEmpty()) visits.add(shared);
        }
        return visits;
    }

    @Override
    public List<String> hints() {
        return List.of("The second argument of setns(2) says which: with a pidfd it may name several types at once.",
                "setns(pidfd, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET), on the thread that is to move.",
                "There is no call that undoes setns(2). Whoever wants to come back opens its own namespace's file before it leaves.",
                "open(\"/proc/thread-self/ns/uts\", O_RDONLY | O_CLOEXEC, 0) first; then setns(pidfd, CLONE_NEWUTS), sethostname(2), and setns(2) with the file.");
    }

    @Override
    public String hint(Live live) {
        return "What threads of your program share with the process is " + visits(live) + "; its hostname is " + live.hostname(process(live)) + ".";
    }

    @Override
    public String explanation() {
        return """
            setns(2) moves one thread. With a pidfd it joins all the namespaces named or, if one of them is refused, none. The file that leads
            back is that of /proc/thread-self: /proc/self/ns has the main thread's links, and that one stands elsewhere here. To go back
            takes the same privilege as to go: into the UTS namespace where the program was started it has no way back.""";
    }
}
