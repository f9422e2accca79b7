package kit.container;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kit.*;

/** A run that stays when the command that started it is done: the same command line in another JVM, which leads a session of its own. */
final class ContainerDetached {
    /** Tells that JVM what it is, and the container's name. */
    private static final String NAME = "NAMESPACE_LABS_DETACHED", READY = "ready";

    private final PrintStream starter;
    private final PrintStream log;

    private ContainerDetached(PrintStream starter, PrintStream log) {
        this.starter = starter;
        this.log = log;
    }

    /** The name of the container that this JVM is to run detached; null in an ordinary one. */
    static String name() {
        return System.getenv(NAME);
    }

    /** Starts that JVM, and passes on what it says until its container runs: the exit code. */
    static int start(String id) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(Proc.read("/proc/self/cmdline").split("\0", -1)));
        command.set(0, Proc.readlink("/proc/self/exe"));
        command.remove(command.size() - 1); // each word ends with a NUL
        command.add(0, "setsid");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null"));
        builder.environment().put(NAME, id);
        Process process = builder.start();
        BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream()));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.equals(READY)) {
                System.out.println(id);
                return 0;
            }
            System.err.println(line);
        }
        return process.onExit().join().exitValue();
    }

    /** In that JVM: from now on a log takes what is printed, by the container too; only errors still go to the starter. */
    static ContainerDetached to(Path log) throws IOException {
        PrintStream starter = new PrintStream(new FileOutputStream("/proc/self/fd/1"), true);
        PrintStream file = new PrintStream(new FileOutputStream(log.toFile()), true);
        int fd = Libc.open(log.toString(), Libc.O_WRONLY | Libc.O_APPEND, 0);
        Libc.dup2(fd, 1);
        Libc.dup2(fd, 2);
        Libc.close(fd);
        System.setErr(starter);
        return new ContainerDetached(starter, file);
    }

    /** The container runs: the starter may go. */
    void ready() {
        System.setErr(log);
        starter.println(READY);
        starter.close();
    }
}
