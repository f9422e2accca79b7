package outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A cluster of one node: Debian's slurm-wlm with a key, ports and files of its own; nothing of the machine's is used or changed. */
public final class Slurm implements AutoCloseable {
    private static final List<String> PROGRAMS = List.of("munged", "slurmctld", "slurmd", "sbatch", "sinfo");

    private final Path folder;
    private final List<Process> daemons = new ArrayList<>();

    /** Why there can be no cluster here; null if there can. */
    public static String obstacle() {
        if (!As.TESTS_ARE_ROOT) return "the daemon of Slurm that starts jobs is started as root";
        var missing = PROGRAMS.stream().filter(program -> !Ran.has(program)).toList();
        return missing.isEmpty() ? null : String.join(", ", missing) + " is not installed (Debian: slurmctld, slurmd, slurm-client, munge)";
    }

    /** Starts the daemons and waits until the node takes jobs. */
    public Slurm(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        for (var each : List.of("munge", "state", "spool")) Files.createDirectory(folder.resolve(each), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var key = new byte[64];
        new SecureRandom().nextBytes(key);
        Files.write(Files.createFile(folder.resolve("munge/key"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))), key);
        var host = Ran.command("hostname", "-s").okay().stdout().strip();
        int controller = freePort(), node = freePort();
        Files.writeString(folder.resolve("slurm.conf"), String.join("\n", "ClusterName=class", "SlurmctldHost=" + host + "(127.0.0.1)", "SlurmctldPort=" + controller, "SlurmdPort=" + node,
                "SlurmUser=root", "SlurmdUser=root", "AuthType=auth/munge", "AuthInfo=socket=" + folder.resolve("munge/socket"), "StateSaveLocation=" + folder.resolve("state"), "SlurmdSpoolDir=" + folder.resolve("spool"),
                "SlurmctldPidFile=" + folder.resolve("slurmctld.pid"), "SlurmdPidFile=" + folder.resolve("slurmd.pid"), "ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "SelectType=select/cons_tres",
                "SelectTypeParameters=CR_Core", "MpiDefault=none", "ReturnToService=2", "SlurmdParameters=config_overrides", "NodeName=" + host + " NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 State=UNKNOWN",
                "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP", ""));
        try {
            daemon("munged", "--foreground", "--force", "--socket=" + folder.resolve("munge/socket"), "--key-file=" + folder.resolve("munge/key"), "--pid-file=" + folder.resolve("munge/pid"),
                    "--log-file=" + folder.resolve("munge/log"), "--seed-file=" + folder.resolve("munge/seed"));
            daemon("slurmctld", "-D", "-f", folder.resolve("slurm.conf").toString());
            daemon("slurmd", "-D", "-f", folder.resolve("slurm.conf").toString());
            for (long end = System.nanoTime() + Scratch.patience(60) * 1_000_000_000L; !command(10, "sinfo", "--noheader", "--format=%T").stdout().strip().equals("idle"); Thread.sleep(100)) {
                if (System.nanoTime() > end) throw new IllegalStateException("the node takes no jobs: " + said());
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void daemon(String... line) throws IOException {
        var builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(folder.resolve(line[0] + ".said").toFile());
        Ran.mark(builder);
        daemons.add(builder.start());
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What its daemons printed. */
    private String said() {
        return String.join("\n", PROGRAMS.subList(0, 3).stream().map(each -> Ran.read(folder.resolve(each + ".said"))).toList());
    }

    /** Runs a command of Slurm's, in the workbook. */
    public Ran command(long seconds, String... line) {
        var builder = new ProcessBuilder(line).directory(Home.path().toFile());
        builder.environment().put("SLURM_CONF", folder.resolve("slurm.conf").toString());
        return Ran.run(builder, "", seconds);
    }

    @Override
    public void close() {
        for (int i = daemons.size() - 1; i >= 0; i--) {
            daemons.get(i).destroy();
            try {
                if (!daemons.get(i).waitFor(20, TimeUnit.SECONDS)) daemons.get(i).destroyForcibly();
            } catch (InterruptedException e) {
                daemons.get(i).destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
