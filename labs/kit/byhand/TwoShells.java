//SOURCES Recipe.java
//SOURCES TypedShell.java
//SOURCES ../Ip.java
package kit.byhand;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/**
 * The two terminals of who builds a container by hand: the first one becomes the container, the second one stays where the
 * first one began, on "the host", which is a set of namespaces made for the purpose.
 */
public final class TwoShells implements AutoCloseable {
    private static final Namespace[] HOST = {Namespace.MNT, Namespace.UTS, Namespace.IPC, Namespace.NET};
    private static final Namespace[] BOX = {Namespace.MNT, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.PID, Namespace.CGROUP};

    public final TypedShell first;
    public final TypedShell second;
    /** The PID of the second one, which plays the host to the end. */
    public final int host;
    private final Lab lab;
    private final Caller outside;
    private final String user;
    private int box;

    /** Makes sure that there are the programs that both use. */
    public static void need() {
        Ip.need();
        TypedShell.need("unshare util-linux", "nsenter util-linux", "mount mount", "umount mount", "pivot_root util-linux", "setsid util-linux", "ipcmk util-linux",
                "hostname hostname");
    }

    /**
     * The first one goes to the host by a recipe of one step, the second one comes after it by nsenter(1).
     *
     * @throws NotIsolated if what should be the host is the machine
     */
    public TwoShells(Lab lab, Caller outside, Recipe toTheHost) {
        this.lab = lab;
        this.outside = outside;
        String prompt = lab.rootless() ? "$ " : "# ";
        user = lab.rootless() ? " --user --preserve-credentials" : "";
        first = new TypedShell(lab, outside, prompt);
        lab.show(toTheHost.last().why());
        first.enter(toTheHost.last().commands(), "host# ", HOST);
        String pid = first.type("echo $$");
        lab.show("\nThe second terminal comes there, too, to look at it from the host:");
        second = new TypedShell(lab, outside, prompt);
        second.enter("nsenter --target " + pid + user + " --mount --uts --ipc --net sh; exit", "host# ", HOST);
        host = Integer.parseInt(second.sh("echo $$"));
    }

    /** All steps of a recipe but the last, on the first terminal, with what the second one sees after each; tells of each step when it is done. */
    public void follow(Recipe recipe, Consumer<String> done) {
        for (Recipe.Step step : recipe.first()) {
            begin(step);
            first.type(step.commands());
            step.looks().forEach(second::look);
            done.accept(step.name());
        }
    }

    /** The last step of a recipe, by which the first terminal gets into the container. */
    public void container(Recipe recipe, Consumer<String> done) {
        first.enter(recipe.last().commands(), "box# ", BOX);
        lab.show("\nIts PID on the host is that of the parent of cut(1), for /proc is still the host's:");
        box = Integer.parseInt(first.type("cut -d ' ' -f 4 /proc/self/stat"));
        second.type("BOX=" + box);
        recipe.last().looks().forEach(second::look);
        done.accept(recipe.last().name());
    }

    /** The PID of the container's process 1; 0 as long as there is none. */
    public int box() {
        return box;
    }

    /**
     * Makes sure that the container's root is this directory of the host's.
     *
     * @throws IllegalStateException if it is not: then nothing else may be typed
     */
    public void standsIn(String directory) {
        String wanted = second.sh("stat -L -c %d:%i " + directory), root = second.sh("stat -L -c %d:%i /proc/" + box + "/root");
        if (!wanted.matches("\\d+:\\d+") || !wanted.equals(root)) {
            throw new IllegalStateException("the container's root is " + root + ", not " + directory + " (" + wanted + "); nothing more is done");
        }
    }

    /** The types of namespaces in which the container stands apart from the host. */
    public String apart() {
        return Stream.of(Namespace.values()).filter(type -> Proc.exists("/proc/self/ns/" + type.proc) && !type.of(box).equals(type.of(host)))
                .map(type -> type.proc).sorted().collect(Collectors.joining(" "));
    }

    /** The network devices that one of them has. */
    public String devices(TypedShell shell) {
        return Ip.names(shell.sh("cat /proc/net/dev"));
    }

    /** Those of the second one, once this one is not among them: the kernel takes a network namespace apart a little later. */
    public String devicesWithout(String name) throws InterruptedException {
        for (int i = 0; i < 250 && devices(second).contains(name); i++) {
            Thread.sleep(20);
        }
        return devices(second);
    }

    /** The last step of a recipe, by which one shell there becomes another. */
    public void become(Recipe recipe, Consumer<String> done) {
        begin(recipe.last());
        first.enter(recipe.last().commands(), "box# ");
        recipe.last().looks().forEach(second::look);
        done.accept(recipe.last().name());
    }

    private void begin(Recipe.Step step) {
        lab.step(step.name().substring(0, 1).toUpperCase() + step.name().substring(1), step.why());
    }

    /** An interactive shell in the container, for who comes from the machine. */
    public Child shell() {
        return outside.call(() -> Child.interactive(0, UserMap.NONE, List.of(), "/bin/sh", "-c", enter(user) + " /bin/env -i PATH=/bin HOME=/root /bin/sh"));
    }

    /** How the second terminal starts a program in the container. */
    public String enter() {
        return enter(""); // it is in the user namespace already, and must not ask for it
    }

    private String enter(String from) {
        return "nsenter --target " + box + from + " --mount --uts --ipc --net --pid --cgroup";
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
