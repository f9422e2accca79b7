package grader.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.box.Box;
import grader.box.Processes;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import outside.As;
import outside.Enter;
import outside.Proc;
import outside.Ran;

/**
 * A running answer, as the judge sees it from outside: by its own /proc and by programs of its own. What the answer prints is
 * no evidence of anything.
 */
public final class Live {
    private final Box box;
    private final String token;
    private final List<String> before;
    private final Map<String, Object> found = new HashMap<>();
    /** Where the box's first process stood before the answer was in. In the time namespace it comes by execve(2). */
    private final Map<String, String> origin = new TreeMap<>();

    Live(Box box, String token) {
        this.box = box;
        this.token = token;
        before = surroundings();
        for (var type : Proc.TYPES) if (!type.equals("time") && init().links().containsKey(type)) origin.put(type, init().identity(type));
    }

    /** The type of a namespace into which the box's first process was moved, by ptrace(2) for example; null if it is where it was. */
    String moved() {
        try {
            return origin.keySet().stream().filter(type -> !init().identity(type).equals(origin.get(type))).findFirst().orElse(null);
        } catch (UncheckedIOException ended) {
            return null;
        }
    }

    /** The first process of the box: it stands where the answer was started. */
    public Proc init() {
        return Proc.of(box.pid());
    }

    /** The processes of the answer. */
    public List<Proc> processes() {
        return Processes.below(box.pid()).stream().map(Proc::of).toList();
    }

    /** The first of them: the JVM, or the shell. */
    public Proc program() {
        return processes().stream().findFirst().orElseThrow(() -> new AssertionError("Your program has ended."));
    }

    /** Its processes' threads, all of them: each may stand somewhere else. */
    public List<Proc> tasks() {
        var all = new ArrayList<Proc>();
        for (var process : processes()) {
            try {
                all.addAll(process.threads());
            } catch (UncheckedIOException ended) {
                // meanwhile
            }
        }
        return all;
    }

    /** The threads and processes that stand in other namespaces than the box's first process, in each of these types. */
    public List<Proc> allApart(String... types) {
        return tasks().stream().filter(task -> Stream.of(types).allMatch(type -> apart(task, type))).toList();
    }

    private boolean apart(Proc task, String type) {
        try {
            return !task.identity(type).equals(init().identity(type));
        } catch (UncheckedIOException ended) {
            return false;
        }
    }

    /** One of them for each namespace of this type, in the order in which they started. */
    public List<Proc> oneOfEach(String type) {
        var found = new LinkedHashMap<String, Proc>();
        for (var task : allApart(type)) {
            try {
                found.putIfAbsent(task.identity(type), task);
            } catch (UncheckedIOException ended) {
                // meanwhile
            }
        }
        return List.copyOf(found.values());
    }

    /** Who calls unshare(2) for a PID or time namespace stays where it is, and its children go there: says so of who did that. */
    private String forChildren(String type) {
        if (!type.equals("pid") && !type.equals("time")) return "";
        for (var task : tasks()) {
            var links = task.links();
            var next = links.get(type + "_for_children");
            if (next != null && links.get(type) != null && !next.equals(links.get(type)) && !next.equals(init().links().get(type + "_for_children")))
                return " One of yours called unshare(2) for another one, and stays where it was itself: only its children will be in " + next + ".";
            if (type.equals("pid") && next == null && links.get(type) != null && task.alive())
                return " One of yours called unshare(2) for another one, and stays where it was itself: only its children will be there, and it has none yet.";
        }
        return "";
    }

    /** The first one of them; the test fails if there is none. */
    public Proc apart(String... types) {
        return allApart(types).stream().findFirst().orElseThrow(() -> {
            var missing = Stream.of(types).filter(type -> tasks().stream().noneMatch(task -> apart(task, type))).toList();
            return new AssertionError(missing.isEmpty() ? "No process or thread of yours is apart in all of these at once: " + String.join(", ", types) + "."
                    : "None of your processes and threads stands in another " + String.join(" or ", missing) + " namespace than the one where it was started: all have "
                            + String.join(" ", missing.stream().map(type -> init().link(type)).toList()) + "." + String.join("", missing.stream().map(this::forChildren).toList()));
        });
    }

    // ---- what the answer was told to use ----

    /** As in the starter: {@code hostname-1a2b3c4d}. */
    public String value(String purpose) {
        return purpose + "-" + hex(purpose);
    }

