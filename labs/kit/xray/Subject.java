package kit.xray;

import java.util.List;
import java.util.function.Function;

/**
 * A container that is looked at.
 *
 * @param name of the column in which it stands: what made it
 * @param pid its first process, or what comes nearest, as we see it
 * @param shell runs a command there, and gives what it prints
 */
public record Subject(String name, int pid, Xray picture, Function<String, String> shell) {

    /** Whether one of these made it. */
    public boolean by(String... names) {
        return List.of(names).contains(name);
    }

    public String sh(String command) {
        return shell.apply(command);
    }
}
