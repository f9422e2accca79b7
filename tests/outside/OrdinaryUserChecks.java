package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** For labs that show what anybody may do: one of their threads is an ordinary user, also when root runs them. */
public abstract class OrdinaryUserChecks extends LabChecks {
    protected OrdinaryUserChecks(String lab, As as) {
        super(lab, as);
    }

    /** Who the process inside is for the machine: that user. */
    protected long uid() {
        return inside().uids().get(0);
    }

    /** Its group. */
    protected long gid() {
        return inside().gids().get(0);
    }

    /** The threads of the lab that have this name. The JVM's own come and go. */
    protected List<Proc> threads(String name) {
        return Proc.of(inside().parent()).threads().stream().filter(thread -> {
            try {
                return thread.text("comm").strip().equals(name);
            } catch (UncheckedIOException gone) {
                return false;
            }
        }).toList();
    }

    /** A command as that user, without any privilege, into namespaces of a process of the lab. */
    protected Ran enter(Proc target, List<String> types, String... command) {
        var line = new ArrayList<String>();
        if (As.TESTS_ARE_ROOT) line.addAll(List.of("setpriv", "--reuid", "" + uid(), "--regid", "" + gid(), "--clear-groups"));
        line.addAll(List.of("nsenter", "--preserve-credentials"));
        for (var type : types) line.add("--" + (type.equals("mnt") ? "mount" : type) + "=" + target.folder() + "/ns/" + type);
        line.addAll(List.of("env", "PATH=" + System.getenv("PATH") + ":/usr/sbin:/sbin", "LC_ALL=C"));
        line.addAll(List.of(command));
        return Ran.command(line.toArray(String[]::new));
    }

    /** Whose a file is, in the tests' user namespace. */
    protected static long owner(Path file) {
        try {
            return ((Number) Files.getAttribute(file, "unix:uid")).longValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
