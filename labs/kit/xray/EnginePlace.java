//SOURCES DockerDaemon.java
//SOURCES Engine.java
//SOURCES EngineWatch.java
//SOURCES Subject.java
//SOURCES Xray.java
package kit.xray;

import static kit.Libc.*;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonWriter;
import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;

/**
 * Where engines make their containers, and where everything that they leave ends with the lab: the files in a tmpfs of a
 * mount namespace, the processes in a PID namespace, whose first process dies with us. For what no namespace holds there is
 * an {@link EngineWatch}.
 */
public final class EnginePlace implements AutoCloseable {
    private final Caller home;
    private final String directory;
    private final String hostname;
    private final String name;
    private final Caller place;
    private final Child init;
    private final EngineWatch watch;
    private final String refusal; // what this machine says to a fresh /proc; empty where nothing
    private DockerDaemon dockerd = DockerDaemon.NONE;
    private final Map<Engine, JsonObject> configs = new EnumMap<>(Engine.class);
    private final Map<Engine, Child> shells = new EnumMap<>(Engine.class);
    private final Map<Engine, Subject> containers = new EnumMap<>(Engine.class);
    private final Map<Engine, String> obstacles = new EnumMap<>(Engine.class);

    /**
     * @param home stands in a mount namespace of its own, with a root file system in directory/rootfs
     * @param hostname for the containers
     */
    public EnginePlace(Caller home, String directory, String hostname, Set<Engine> engines) throws IOException {
        this.home = home;
        this.directory = directory;
        this.hostname = hostname;
        String pattern = "nslabs-" + Namespace.PID.ofThisThread().replaceAll("\\D", "") + "-"; // PIDs mean nothing in another one
        name = pattern + getpid() + "-engines";
        place = home.another("engines");
        place.unshare(CLONE_NEWNS | CLONE_NEWPID);
        init = place.clone(0);
        Output mounts = init.run("""
            mount -t proc proc /proc && mount -t tmpfs none /run && if [ -d /dev/shm ]; then mount -t tmpfs none /dev/shm; fi &&
            if [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then mount -t tmpfs none /sys/fs/cgroup/unified; fi && # crun refuses to work beside it
            """ + (makesCgroups() ? "true" // else none at all: one in a delegated cgroup could be left when we are killed
                : "for tree in " + String.join(" ", trees()) + "; do mount -o remount,bind,ro $tree || exit; done"));
        refusal = mounts.status() == 0 ? "" : mounts.text();
        watch = new EngineWatch(engines.contains(Engine.DOCKER) && has(Engine.DOCKER), pattern, name, makesCgroups() ? trees() : List.of());
        for (Engine engine : engines) {
            if (has(engine)) {
                shells.put(engine, start(engine));
            }
        }
        shells.forEach(this::greet); // they have all been starting meanwhile
    }

    /** Whether it is there to be asked; and if not, why. */
    private boolean has(Engine engine) {
        if (obstacles.containsKey(engine)) {
            return false;
        }
        if (!Machine.has(engine.program())) {
            Diagnosis missing = Diagnosis.missing(engine.program(), engine.debianPackage);
            obstacles.put(engine, missing.cause() + "; " + missing.remedy());
        } else if (engine == Engine.DOCKER) {
            dockerd = DockerDaemon.ask(home);
            if (dockerd.obstacle() != null) {
                obstacles.put(engine, dockerd.obstacle());
            }
        } else if (!refusal.isEmpty()) {
            obstacles.put(engine, refusal);
        }
        return !obstacles.containsKey(engine);
    }

