package outside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ordinary account for root to test with, without adding one to the machine.
 *
 * <p>The account exists only in a mount namespace of its own, where copies of /etc/passwd, group, subuid and subgid that
 * know it are bound over the machine's: newuidmap(1) asks these files for the ranges that a user may map. The namespace
 * is held open by a {@code cat} that waits for the end of its input, so it ends with the JVM, however that ends.
 */
final class Student {
    static final long UID = 64321;
    static final String NAME = "student";

    private static Student student;
    private static String obstacle;

    private final Path home;
    private final Process holder;

    private Student() throws IOException {
        home = Scratch.newPath(NAME);
        Files.createDirectory(home);
        copyClone();
        var etc = Files.createDirectory(Scratch.newPath("etc"));
        var binds = new ArrayList<String>();
        for (var file : Map.of(
                "passwd", NAME + ":x:" + UID + ":" + UID + ":Student:" + home + ":/bin/sh",
                "group", NAME + ":x:" + UID + ":",
                "subuid", NAME + ":100000:65536",
                "subgid", NAME + ":100000:65536").entrySet()) {
            var original = Path.of("/etc", file.getKey());
            if (!Files.exists(original)) continue; // no subuid: then this machine has no newuidmap either
            var lines = new ArrayList<>(Files.readAllLines(original));
            lines.removeIf(line -> line.startsWith(NAME + ":"));
            lines.add(file.getValue());
            Files.write(etc.resolve(file.getKey()), lines);
            binds.add("mount --bind " + etc.resolve(file.getKey()) + " " + original);
        }
        // Private first, so that the binds stay in here. Then the root is as shared as the machine's own root is,
        // because what an ordinary user inherits (and gets as a slave) is part of what the mount lab shows.
        if (Proc.self().mountAt("/").map(mount -> mount.peerGroup() >= 0).orElse(false)) binds.add("mount --make-rshared /");
        binds.add("chown -R " + UID + ":" + UID + " " + home);
        binds.add("echo ready");
        binds.add("exec cat");
        var builder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", String.join(" && ", binds));
        Ran.mark(builder);
        builder.environment().remove(Scratch.MARKER); // it lives as long as the tests do: not something that a lab left behind
        holder = builder.redirectErrorStream(true).start();
        var said = new BufferedReader(new InputStreamReader(holder.getInputStream())).readLine();
        if (!"ready".equals(said)) throw new IOException("an account needs a mount namespace of its own: " + said);
    }

    /** The account, made at the first call. */
    static synchronized Student the() {
        if (student == null && obstacle == null) {
            try {
                student = new Student();
            } catch (IOException | UncheckedIOException e) {
                obstacle = e.getMessage();
            }
        }
        if (student == null) throw new IllegalStateException(obstacle);
        return student;
    }

    /** Why there can be no account; null when there is one. */
    static String obstacle() {
        try {
            the();
            return null;
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    Path workbook() {
        return home.resolve("clone");
    }

    Proc outside() {
        return Proc.of(holder.pid());
    }

    /** Runs it where the account exists, still as root. */
    List<String> enter(List<String> command) {
        // setns(2) into a mount namespace goes to its root directory: the shell goes back to the clone.
        return concat(List.of("nsenter", "--mount=/proc/" + holder.pid() + "/ns/mnt", "sh", "-c", "cd \"$0\" && exec \"$@\"", workbook().toString()), command);
    }

    /** Runs it as the account: no capability left, no group but its own. Not --no-new-privs, which would disarm newuidmap. */
    List<String> drop(List<String> command) {
        return enter(concat(List.of("setpriv", "--reuid", "" + UID, "--regid", "" + UID, "--clear-groups", "--inh-caps=-all"), command));
    }

    /** What a login would set, and nothing of root's. */
    void environment(Map<String, String> environment) {
        var keep = Set.of("PATH", "LANG", "LC_ALL", "TERM", "TZ", "JAVA_HOME", "NO_COLOR", "NSLABS_JBANG", Scratch.MARKER);
        environment.keySet().removeIf(name -> !keep.contains(name));
        environment.put("HOME", home.toString());
        environment.put("USER", NAME);
        environment.put("LOGNAME", NAME);
        environment.put("SHELL", "/bin/sh");
    }

    /** The labs and what was built from them, not the tests: the account needs no network, and sees what a student sees. */
    private void copyClone() throws IOException {
        Files.createDirectories(workbook().resolve("build"));
        for (var part : List.of("build.sh", "labs", "build/labs", "build/tools")) {
            var from = Home.path().resolve(part);
            if (!Files.exists(from)) continue;
            var copied = Ran.command("cp", "-a", from.toString(), workbook().resolve(part).getParent().toString());
            if (copied.exit() != 0) throw new IOException(copied.toString());
        }
    }

    private static List<String> concat(List<String> first, List<String> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
