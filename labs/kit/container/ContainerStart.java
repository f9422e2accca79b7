package kit.container;

import static kit.Libc.*;

import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import kit.*;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The two words of {@link ContainerTool} that start a process and attend to it until it ends: run and exec. */
final class ContainerStart {
    private ContainerStart() {}

    @Command(name = "run", description = "Starts a container; it ends with its command.")
    static final class Run extends ContainerTool.Word {
        @Mixin
        ContainerOptions options;

        @Option(names = {"-d", "--detach"}, description = "Leaves it running and prints its name; 'logs' prints its output.")
        boolean detach;

        @Option(names = "--name", paramLabel = "ID", description = "Its name.")
        String name;

        @Option(names = {"-t", "--tty"}, description = "Gives it a terminal of its own, which it gets anyway if we have one.")
        boolean tty;

        @Option(names = "--rm", description = "With --detach: forgets its exit code and output when it ends.")
        boolean forget;

        @Override
        public Integer call() throws IOException {
            boolean detached = ContainerDetached.name() != null;
            String id = detached ? ContainerDetached.name() : name != null ? name : random();
            if (!id.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
                throw new Json.Wrong("--name: " + id + " is not made of letters, digits, '_', '.' and '-'");
            }
            JsonObject config = options.config();
            ContainerSpec spec = options.spec(config);
            if (detach && !detached) {
                return ContainerDetached.start(id);
            }
            Caller creator = new Caller("container");
            ContainerState state = ContainerState.take(id, config);
            boolean keep = detached && !forget;
            try {
                ContainerDetached starter = detached ? ContainerDetached.to(state.log()) : null;
                boolean terminal = tty || isatty(0) == 1 && isatty(1) == 1 || spec.terminal && isatty(0) == 1;
                if (spec.terminal && !terminal) {
                    spec.notes.add("process.terminal is true, but there is none here: it goes on without");
                }
                CompletableFuture<ContainerRun> started = new CompletableFuture<>();
                Signals.forward(signal -> pass(signal, started.join().terminal, started.join()::signal)); // one that comes too early waits
                try (ContainerRun run = ContainerRun.start(creator, spec, terminal ? ContainerRun.Streams.TERMINAL : ContainerRun.Streams.INHERITED)) {
                    started.complete(run);
                    spec.notes.forEach(ContainerTool::note);
                    state.running(run.pid());
                    if (detached) {
                        starter.ready();
                    } else if (terminal) {
                        run.terminal.connect();
                    }
                    int status = run.waitFor();
                    if (keep) {
                        state.exited(status);
                    }
                    return status;
                }
            } catch (RuntimeException e) {
                keep = false;
                throw e;
            } finally {
                if (!keep) {
                    state.remove();
                }
            }
        }

        private static String random() {
            byte[] bytes = new byte[6];
            new SecureRandom().nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        }
    }

    @Command(name = "exec", description = "Runs a further command in a container, with no more rights than the first one.")
    static final class Exec extends ContainerTool.Word {
        @Option(names = {"-t", "--tty"}, description = "Gives it a terminal of its own, which it gets anyway if we have one.")
        boolean tty;

        @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Sets an environment variable.")
        List<String> environment = List.of();

        @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "The directory where it starts.")
        String workingDirectory;

        @Parameters(index = "0", paramLabel = "ID", description = "The container.")
        String id;

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The command and its arguments.")
        List<String> command;

        @Override
        public Integer call() {
            ContainerState state = ContainerState.of(id);
            if (!state.runs()) {
                throw new Json.Wrong("the container " + id + " does not run");
            }
            ContainerSpec spec = ContainerConfig.read(state.config(), Path.of("/"));
            spec.args = command.get(0).equals("--") ? command.subList(1, command.size()) : command; // picocli leaves it in behind the ID
            spec.environment = new ArrayList<>(spec.environment);
            spec.environment.addAll(environment);
            spec.workingDirectory = workingDirectory == null ? spec.workingDirectory : workingDirectory;
            boolean terminal = tty || isatty(0) == 1 && isatty(1) == 1;
            CompletableFuture<ContainerExec> started = new CompletableFuture<>();
            Signals.forward(signal -> pass(signal, started.join().terminal, started.join()::signal));
            try (ContainerExec exec = ContainerExec.start(new Caller("exec"), state.pid(), spec, terminal)) {
                started.complete(exec);
                if (terminal) {
                    exec.terminal.connect();
                }
                return exec.puppet.waitFor();
            }
        }
    }

    /** A signal for who runs in the container; one that tells of a terminal's size is for its terminal. */
    private static void pass(int signal, Pty terminal, IntConsumer to) {
        if (signal != SIGWINCH) {
            to.accept(signal);
        } else if (terminal != null) {
            terminal.resize();
        }
    }
}
