package grader.box;

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kit.Caller;
import kit.Machine;
import kit.Proc;
import kit.Puppet;
import kit.UserMap;

/** Where one worker makes its boxes, one after the other: a thread, a stage, cgroups, a range of user IDs. */
public final class Boxes implements AutoCloseable {
    /** Of the user IDs that systemd's documentation calls unused; 65536 for each worker. */
    private static final long FIRST_ID = 1_900_000_000L;
    static final int RANGE = 65536;
    /** Whom an answer runs as, as the box sees it. */
    static final int STUDENT = 1000;

    /** How the IDs in a box relate to those outside. */
    enum Ids { OWN_RANGE, SUBORDINATE, SHARED }

    final int worker;
    final Ids ids;
    final Caller thread;
    final Stage stage;
    final Limits limits;
    final Path work;
    final Path answer;
    final List<Path> secret;

    /**
     * @param work a directory of the grader's own for its files
     * @param readable directories that answers need at their own paths: the built labs
     * @param secret what no answer may see
     */
    public Boxes(int worker, Path work, Path jdk, List<Path> readable, List<Path> secret) throws IOException {
        this.worker = worker;
        this.work = work;
        this.secret = secret;
        answer = Files.createDirectories(work.resolve("answer" + worker));
        ids = ids();
        limits = new Limits("box" + worker);
        thread = new Caller("box " + worker);
        stage = new Stage(work, answer, jdk, readable, secret);
        if (staged()) {
            thread.unshare(CLONE_NEWNS);
            thread.run(() -> stage.build(Hands.OWN));
        }
    }

    /** Whether the stage is made beforehand, by root. */
    boolean staged() {
        return ids == Ids.OWN_RANGE;
    }

    private static Ids ids() {
        boolean root = Machine.capable(CAP_SYS_ADMIN) && Machine.capable(kit.Capability.number("CAP_SETUID")) && Machine.capable(kit.Capability.number("CAP_SETGID"));
        String[] map = Proc.read("/proc/self/uid_map").strip().split("\\s+");
        if (root && Long.parseLong(map[0]) == 0 && Long.parseLong(map[2]) > FIRST_ID + 1000 * RANGE) return Ids.OWN_RANGE;
        return subordinate("/etc/subuid") != null && subordinate("/etc/subgid") != null && Machine.has("newuidmap") && Machine.has("newgidmap") ? Ids.SUBORDINATE : Ids.SHARED;
    }

    /** The first ID of a range that this user has in /etc/subuid; null if there is none; subuid(5). */
    private static String subordinate(String file) {
        if (!Files.isReadable(Path.of(file))) return null;
        String uid = String.valueOf(getuid()), name = System.getProperty("user.name");
        return Proc.read(file).lines().map(line -> line.split(":")).filter(cells -> cells.length == 3 && (cells[0].equals(uid) || cells[0].equals(name))
                && Long.parseLong(cells[2]) > STUDENT).map(cells -> cells[1] + " " + Math.min(Long.parseLong(cells[2]), RANGE - 1)).findFirst().orElse(null);
    }

    /** Writes the maps of a process that has just got a user namespace of its own. */
    void map(int pid) {
        switch (ids) {
            case OWN_RANGE -> {
                String line = "0 " + (FIRST_ID + (long) worker * RANGE) + " " + RANGE;
                new UserMap("", line, line).writeFor(pid);
            }
            case SHARED -> new UserMap("deny", STUDENT + " " + getuid() + " 1", STUDENT + " " + getgid() + " 1").writeFor(pid);
            case SUBORDINATE -> {
                command("newuidmap", pid, getuid(), subordinate("/etc/subuid"));
                command("newgidmap", pid, getgid(), subordinate("/etc/subgid"));
            }
        }
    }

    private static void command(String program, int pid, int own, String range) {
        List<String> words = new ArrayList<>(List.of(program, "" + pid, "0", "" + own, "1", "1"));
        words.addAll(List.of(range.split(" ")));
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor() != 0) throw new IllegalStateException(program + ": " + said);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Makes a file or directory of ours the answer's, which runs as {@link #STUDENT} of the puppet's user namespace. */
    void own(Puppet puppet, String path) {
        try {
            switch (ids) {
                case OWN_RANGE -> {
                    int id = (int) (FIRST_ID + (long) worker * RANGE + STUDENT);
                    Files.setAttribute(Path.of(path), "unix:uid", id);
                    Files.setAttribute(Path.of(path), "unix:gid", id);
                }
                case SUBORDINATE -> puppet.call("chown", path, STUDENT, STUDENT); // it may: both are IDs of its user namespace
                case SHARED -> {} // it is already
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Removes what an answer has made in its cgroups. With other IDs than ours that takes a process that has them. */
    void empty(GivenCgroups cgroups) {
        if (ids != Ids.SUBORDINATE) return; // root may, and whose own they are
        try (Puppet puppet = thread.call(() -> new Puppet().start(CLONE_NEWUSER, UserMap.NONE))) {
            map(puppet.pid());
            cgroups.empty(Hands.of(puppet));
        }
    }

    /** Why an answer cannot be given cgroups here; null if it can. */
    public String noCgroups() {
        return limits.obstacle();
    }

    /** The same, before there is a worker. */
    public static String noCgroupsHere() {
        try (Limits limits = new Limits("probe")) {
            return limits.obstacle();
        }
    }

    /** Who the answers run as, and what limits them, for the teacher. */
    public List<String> says() {
        List<String> all = new ArrayList<>();
        all.add(switch (ids) {
            case OWN_RANGE -> "user IDs of its own for each box: " + RANGE + " from " + FIRST_ID + " on";
            case SUBORDINATE -> "the subordinate user IDs of " + System.getProperty("user.name") + ", by newuidmap";
            case SHARED -> "your own user ID";
        });
        all.addAll(limits.says());
        return all;
    }

    /** Where the files of the next answer go; the box has them in /answer. */
    public Path answer() {
        return answer;
    }

    /** Protections that this machine does not give. */
    public List<String> missing() {
        List<String> all = new ArrayList<>(limits.missing());
        if (ids == Ids.SHARED) all.add("answers run with your own user ID, apart from you only by namespaces (as root, or with newuidmap and a line in /etc/subuid, they have others)");
        return all;
    }

    @Override
    public void close() {
        thread.close();
        limits.close();
    }
}
