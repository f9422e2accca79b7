package kit;

import static kit.Libc.*;

import java.util.List;
import java.util.function.Consumer;

/**
 * The two terminals of who builds a container by hand: the first one becomes the container, the second one stays where the
 * first one began, on "the host", which is a set of namespaces made for the purpose.
 */
public final class Terminals implements AutoCloseable {
    private static final Namespace[] HOST = {Namespace.MNT, Namespace.UTS, Namespace.IPC, Namespace.NET};
    private static final Namespace[] BOX = {Namespace.MNT, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.PID, Namespace.CGROUP};

    public final Terminal first;
    public final Terminal second;
    /** The PID of the shell that plays the host. */
    public final int host;
    private final Lab lab;
    private final Caller outside;
    private final String user;

    /**
     * The first one follows a recipe that leads to the host, the second one comes after it by nsenter(1).
     *
     * @throws NotIsolated if what should be the host is the machine
     */
    public Terminals(Lab lab, Caller outside, Recipe toTheHost) {
        this.lab = lab;
        this.outside = outside;
        String prompt = lab.rootless() ? "$ " : "# ";
        user = lab.rootless() ? " --user --preserve-credentials" : "";
        first = new Terminal(lab, outside, prompt);
        for (Recipe.Step step : toTheHost.first()) {
            lab.show(step.why());
            first.type(step.commands());
        }
        lab.show("\n" + toTheHost.last().why());
        first.enter(toTheHost.last().commands(), "host# ", HOST);
        host = first.pid();
        lab.show("\nThe second terminal comes there, too, to look at it from the host:");
        second = new Terminal(lab, outside, prompt);
        second.enter("nsenter --target " + host + user + " --mount --uts --ipc --net sh", "host# ", HOST);
    }

    /** All steps of a recipe but the last, on the first terminal, with what the second one sees after each; tells of each step when it is done. */
    public void follow(Recipe recipe, Consumer<String> done) {
        for (Recipe.Step step : recipe.first()) {
            lab.show("\n" + step.why());
            first.type(step.commands());
            step.looks().forEach(second::look);
            done.accept(step.name());
        }
    }

    /** The last step of a recipe, by which the first terminal gets into the container: the PID of process 1. */
    public int container(Recipe recipe) {
        first.enter(recipe.last().commands(), "box# ", BOX);
        int box = first.pid();
        second.type("BOX=" + box);
        return box;
    }

    /** The last step of a recipe, by which one shell there becomes another. */
    public void become(Recipe recipe) {
        lab.show("\n" + recipe.last().why());
        first.enter(recipe.last().commands(), "box# ");
    }

    /** An interactive shell in the container, for who comes from the machine. */
    public Child shell(int box) {
        return outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sh", "-c", enter(box, user) + " /bin/env -i PATH=/bin HOME=/root /bin/sh"));
    }

    /** How the second terminal starts a program in the container. */
    public String enter(int box) {
        return enter(box, ""); // it is in the user namespace already, and must not ask for it
    }

    private static String enter(int box, String user) {
        return "nsenter --target " + box + user + " --mount --uts --ipc --net --pid --cgroup";
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
