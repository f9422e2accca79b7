package kit.xray;

import static kit.Libc.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kit.*;

/**
 * Where engines make their containers, and where everything that they leave ends with the lab: the files in a tmpfs of a
 * mount namespace, the processes in a PID namespace, whose first process dies with us. For what no namespace holds, cgroups
 * and an image of docker's, a shell waits beside the lab for the end of its input, which comes however the lab ends; and
 * should that one be killed as well, the next lab's clears away what is left.
 */
public final class EnginePlace implements AutoCloseable {
    /** Arguments: docker or ":", the beginning of all names, ours, and directories with cgroups. */
    private static final String WATCHER = """
        docker=$1 pattern=$2 name=$3; shift 3
        clean() {
            find "$@" -depth -type d -path "*/$name*" | while read -r cgroup; do kill -9 $(cat "$cgroup"/cgroup.procs); rmdir "$cgroup"; done
            $docker rm --force "$name"; $docker rmi "$name"
        }
        left() { find "$@" -maxdepth 2 -type d -name "$name"; $docker images --quiet "$name"; }
        ours=$name
        for name in $({ find "$@" -maxdepth 1 -name "$pattern*" -printf '%f\\n'; $docker images --format '{{.Repository}}' | grep "^$pattern"; } | sort -u); do
            pid=${name#$pattern}; [ -d "/proc/${pid%%-*}" ] || clean "$@"
        done
        name=$ours
        read -r nothing
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
            [ -n "$(left "$@")" ] || exit 0
            clean "$@"
            sleep 0.1
        done
        """;

    /** A shell in a container. */
    public record Container(Child shell, int pid) {}

    private final Caller home;
    private final String directory;
    private final String hostname;
    private final String name;
    private final Caller place;
    private final Child init;
    private final Process watcher;
    private final String refusal; // what this machine says to a fresh /proc; empty where nothing
    private String dockerd = "";
    private final Map<Engine, Container> containers = new EnumMap<>(Engine.class);
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
            if [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then mount -t tmpfs none /sys/fs/cgroup/unified; fi # crun refuses to work beside it
            """);
        refusal = mounts.status() == 0 ? "" : mounts.text();
        boolean docker = engines.contains(Engine.DOCKER) && has(Engine.DOCKER);
        List<String> watch = new ArrayList<>(List.of("setsid", "sh", "-c", WATCHER, "sh", docker ? "docker" : ":", pattern, name, "/nonexistent"));
        watch.addAll(makesCgroups() ? trees() : List.of());
        watcher = new ProcessBuilder(watch).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Map<Engine, Child> started = new LinkedHashMap<>();
        for (Engine engine : Engine.values()) {
            if (engines.contains(engine) && has(engine)) {
                started.put(engine, start(engine));
            }
        }
        started.forEach(this::greet); // they have all been starting meanwhile
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
            Output answer = home.command("docker info --format '{{.ServerVersion}}: {{.CgroupDriver}} {{.SecurityOptions}}'");
            dockerd = answer.status() == 0 ? answer.text().lines().reduce("", (before, last) -> last) : ""; // before it there may be warnings
            if (dockerd.isEmpty() || dockerd.startsWith(":")) {
                obstacles.put(engine, answer.text().lines().filter(line -> !line.matches("|WARNING.*|: .*|errors pretty.*")).reduce("", (all, line) -> all + line));
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
            String config = Engine.configuration(spec, this, "/" + name + "/" + engine.program());
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
        Output greeting = shell.run("true"); // with what the engine had to say before
        if (greeting.status() != 0) {
            refuse(engine, greeting.text(), shell);
            return;
        }
        String inner = shell.sh("echo $$");
        int pid = engine == Engine.DOCKER ? Integer.parseInt(home.sh("docker inspect --format '{{.State.Pid}}' " + name + " 2>/dev/null"))
                : Proc.pidOf(shell.sh("readlink /proc/$$/ns/pid"), inner);
        if (Proc.exists("/proc/" + pid) && Proc.status(pid, "NSpid").endsWith(" " + inner)) {
            containers.put(engine, new Container(shell, pid));
        } else {
            refuse(engine, "its container is not on this machine", shell);
        }
    }

    private void refuse(Engine engine, String why, Child shell) {
        obstacles.put(engine, why.strip().replaceAll("\\s*\n\\s*", "; "));
        shell.close();
    }

    /** The containers that came about. */
    public Map<Engine, Container> containers() {
        return containers;
    }

    /** Why an engine that is installed made none, in its own words where it has some; or ({@code false}) one that is not installed. */
    public List<String> refusals(boolean installed) {
        return obstacles.entrySet().stream().filter(each -> installed == Machine.has(each.getKey().program()))
                .map(each -> each.getKey().program() + " makes no container here: " + each.getValue()).toList();
    }

    /** Whether who runs this lab may make cgroups: in all trees, as engines want it. */
    public static boolean makesCgroups() {
        return !trees().isEmpty() && trees().stream().allMatch(point -> Files.isWritable(Path.of(point)));
    }

    /** Where cgroups are mounted, also where our own is not among them: an engine makes its own in every tree. */
    private static List<String> trees() {
        return Proc.read("/proc/self/mountinfo").lines().filter(line -> line.contains(" - cgroup")).map(line -> line.split(" ")[4]).distinct().toList();
    }

    /** What dockerd says of itself: cgroup driver and security options; empty without one. */
    public String dockerd() {
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
        containers.values().forEach(container -> container.shell.close());
        init.close();
        place.close();
        watcher.getOutputStream().close();
        watcher.onExit().join();
    }
}