    public String hex(String purpose) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest((token + "/" + purpose).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    public int number(String purpose, int from, int to) {
        return from + (int) (Long.parseLong(hex(purpose), 16) % (to - from));
    }

    /** So many of these words, in the order in which they stand here. */
    public List<String> some(String purpose, List<String> words, int count) {
        var chosen = words.stream().sorted(Comparator.comparing(word -> hex(purpose + "/" + word))).limit(count).toList();
        return words.stream().filter(chosen::contains).toList();
    }

    /** What it has printed on stdout: only to be quoted, never to be believed. */
    public String output() {
        return box.output();
    }

    // ---- looking ----

    /** Runs programs of the judge's own in namespaces of the answer. Its mount namespace is not for them: there it decides what a program is. */
    public Enter enter(Proc task, String... types) {
        // What enters a PID namespace of the answer's can be traced there by its root, and has the judge's files before its eyes.
        if (Set.of(types).contains("pid") && !As.TESTS_ARE_ROOT) throw new IllegalArgumentException("no ordinary user enters the PID namespace of an answer; use twin() or orphan()");
        if (Set.of(types).contains("mnt")) throw new IllegalArgumentException("never enter the mount namespace of an answer; use files()");
        return Enter.the(task, types);
    }

    /** What a process has open. */
    public List<OpenFile> openFiles(Proc process) {
        return OpenFile.of(this, process);
    }

    /** Runs a program of the judge's own in a namespace that a process of the answer has open; {@code type} as in /proc/PID/ns. */
    public Ran enter(OpenFile namespace, String type, String... command) {
        if (Files.isReadable(namespace.path().getParent())) return Enter.the(Proc.of(namespace.pid())).by(type, namespace.path()).run(command);
        return asOwner(Stream.concat(Stream.of("nsenter", "--" + type + "=" + namespace.path(), "--"), Stream.of(command)).toArray(String[]::new));
    }

    /**
     * Runs a program in the box's user namespace, but in no other namespace of it. Where this judge is an ordinary user with
     * subordinate IDs it is root there, and so may see what belongs to those.
     */
    Ran asOwner(String... command) {
        return enter(init(), "user").run(command);
    }

    /** The hostname where this task stands. */
    public String hostname(Proc task) {
        var ran = enter(task, "uts").run("uname", "-n");
        if (ran.exit() != 0) throw new AssertionError("A process or thread of yours ended while its hostname was looked at.");
        return ran.text();
    }

    /** A copy of a task, which makes the system calls that the judge dictates: so one sees what the kernel permits it. To be closed. */
    public Twin twin(Proc task) {
        return Twin.of(task, box.pid(), 0);
    }

    /** Gives a process a child that it does not know, and that ends at once: it is a zombie until the process waits for it. */
    public void orphan(Proc process) {
        Twin.of(process, box.pid(), 17).close(); // SIGCHLD
    }

    /** The first task that is under more seccomp filters than the box's first process; the test fails if there is none. */
    public Proc filtered() {
        int ours = filters(init());
        return tasks().stream().filter(task -> filters(task) > ours).findFirst()
                .orElseThrow(() -> new AssertionError("None of your processes and threads is under a seccomp filter of your own."));
    }

    /** How many seccomp filters a task is under (since Linux 5.9); proc(5). */
    private static int filters(Proc task) {
        try {
            return Integer.parseInt(task.status().getOrDefault("Seccomp_filters", "0"));
        } catch (UncheckedIOException ended) {
            return 0;
        }
    }

    /** The user ID that a task has in its own user namespace; -1 if it has none there. */
    public static long uidInside(Proc task) {
        long outside = task.uids().get(1);
        return task.uidMap().stream().filter(range -> outside >= range.outside() && outside < range.outside() + range.count()).map(range -> range.inside() + outside - range.outside())
                .findFirst().orElse(-1L);
    }

    /** Files as a task sees them. */
    public Inside files(Proc task) {
        return new Inside(task);
    }

    /** Fails if the answer has changed its surroundings: the hostname, the mounts or the network devices of the box. */
    public void unchanged() {
        assertEquals(String.join("\n", before), String.join("\n", surroundings()), "What is outside of your namespaces has changed");
    }

    private List<String> surroundings() {
        var all = new ArrayList<String>();
        all.add("hostname " + Enter.the(init(), "uts").text("uname", "-n"));
        init().mounts().forEach(mount -> all.add("mount " + mount.point() + " " + mount.type()));
        all.add("devices " + init().netDevices());
        return all;
    }

    /** Tries an assertion again until it holds, for two seconds. */
    public void eventually(Executable assertion) throws Throwable {
        for (long end = System.nanoTime() + 2_000_000_000L; ; Thread.sleep(20)) {
            try {
                assertion.execute();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > end) throw e;
            }
        }
    }

    /**
     * What the judge finds out by an intervention, such as a signal: made once, however many tests ask, for the answer is another one
     * afterwards. Only an intervention that failed is made again.
     */
    @SuppressWarnings("unchecked")
    public synchronized <T> T once(String what, Callable<T> intervention) throws Exception {
        if (!found.containsKey(what)) found.put(what, intervention.call());
        return (T) found.get(what);
    }

    /** Sends a signal by its name, such as TERM. */
    public void kill(Proc process, String signal) {
        if (!processes().stream().anyMatch(each -> each.pid() == process.pid())) throw new IllegalArgumentException(process + " is not the answer's");
        Ran.command("kill", "-s", signal, "" + process.pid()).okay();
    }
}
