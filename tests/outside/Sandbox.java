package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A machine to break: namespaces of all types made by util-linux' unshare(1), with a hostname, queues and a mount of its own.
 * What a lab does wrong in there harms nobody, and is found by comparing {@link Run#before()} with {@link Run#after()}.
 *
 * <p>Not isolated, because nothing isolates it: files, and the tree of cgroups (its directories are in the fingerprint).
 * Killing the sandbox's first process ends everything in it. Sources: unshare(1), namespaces(7).
 */
public final class Sandbox {

    /** Arguments: a directory, then the command. Ends as the command does. The fingerprints are lines, each with its kind in front. */
    private static final String SCRIPT = """
            dir=$1; shift
            pid_namespace=$(readlink /proc/self/ns/pid | tr -dc 0-9)
            fingerprint() {
                label() { sed "s|^|$1 |"; }
                cat /proc/sys/kernel/hostname | label hostname
                cat /proc/sys/kernel/domainname | label domainname
                cat /proc/self/mountinfo | label mount
                for kind in msg shm sem; do sed 1d /proc/sysvipc/$kind | label "sysv-$kind"; done
                ls "$dir/mqueue" | label mqueue
                ls -A /dev/shm 2>/dev/null | label dev-shm
                sed '1,2d; s/:.*//; s/ //g' /proc/self/net/dev | label link
                cat /proc/self/net/fib_trie 2>/dev/null | label route
                ls -A /run/netns 2>/dev/null | label netns-name
                cat /proc/self/timens_offsets 2>/dev/null | label time-offset
                cat /proc/self/cgroup | label cgroup-of-the-shell
                # The tree of cgroups is the whole machine's, and others change it. A lab names its own after its PID namespace.
                find /sys/fs/cgroup -type d -path "*/nslabs-$pid_namespace-*" 2>/dev/null | sort | label cgroup
            }
            hostname sandbox-host && domainname sandbox-domain || exit 125
            ipcmk -Q >/dev/null && ipcmk -M 64 >/dev/null && ipcmk -S 1 >/dev/null || exit 125
            mkdir "$dir/mqueue" && mount -t mqueue none "$dir/mqueue" && : > "$dir/mqueue/kept" || exit 125
            mount -t tmpfs none /dev/shm || exit 125
            fingerprint > "$dir/before"
            "$@"
            code=$?
            fingerprint > "$dir/after"
            exit $code
            """;

    private Sandbox() {}

    /**
     * What happened in a sandbox.
     *
     * @param ran     the command's exit code and output
     * @param before  the fingerprint before the command; empty if this machine cannot make a sandbox ({@code ran.stderr()} says why)
     * @param after   and after it
     * @param calls   the calls that {@link Sabotage} took away, like {@code unshare CLONE_NEWUTS}; empty without sabotage
     */
    public record Run(Ran ran, List<String> before, List<String> after, List<String> calls) {

        /** Whether there was a sandbox at all. */
        public boolean made() {
            return !before.isEmpty();
        }

        /** What the command changed in its surroundings: lines that went ({@code -}) and came ({@code +}). Empty is good. */
        public List<String> differences() {
            var gone = new ArrayList<>(before);
            after.forEach(gone::remove);
            var come = new ArrayList<>(after);
            before.forEach(come::remove);
            return Stream.concat(gone.stream().map(line -> "- " + line), come.stream().map(line -> "+ " + line)).toList();
        }
    }

    /** Runs a lab in a new sandbox, as its user, with the namespace calls for these types sabotaged ({@code Set.of()}: with none). */
    public static Run run(Set<Sabotage.Type> sabotaged, Lab lab) {
        return run(sabotaged, lab, lab.user() == As.ORDINARY_USER, lab.command());
    }

    /** Runs any other command in a new sandbox, as its root. */
    public static Run run(Set<Sabotage.Type> sabotaged, String... command) {
        return run(sabotaged, Lab.named("none"), false, List.of(command));
    }

    private static Run run(Set<Sabotage.Type> sabotaged, Lab lab, boolean ordinary, List<String> command) {
        var dir = Scratch.newPath("sandbox");
        var script = dir.resolve("sandbox.sh");
        try {
            Files.writeString(Files.createDirectory(dir).resolve("sandbox.sh"), SCRIPT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var line = new ArrayList<>(List.of("unshare", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--time",
                "--fork", "--kill-child", "--mount-proc", "--propagation", "private"));
        if (!As.TESTS_ARE_ROOT) line.addAll(List.of("--user", "--map-root-user"));
        line.addAll(List.of("sh", script.toString(), dir.toString()));
        if (ordinary && !As.TESTS_ARE_ROOT)
            line.addAll(List.of("unshare", "--user", "--map-user=" + lab.user().uid(), "--map-group=" + lab.user().uid()));
        // With root as the tracer the filter needs no no_new_privs, so newuidmap(1) stays what it is.
        if (!sabotaged.isEmpty()) line.addAll(Sabotage.only(sabotaged, dir.resolve("log"), List.of()));
        if (lab.user().account()) {
            line.addAll(List.of("setpriv", "--reuid", "" + Student.UID, "--regid", "" + Student.UID, "--clear-groups", "--inh-caps=-all"));
            // The account exists in a mount namespace of its own: the sandbox is made in there.
            line = new ArrayList<>(Student.the().enter(line));
        }
        line.addAll(command);
        var ran = Ran.run(lab.builder(line), "", 90);
        // For a reader of a failure the lab's own command line is enough.
        return new Run(new Ran(command, ran.exit(), ran.stdout(), ran.stderr()), lines(dir, "before"), lines(dir, "after"), lines(dir, "log"));
    }

    private static List<String> lines(Path dir, String name) {
        var file = dir.resolve(name);
        return Files.exists(file) ? Ran.read(file).lines().toList() : List.of();
    }
}