    private Child start(Engine engine) {
        String bundle = directory + "/" + engine.program();
        if (engine.wantsBundle()) {
            String spec = init.sh("mkdir BUNDLE && cd BUNDLE && ENGINE spec && cat config.json".replace("BUNDLE", bundle).replace("ENGINE", engine.program()));
            configs.put(engine, Engine.configuration(spec, this, "/" + name + "/" + engine.program()));
            String config = JsonWriter.string(configs.get(engine));
            place.call(() -> Files.writeString(Path.of(bundle, "config.json"), config)); // only this thread sees the directory
        }
        String command = engine.command(this).replace("BUNDLE", bundle).replace("ROOTFS", rootfs())
                .replace("HOSTNAME", hostname).replace("NAME", name);
        if (engine == Engine.DOCKER) {
            command = "tar -C " + rootfs() + " -c . | docker import - " + name + " >/dev/null && " + command;
        }
        // Where the engine fails, this shell answers in the place of the container's: with what the engine said, and a status.
        String line = "PATH=$PATH:/usr/sbin:/sbin; " + command + "\nprintf '\\001127\\001'; cat >/dev/null";
        Caller caller = engine == Engine.DOCKER ? home : place;
        return caller.call(() -> Child.talking(0, UserMap.NONE, List.of(), "/bin/sh", "-c", line));
    }

    /** Waits until the shell answers, and finds out who it is. */
    private void greet(Engine engine, Child shell) {
        try {
            Output greeting = shell.run("true"); // with what the engine had to say before
            if (!greeting.ok()) {
                obstacles.put(engine, greeting.text().strip().replaceAll("\\s*\n\\s*", "; "));
                return;
            }
            String inner = shell.sh("echo $$");
            String pid = engine == Engine.DOCKER ? home.sh("docker inspect --format '{{.State.Pid}}' " + name + " 2>/dev/null")
                    : String.valueOf(Proc.pidOf(shell.sh("readlink /proc/$$/ns/pid"), inner));
            if (Proc.exists("/proc/" + pid + "/status") && Proc.status(pid, "NSpid").endsWith(" " + inner)) {
                int number = Integer.parseInt(pid);
                containers.put(engine, new Subject(engine.program(), number, XrayCamera.of(number, shell), shell::sh));
            } else {
                obstacles.put(engine, "its container is not on this machine");
            }
        } catch (IllegalStateException e) {
            obstacles.put(engine, e.getMessage()); // no answer in time
        } catch (LastErrorException e) {
            obstacles.put(engine, "it ended before it said a word");
        }
    }

    /** The containers that came about. */
    public Collection<Subject> containers() {
        return containers.values();
    }

    /** Why an engine that was asked made none: in its own words, where it has some. */
    public List<String> refusals() {
        return obstacles.keySet().stream().map(this::refusal).toList();
    }

    private String refusal(Engine engine) {
        String obstacle = obstacles.get(engine);
        return engine.program() + (obstacle == null ? " was not asked, because of --engines or --pid" : " makes no container here: " + obstacle);
    }

    /** Why none of these engines made a container. */
    public String refusals(Engine... engines) {
        return Stream.of(engines).map(this::refusal).collect(Collectors.joining(". "));
    }

    /** What its config.json says of no_new_privs and of a filter: {@code 1, no filter}. */
    public String config(Subject container) {
        JsonObject config = configs.get(Engine.valueOf(container.name().toUpperCase(Locale.ROOT)));
        return (config.getObject("process").getBoolean("noNewPrivileges", false) ? 1 : 0) + ", " + (config.getObject("linux").has("seccomp") ? "filter" : "no filter");
    }

    /** Whether who runs this lab may make cgroups: in all trees, as engines want it. */
    public static boolean makesCgroups() {
        return !trees().isEmpty() && trees().stream().allMatch(point -> Files.isWritable(Path.of(point)));
    }

    /** Where cgroups are mounted, also where our own is not among them: an engine makes its own in every tree. */
    private static List<String> trees() {
        return Proc.read("/proc/self/mountinfo").lines().filter(line -> line.contains(" - cgroup")).map(line -> line.split(" ")[4]).distinct().toList();
    }

    public DockerDaemon dockerd() {
        return dockerd;
    }

    String directory() {
        return directory;
    }

    String rootfs() {
        return directory + "/rootfs";
    }

    String hostname() {
        return hostname;
    }

    @Override
    public void close() throws IOException {
        shells.values().forEach(Child::close);
        init.close();
        place.close();
        watch.close();
    }
}
