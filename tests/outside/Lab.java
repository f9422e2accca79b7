package outside;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How to start a lab, the way a student does: {@code ./build.sh run Uts …}. Immutable; each method gives a changed copy.
 *
 * <pre>{@code
 * var ran = Lab.named("Uts").as(As.ROOT).options("--json").run();
 * try (var held = Lab.named("Uts").as(As.ROOT).hold()) { Proc.of(held.pid()).link("uts"); }
 * }</pre>
 */
public final class Lab {
    private static final Map<String, String> TYPE = Map.ofEntries(Map.entry("Uts", "uts"), Map.entry("Ipc", "ipc"), Map.entry("Mqueue", "ipc"),
            Map.entry("Pid", "pid"), Map.entry("Init", "pid"), Map.entry("Mount", "mnt"), Map.entry("Propagation", "mnt"),
            Map.entry("User", "user"), Map.entry("Maps", "user"), Map.entry("Network", "net"), Map.entry("Veth", "net"),
            Map.entry("Cgroup", "cgroup"), Map.entry("Time", "time"));

    private final String name;
    private final As as;
    private final List<String> options;
    private final List<String> prefix;
    private final Map<String, String> environment;
    private final String input;
    private final boolean terminal;

    private Lab(String name, As as, List<String> options, List<String> prefix, Map<String, String> environment, String input,
            boolean terminal) {
        this.name = name;
        this.as = as;
        this.options = List.copyOf(options);
        this.prefix = List.copyOf(prefix);
        this.environment = Map.copyOf(environment);
        this.input = input;
        this.terminal = terminal;
    }

    /** A lab by the name of its file: {@code Uts} is labs/Uts.java. Runs as whoever runs the tests. */
    public static Lab named(String name) {
        return new Lab(name, As.TESTS_ARE_ROOT ? As.ROOT : As.ORDINARY_USER, List.of(), List.of(), Map.of(), "", false);
    }

    /** The names of all labs: the files in labs/. */
    public static List<String> all() {
        return Ran.names(Home.path().resolve("labs")).filter(file -> file.endsWith(".java"))
                .map(file -> file.substring(0, file.length() - ".java".length())).sorted().toList();
    }

    public Lab as(As user) {
        return new Lab(name, user, options, prefix, environment, input, terminal);
    }

    /** Adds options. */
    public Lab options(String... more) {
        return new Lab(name, as, join(options, List.of(more)), prefix, environment, input, terminal);
    }

    /** Adds a command that starts the lab, such as {@code "script", "-qec"}; it runs with the lab's user. */
    public Lab under(String... command) {
        return new Lab(name, as, options, join(prefix, List.of(command)), environment, input, terminal);
    }

    /** With a pseudo-terminal as its stdin, stdout and stderr, by script(1). */
    public Lab onTerminal() {
        return new Lab(name, as, options, prefix, environment, input, true);
    }

    /** Adds an environment variable. */
    public Lab env(String key, String value) {
        var more = new LinkedHashMap<>(environment);
        more.put(key, value);
        return new Lab(name, as, options, prefix, more, input, terminal);
    }

    /** What is typed, all at once and then the end of input. By default: only the end. */
    public Lab input(String text) {
        return new Lab(name, as, options, prefix, environment, text, terminal);
    }

    /** Runs it to its end (60 s at most). */
    public Ran run() {
        return Ran.run(builder(as.command(join(prefix, terminal ? onTerminal(command()) : command()))), input, 60);
    }

    /** Starts it with {@code --hold --json} and waits until it is ready (60 s at most). */
    public Held hold() {
        var held = options("--hold", "--json");
        return new Held(held.builder(as.command(join(prefix, held.command()))), held.as);
    }

    /** Runs it to its end under strace(1) and gives the calls named, such as {@code "unshare", "setns", "mount"}. */
    public Trace trace(String... calls) {
        return Trace.of(this, List.of(calls));
    }

    /** The namespace type that the lab is about, by its name in /proc/PID/ns; empty for one that is about several. */
    public Optional<String> type() {
        return Optional.ofNullable(TYPE.get(name));
    }

    public String name() {
        return name;
    }

    public As user() {
        return as;
    }

    /** The command line as typed in the clone, without whatever starts it. */
    public List<String> command() {
        return join(List.of(as.workbook().resolve("build.sh").toString(), "run", name), options);
    }

    /** A builder with this lab's directory and environment, for a command line made by hand. */
    ProcessBuilder builder(List<String> command) {
        var builder = new ProcessBuilder(command).directory(as.workbook().toFile());
        as.environment(builder.environment());
        builder.environment().putAll(environment);
        return builder;
    }

    /** script(1) takes the command as text for a shell. */
    private static List<String> onTerminal(List<String> command) {
        var text = command.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        return List.of("script", "-qec", text, "/dev/null");
    }

    private static List<String> join(List<String> first, List<String> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    @Override
    public String toString() {
        return "the lab " + name + " " + as;
    }
}
