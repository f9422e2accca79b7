package outside;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The two ways in which every lab is run: as root, and as a user with no privilege at all. */
public enum As {
    /** User 0. Possible only when root runs the tests. */
    ROOT("as root"),
    /** The user who runs the tests; when that is root, an account made for this run ({@link Student}). */
    ORDINARY_USER("as an ordinary user");

    /** True when root runs the tests. */
    public static final boolean TESTS_ARE_ROOT = Proc.of(ProcessHandle.current().pid()).uids().get(1) == 0;

    private final String words;

    As(String words) {
        this.words = words;
    }

    /** Why it cannot be done here; null when it can. */
    public String obstacle() {
        return switch (this) {
            case ROOT -> TESTS_ARE_ROOT ? null : "the tests run as an ordinary user: start them as root to see this";
            case ORDINARY_USER -> TESTS_ARE_ROOT ? Student.obstacle() : null;
        };
    }

    /** The clone that is run: the one under test, or the account's copy of it. */
    public Path workbook() {
        return account() ? Student.the().workbook() : Home.path();
    }

    /** The process against which a lab's namespaces are compared: it stands where the lab was started. */
    public Proc outside() {
        return account() ? Student.the().outside() : Proc.self();
    }

    /** The uid that a lab runs with. */
    public long uid() {
        return account() ? Student.UID : Proc.of(ProcessHandle.current().pid()).uids().get(1);
    }

    /** The command with all that it takes to start it so. */
    public List<String> command(List<String> command) {
        return account() ? Student.the().drop(command) : command;
    }

    /** An empty folder that belongs to this user, and goes away with the tests. */
    public Path newFolder() {
        var folder = Scratch.newPath("folder");
        Ran.command("install", "-d", "-o", "" + uid(), folder.toString()).okay();
        return folder;
    }

    /** Sets up the environment of the command. */
    void environment(Map<String, String> environment) {
        if (account()) Student.the().environment(environment);
    }

    /** True when another account must be used than the one that runs the tests. */
    boolean account() {
        return this == ORDINARY_USER && TESTS_ARE_ROOT;
    }

    @Override
    public String toString() {
        return words;
    }
}
