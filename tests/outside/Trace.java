package outside;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The system calls that a lab really made, as strace(1) saw them.
 *
 * @param ran how the lab ended
 * @param calls in the order in which they ended
 */
public record Trace(Ran ran, List<Call> calls) {
    /**
     * One call.
     *
     * @param pid the thread that made it, as the tests see it
     * @param arguments as strace writes them: {@code CLONE_NEWUTS}
     * @param result the number returned; {@code ?} when the thread ended in it
     * @param errno its name, such as {@code EPERM}; empty when the call succeeded
     */
    public record Call(long pid, String name, String arguments, String result, String errno) {
        public boolean succeeded() {
            return errno.isEmpty() && !result.equals("?");
        }

        @Override
        public String toString() {
            return pid + " " + name + "(" + arguments + ") = " + result + (errno.isEmpty() ? "" : " " + errno);
        }
    }

    private static final Pattern LINE = Pattern.compile("(\\w+)\\((.*)\\)\\s+= (\\S+)(?: (E[A-Z0-9]+)\\b.*| .*)?");
    /** A call whose end strace has not seen: another line goes on with it, or its process died in it. One space stands before the mark. */
    private static final Pattern HALF = Pattern.compile("(.*?) ?<(?:unfinished|detached) \\.\\.\\.>");

    /** True if a line of the trace holds both texts: {@code has("unshare(CLONE_NEWUTS)", "= -1 EPERM")}. */
    public boolean has(String call, String result) {
        return calls.stream().map(Call::toString).anyMatch(line -> line.contains(call) && line.contains(result));
    }

    /** All calls of this name. */
    public List<Call> of(String name) {
        return calls.stream().filter(call -> call.name().equals(name)).toList();
    }

    /** All calls of one process or thread. */
    public List<Call> by(long pid) {
        return calls.stream().filter(call -> call.pid() == pid).toList();
    }

    /** The first call of this name whose arguments hold every one of the words. */
    public Call first(String name, String... words) {
        return of(name).stream().filter(call -> List.of(words).stream().allMatch(call.arguments()::contains))
                .findFirst().orElseThrow(() -> new AssertionError("no " + name + " with " + List.of(words) + " in " + this));
    }

    /** True if such a call succeeded whose arguments hold every one of the words. */
    public boolean succeeded(String name, String... words) {
        return of(name).stream().anyMatch(call -> call.succeeded() && List.of(words).stream().allMatch(call.arguments()::contains));
    }

    /** True if such a call failed with this errno. */
    public boolean failed(String name, String errno, String... words) {
        return of(name).stream().anyMatch(call -> call.errno().equals(errno) && List.of(words).stream().allMatch(call.arguments()::contains));
    }

    /** What a thread read first, by read(2), from a file that it had opened by this path. */
    public String content(long tid, String path) {
        var by = by(tid);
        for (int i = 0; i < by.size(); i++) {
            var open = by.get(i);
            if (open.name().equals("openat") && open.succeeded() && open.arguments().contains("\"" + path + "\""))
                return by.subList(i, by.size()).stream().filter(call -> call.name().equals("read") && call.arguments().startsWith(open.result() + ","))
                        .map(Call::arguments).findFirst().orElse("nothing");
        }
        throw new AssertionError(path + " was not opened: " + by);
    }

    /** For a failure's message. */
    @Override
    public String toString() {
        return calls.stream().map(Call::toString).collect(Collectors.joining("\n  ", "\n  ", "\n"));
    }

    /** Why nothing can be traced here; null when it can. */
    public static String obstacle() {
        return Ran.has("strace") ? null : "strace is not installed";
    }

    static Trace of(Lab lab, List<String> names) {
        if (obstacle() != null) throw new org.opentest4j.TestAbortedException(obstacle());
        var traced = lab.options("--json");
        var file = Scratch.newPath("strace");
        var line = new ArrayList<>(List.of("strace", "-f", "-qq", "-s", "256", "-e", "signal=none", "-o", file.toString(),
                // "?" lets an architecture lack a call (clone3, umount).
                "-e", "trace=" + names.stream().map(name -> "?" + name).collect(Collectors.joining(","))));
        List<String> command;
        if (traced.user().account()) {
            // The tracer stays root: only so does a set-user-ID program (newuidmap) keep its privilege under ptrace(2).
            // --seccomp-bpf would set no_new_privs, which takes it away again.
            line.addAll(List.of("-u", Student.NAME));
            line.addAll(traced.command());
            command = Student.the().enter(line);
        } else {
            line.add("--seccomp-bpf"); // stops only at the calls asked for: several times faster
            line.addAll(traced.command());
            command = line;
        }
        var ran = Ran.run(traced.builder(command), "", 300);
        if (!Files.exists(file)) throw new AssertionError("strace traced nothing: " + ran);
        return new Trace(ran, parse(Ran.read(file).lines().toList()));
    }

    /** Joins the halves of calls that other threads interrupted, and takes each line apart. */
    public static List<Call> parse(List<String> lines) {
        var calls = new ArrayList<Call>();
        var halves = new HashMap<Long, String>();
        for (var line : lines) {
            var fields = line.split("\\s+", 2);
            long pid = Long.parseLong(fields[0]);
            var rest = fields[1];
            if (rest.startsWith("+++") || rest.startsWith("---")) continue;
            if (rest.startsWith("???(")) continue; // killed before strace knew which call it was in: nothing was answered
            if (rest.startsWith("<... ")) rest = halves.remove(pid) + rest.substring(rest.indexOf("resumed>") + "resumed>".length());
            var half = HALF.matcher(rest);
            if (half.matches()) {
                halves.put(pid, half.group(1));
                continue;
            }
            var match = LINE.matcher(rest);
            if (!match.matches()) throw new AssertionError("strace wrote a line that the tests do not understand: " + line);
            calls.add(new Call(pid, match.group(1), match.group(2), match.group(3), match.group(4) == null ? "" : match.group(4)));
        }
        // A call in which its process died never resumes.
        halves.forEach((pid, half) -> calls.add(new Call(pid, half.replaceFirst("\\(.*", ""), half.replaceFirst("^\\w+\\(", ""), "?", "")));
        return List.copyOf(calls);
    }
}
