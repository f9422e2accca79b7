package kit.byhand;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import kit.*;

/** A shell in which a lab types what a student would type, and shows it: behind a prompt, with what it prints. */
public final class TypedShell implements AutoCloseable {
    private final Lab lab;
    private final Child shell;
    private String prompt;

    public TypedShell(Lab lab, Caller caller, String prompt) {
        this.lab = lab;
        this.prompt = prompt;
        shell = caller.clone(0);
    }

    /** Makes sure that there are programs, each named with its Debian package: {@code "unshare util-linux"}. */
    public static void need(String... programs) {
        for (String program : programs) {
            String[] words = program.split(" ");
            if (!Machine.has(words[0])) {
                throw new Problem(words[0], Errno.ENOENT, Diagnosis.missing(words[0], words[1]));
            }
        }
    }

    /** Shows the commands, runs them, and shows what they print, which it gives. One that fails stops the lab. */
    public String type(String commands) {
        show(commands);
        Output done = run(commands);
        if (!done.ok()) {
            throw failed(commands, done.text());
        }
        if (!done.text().isEmpty()) {
            lab.show(done.text());
        }
        return done.text();
    }

    /** The same with what is only looked at: it may fail. */
    public void look(String command) {
        show(command);
        lab.show(sh(command));
    }

    /**
     * Shows and types a command that starts a shell elsewhere, which answers from then on.
     *
     * @throws NotIsolated if it stands in one of these namespaces as before: then nothing else may be typed
     */
    public void enter(String command, String nextPrompt, Namespace... types) {
        show(command);
        Map<Namespace, String> before = links(types);
        shell.enter(command);
        String complaint = sh(":");
        if (!complaint.isEmpty()) {
            throw failed(command, complaint);
        }
        links(types).forEach((type, link) -> NotIsolated.unlessDifferent(command, before.get(type), link));
        prompt = nextPrompt;
    }

    private void show(String commands) {
        lab.show(prompt + commands.replace("\n", "\n" + " ".repeat(prompt.length())));
    }

    private Map<Namespace, String> links(Namespace... types) {
        Map<Namespace, String> links = new TreeMap<>();
        for (Namespace type : types) {
            links.put(type, sh("readlink /proc/self/ns/" + type.proc));
        }
        return links;
    }

    private static RuntimeException failed(String command, String complaint) {
        String first = command.lines().findFirst().orElseThrow();
        int errno = errno(complaint);
        return errno == 0 ? new IllegalStateException(first + ": " + complaint) : new Problem(first, errno, 0);
    }

    /** The error number of a program's complaint, in the words of strerror(3), or in those that mount(8) has for EPERM. */
    public static int errno(String complaint) {
        return IntStream.range(1, 134).filter(errno -> complaint.contains(Libc.strerror(errno))).findFirst()
                .orElse(complaint.contains("permission denied") ? Errno.EPERM : 0);
    }

    /** What a command prints, without showing it. It may fail. */
    public String sh(String command) {
        return run("{ " + command + "\n} || :").text();
    }

    /** The same with its exit status. A shell that was started with -e ends when a command fails, and so does what was typed. */
    public Output run(String command) {
        try {
            return shell.run(command);
        } catch (IllegalStateException ended) {
            throw failed(command, ended.getMessage());
        }
    }

    @Override
    public void close() {
        shell.close();
    }
}
