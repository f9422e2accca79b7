package book;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Runs every lab, and every session in docs/sessions, and keeps what they print in docs/outputs: uts.txt for the lab Uts,
 * NAME.txt for the session NAME.sh. A session is a list of shell commands, each printed behind a prompt and then run.
 */
public final class Capture {
    /** Prints each command of a session as a person would see it, and runs it in the same shell. */
    private static final String SESSION = """
        while IFS= read -r command <&3; do
            case $command in
                '#'*|'') printf '%s\\n' "$command" ;;
                *) printf '$ %s\\n' "$command"; eval "$command" </dev/null ;;
            esac
        done 2>&1 3<"$1"
        """;

    private final Path root;
    private final Path outputs;

    public Capture(Path root) {
        this.root = root;
        outputs = root.resolve("docs/outputs");
    }

    /** @param names what to capture; all if empty */
    public int run(List<String> names, boolean check) throws IOException, InterruptedException {
        if (Files.readString(Path.of("/proc/self/status")).contains("\nUid:\t0\t")) {
            System.err.println("The book shows what an ordinary user sees: run this as one.");
            return 77;
        }
        Path machine = outputs.resolve("machine.txt");
        if (check && !Files.readString(machine).equals(machine())) {
            System.err.println("The outputs were captured on another kind of machine, " + Files.readString(machine).strip() + "; this is " + machine().strip() + ".");
            return 77;
        }
        Map<String, List<String>> commands = commands();
        List<String> bad = new ArrayList<>(names.stream().filter(name -> !commands.containsKey(name)).map(name ->
                "there is no lab or session " + name).toList());
        for (var command : commands.entrySet()) {
            if (!names.isEmpty() && !names.contains(command.getKey())) {
                continue;
            }
            System.err.print(System.console() == null ? "" : "\r\033[K" + command.getKey());
            Path file = outputs.resolve(command.getKey() + ".txt");
            String known = Files.exists(file) ? Files.readString(file) : "", text = capture(command.getValue());
            // The kernel gives a freed number out again when it likes: then the same experiment may need another run to look the same.
            for (int i = 0; i < 3 && !known.equals(text); i++) {
                text = capture(command.getValue());
            }
            if (text == null) {
                bad.add(command.getKey() + ": two runs differ in more than numbers");
            } else if (check && !columns(known).equals(columns(text))) {
                System.err.println(command.getKey() + ": other engines are installed here; not compared");
            } else if (check && !known.equals(text)) {
                bad.add("docs/outputs/" + command.getKey() + ".txt is not what is printed now; ./build.sh outputs " + command.getKey() + "\n" + difference(known, text));
            } else if (!known.equals(text)) {
                Files.createDirectories(outputs);
                Files.writeString(file, text);
            }
        }
        System.err.print(System.console() == null ? "" : "\r\033[K");
        if (!check && names.isEmpty()) {
            Files.writeString(machine, machine());
        }
        bad.forEach(System.err::println);
        return bad.isEmpty() ? 0 : 1;
    }

    private Map<String, List<String>> commands() throws IOException {
        Map<String, List<String>> commands = new TreeMap<>();
        for (String lab : names(root.resolve("labs"), ".java")) {
            commands.put(lab.toLowerCase(Locale.ROOT), List.of(root.resolve("build.sh").toString(), "run", lab, "--student", "reader"));
        }
        for (String session : names(root.resolve("docs/sessions"), ".sh")) {
            commands.put(session, List.of("sh", "-c", SESSION, "sh", root.resolve("docs/sessions/" + session + ".sh").toString()));
        }
        return commands;
    }

    /** What the columns of the X-ray are: a container of each engine that this machine has. */
    private static String columns(String text) {
        return text.lines().filter(line -> line.matches(" +host +recipe +own\\b.*")).findFirst().orElse("");
    }

    /** The first line in which two texts differ. */
    private static String difference(String known, String text) {
        List<String> one = known.lines().toList(), two = text.lines().toList();
        int at = 0;
        while (at < one.size() && at < two.size() && one.get(at).equals(two.get(at))) at++;
        return "  line " + (at + 1) + ": " + (at < one.size() ? one.get(at) : "none") + "\n  now: " + (at < two.size() ? two.get(at) : "none");
    }

    /** The kind of this machine, as far as outputs depend on it. */
    private static String machine() throws IOException {
        String system = Files.readAllLines(Path.of("/etc/os-release")).stream().filter(line -> line.startsWith("PRETTY_NAME=")).findFirst()
                .map(line -> line.substring("PRETTY_NAME=".length()).replace("\"", "")).orElse("an unknown system");
        String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).replaceAll("(?s)^(\\d+\\.\\d+).*", "$1");
        return system + ", Linux " + kernel + " on " + System.getProperty("os.arch") + ", cgroup "
                + (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers")) ? "v2" : "v1 or hybrid") + "\n";
    }

    private static List<String> names(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length())).sorted().toList();
        }
    }

    private String capture(List<String> command) throws IOException, InterruptedException {
        return Volatile.settle(output(command), output(command));
    }

    private String output(List<String> command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true).redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "COLUMNS", "100", "PATH", System.getenv("PATH") + ":/usr/sbin:/sbin"));
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text.strip() + "\n";
    }
}
