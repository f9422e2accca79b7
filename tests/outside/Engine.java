package outside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A docker daemon of the tests' own: with its own socket, data and network namespace, so that the machine keeps its settings,
 * and with nothing of it left when it is closed. Sources: dockerd(8), proc(5).
 */
public final class Engine implements AutoCloseable {
    private final Path folder = Scratch.newPath("dockerd");
    private final Path log = folder.resolve("log");
    private final String cgroup = "nslabs-tests-" + Scratch.RUN;
    private final Process process;

    private Engine() {
        try {
            Files.createDirectory(folder);
            // dockerd wants /run for a socket and a file of its own; the rest is said on the command line. Its group may use it.
            var builder = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "--net", "sh", "-c", "mount -t tmpfs none /run && exec \"$@\"", "-",
                    "dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--ip-forward=false", "--storage-driver=vfs",
                    "--exec-opt", "native.cgroupdriver=cgroupfs", "--cgroup-parent", "/" + cgroup, "--group", "" + As.ORDINARY_USER.uid(),
                    "--data-root", folder.resolve("data").toString(), "--exec-root", folder.resolve("exec").toString(),
                    "--pidfile", folder.resolve("pid").toString(), "--host", host());
            Ran.mark(builder);
            process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            awaitAnswer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts one.
     *
     * @throws TestAbortedException with the reason why there can be none here, in the daemon's own words where it has some
     */
    public static Engine start() {
        for (var program : List.of("docker", "dockerd"))
            if (!Ran.has(program)) throw new TestAbortedException(program + " is not installed (Debian's docker.io, or docker-cli)");
        if (!As.TESTS_ARE_ROOT) throw new TestAbortedException("dockerd is only started as root");
        try {
            return new Engine();
        } catch (TestAbortedException refused) {
            // dockerd gives containerd 15 seconds, too few on a slow disk that has not read the program yet. Now it has.
            if (!refused.getMessage().contains("timeout waiting for containerd")) throw refused;
            return new Engine();
        }
    }

    /** For DOCKER_HOST. */
    public String host() {
        return "unix://" + folder.resolve("docker.sock");
    }

    /** Asks the daemon by docker(1). */
    public Ran docker(String... arguments) {
        var line = new ArrayList<>(List.of("docker", "--host", host()));
        line.addAll(List.of(arguments));
        return Ran.command(line.toArray(String[]::new));
    }

    private void awaitAnswer() {
        var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Scratch.patience(60));
        while (docker("version").exit() != 0) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                var said = Ran.read(log).lines().reduce("nothing", (before, last) -> last);
                close();
                throw new TestAbortedException("dockerd does not work on this machine: " + said);
            }
            Processes.sleep(50);
        }
    }

    /** Ends the daemon, whose containers end with it, and removes its cgroups, which it leaves. */
    @Override
    public void close() {
        try {
            process.destroy();
            if (!process.waitFor(Scratch.patience(30), TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
            for (var mount : Proc.self().mounts()) {
                var top = Path.of(mount.point(), cgroup);
                if (!mount.type().startsWith("cgroup") || !Files.isDirectory(top)) continue;
                try (var all = Files.walk(top)) {
                    for (var each : (Iterable<Path>) all.filter(Files::isDirectory).sorted(Comparator.reverseOrder())::iterator) Files.delete(each);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
