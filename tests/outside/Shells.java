package outside;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import outside.Trace.Call;

/**
 * The shells that a lab made and named in its ready line, in an strace of the whole run: what each was told to do, what it and
 * its programs did, and what the lab heard of it. A shell in a PID namespace names its children by other numbers, so they are
 * found by when they began.
 */
public final class Shells {
    private final Trace trace;
    private final String ready;

    private Shells(Trace trace) {
        this.trace = trace;
        ready = trace.ran().stdout().lines().filter(line -> line.startsWith("ready ")).findFirst().orElseThrow(() -> new AssertionError(trace.ran()));
    }

    /** Runs a lab with --hold, and an end of input that lets it go on. No --seccomp-bpf: that hides the calls that a filter of the lab answers. */
    public static Shells of(Lab lab, String calls) {
        if (Trace.obstacle() != null) throw new org.opentest4j.TestAbortedException(Trace.obstacle());
        var file = lab.user().newFolder().resolve("strace");
        var ran = lab.options("--hold").under("strace", "-f", "-qq", "-s", "64", "-e", "signal=none", "-o", file.toString(), "-e", "trace=" + calls).run();
        return new Shells(new Trace(ran, Trace.parse(Ran.read(file).lines().toList())));
    }

    public Trace trace() {
        return trace;
    }

    /** The calls of this name that a shell made, or a program that it started, whose arguments hold every one of the words. */
    public List<Call> calls(String shell, String name, String... words) {
        var family = new HashSet<Long>();
        for (var command : commands(shell)) for (var call : command)
            if (call.name().equals("execve") || call.name().equals("openat")) family.add(call.pid());
        for (var other : ready.substring("ready ".length()).split(" ")) family.remove(Long.parseLong(other.replaceFirst(".*=", ""))); // it just begins
        var pid = pid(shell);
        family.add(pid);
        var first = trace.calls().indexOf(trace.by(pid).get(0));
        return trace.calls().subList(first, trace.calls().size()).stream().filter(call -> call.name().equals(name) && family.contains(call.pid())
                && List.of(words).stream().allMatch(call.arguments()::contains)).toList();
    }

    /** What was read while the shell worked and until the lab had its answer, if it holds these words. */
    public List<Call> heard(String shell, String words) {
        return commands(shell).stream().flatMap(List::stream).filter(call -> call.name().equals("read") && call.arguments().contains(words)).toList();
    }

    private long pid(String shell) {
        return Long.parseLong(ready.replaceFirst(".* " + shell + "=(\\d+)( .*|$)", "$1"));
    }

    /** From where a shell was given a command to where the lab heard that it was done: nothing else happened meanwhile. */
    private List<List<Call>> commands(String shell) {
        var pid = pid(shell);
        var commands = new ArrayList<List<Call>>();
        var all = trace.calls();
        for (int start = 0; start < all.size(); start++) {
            var read = all.get(start);
            if (read.pid() != pid || !read.name().equals("read") || !read.arguments().matches("0, ?\"\\{ .*")) continue;
            int end = start + 1; // the answer ends with a mark
            while (end < all.size() && !(all.get(end).pid() != pid && all.get(end).name().equals("read") && all.get(end).arguments().contains("\\001"))) end++;
            commands.add(all.subList(start, Math.min(end + 1, all.size())));
        }
        return commands;
    }
}
