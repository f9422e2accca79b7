//SOURCES ContainerDetached.java
//SOURCES ContainerExec.java
//SOURCES ContainerOptions.java
//SOURCES ContainerRun.java
//SOURCES ContainerStart.java
//SOURCES ContainerState.java
//SOURCES ../Signals.java
package kit.container;

import static kit.Libc.*;

import com.grack.nanojson.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import kit.*;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine;

/** The container as a tool: run, exec, ps, logs, rm, spec. The options and exit codes are those that users of docker(1) know. */
@Command(name = "Container", description = "Runs a command in a container, as root or as an ordinary user.",
        subcommands = {ContainerStart.Run.class, ContainerStart.Exec.class, ContainerTool.Ps.class, ContainerTool.Logs.class, ContainerTool.Rm.class, ContainerTool.Spec.class})
public final class ContainerTool {
    public static final List<String> WORDS = List.of("run", "exec", "ps", "logs", "rm", "spec");
    private static final int WRONG = 125, NOT_STARTED = 126, NOT_FOUND = 127, CANNOT = 77;

    private ContainerTool() {}

    /** What the help of the lab says of the tool. */
    @Command(footer = {"", "As a tool: Container run [options] -- COMMAND, and exec, ps, logs, rm, spec; each has a --help."})
    public static final class Words {}

    /** Does what the words say: the exit code. */
    public static int main(String... words) {
        Machine.completePath();
        CommandLine line = new CommandLine(ContainerTool.class, new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == ContainerTool.class ? type.cast(new ContainerTool()) : CommandLine.defaultFactory().create(type);
            }
        });
        line.setStopAtPositional(true).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, given) -> {
            System.err.println(e.getCommandLine().getCommandName() + ": " + e.getMessage());
            System.err.println("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return 2;
        });
        line.setExecutionExceptionHandler((e, command, result) -> explain(e));
        return line.execute(words);
    }

    /** Says what went wrong, and gives the exit code for it. */
    private static int explain(Exception e) {
        if (e instanceof Problem problem) {
            System.err.println("ERROR " + problem.getMessage());
            System.err.println("cause: " + problem.diagnosis.cause());
            System.err.println("remedy: " + problem.diagnosis.remedy());
            return problem.call.startsWith("execve") ? problem.errno == Errno.ENOENT ? NOT_FOUND : NOT_STARTED : problem.diagnosis.known() ? CANNOT : WRONG;
        }
        System.err.println("ERROR " + (e.getMessage() == null ? e.toString() : e.getMessage()));
        return WRONG;
    }

    @Command(separator = " ", sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0-124:the command's own, 128 + N if signal N ended it",
            "2:wrong usage", "77:this machine cannot do it; the cause and the remedy are printed", "125:there is no such container, or it cannot be made",
            "126:the command cannot be started", "127:there is no such command"})
    abstract static class Word implements Callable<Integer> {
        @Option(names = {"-h", "--help"}, usageHelp = true, description = "Prints this help.")
        boolean help;
    }

    @Command(name = "ps", description = "Lists the containers of this user.")
    static final class Ps extends Word {
        @Override
        public Integer call() {
            System.out.printf("%-14s %-8s %-14s %s%n", "ID", "PID", "STATUS", "COMMAND");
            for (ContainerState state : ContainerState.all()) {
                System.out.printf("%-14s %-8s %-14s %s%n", state.id, state.runs() ? state.pid() : "-", state.runs() ? "running"
                        : state.exited() != null ? "exited (" + state.exited() + ")" : "starting", state.command());
            }
            return 0;
        }
    }

    @Command(name = "logs", description = "Prints what a detached container has printed.")
    static final class Logs extends Word {
        @Parameters(paramLabel = "ID", description = "The container.")
        String id;

        @Override
        public Integer call() throws IOException {
            ContainerState state = ContainerState.of(id);
            if (!Files.exists(state.log())) {
                throw new Json.Wrong("the container " + id + " is not detached: it prints where it was started");
            }
            Files.copy(state.log(), System.out);
            return 0;
        }
    }

    @Command(name = "rm", description = "Ends containers and forgets them.")
    static final class Rm extends Word {
        @Parameters(arity = "1..*", paramLabel = "ID", description = "The containers.")
        List<String> ids;

        @Override
        public Integer call() throws InterruptedException {
            for (ContainerState state : ids.stream().map(ContainerState::of).toList()) {
                for (int round = 0; state.runs() || state.supervised(); round++) {
                    if (round == 500) {
                        throw new Json.Wrong("the container " + state.id + " does not end");
                    }
                    if (state.runs()) {
                        Errno.of(() -> kill(state.pid(), SIGKILL));
                    }
                    Thread.sleep(20);
                }
                state.remove();
                System.out.println(state.id);
            }
            return 0;
        }
    }

    @Command(name = "spec", description = "Prints the config.json that run would use with these options.")
    static final class Spec extends Word {
        @Mixin
        ContainerOptions options;

        @Override
        public Integer call() throws IOException {
            System.out.println(JsonWriter.indent("  ").string().value(options.config()).done());
            return 0;
        }
    }

    static void note(String text) {
        System.err.println("note: " + text);
    }
}
