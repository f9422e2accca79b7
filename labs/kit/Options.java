package kit;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that every lab has. */
@Command(version = Lab.VERSION, mixinStandardHelpOptions = false, sortOptions = false, separator = " ",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every claim holds", "1:a claim does not hold", "2:wrong usage",
            "77:this machine cannot do it; the cause and the remedy are printed"})
final class Options {
    @Spec
    CommandSpec spec;

    @Option(names = "--shell", description = "Opens an interactive shell inside, and goes on when it ends.")
    boolean shell;

    @Option(names = "--hold", description = "Keeps the namespaces open: prints 'ready pid=PID', goes on at Enter or end of input.")
    boolean hold;

    @Option(names = "--step", description = "Waits for Enter between the steps.")
    boolean step;

    @Option(names = "--json", description = "Prints the record as JSON and nothing else.")
    boolean json;

    @Option(names = "--record", paramLabel = "DIR", description = "Writes the record to DIR/LAB.json.")
    Path record;

    @Option(names = "--student", paramLabel = "ID", description = "Derives the names that the lab chooses from ID.")
    String student;

    @Option(names = "--claims", description = "Lists the claims of the lab as JSON, without running it.")
    boolean claims;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Prints this help.")
    boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Prints the version.")
    boolean version;

    /** Parses or ends the program: 0 after --help and --version, 2 after wrong usage. */
    static Options parse(String lab, String question, Object own, String[] args) {
        Options options = new Options();
        CommandLine line = new CommandLine(options).setCommandName(lab);
        if (own != null) {
            line.addMixin("own", own);
        }
        line.getCommandSpec().usageMessage().description(question + "%n");
        try {
            line.parseArgs(args);
            if (line.isUsageHelpRequested()) {
                line.usage(System.out);
                System.exit(0);
            }
            if (line.isVersionHelpRequested()) {
                line.printVersionHelp(System.out);
                System.exit(0);
            }
            options.check(line);
        } catch (ParameterException e) {
            System.err.println(lab + ": " + e.getMessage());
            CommandLine.UnmatchedArgumentException.printSuggestions(e, System.err);
            System.err.println("Try: " + lab + " --help");
            System.exit(2);
        }
        return options;
    }

    private void check(CommandLine line) {
        if (json && (shell || step)) {
            throw new ParameterException(line, "--json prints nothing but the record; take it without --shell and --step");
        }
        if (hold && shell) {
            throw new ParameterException(line, "--hold and --shell both keep the namespaces open; take one of them");
        }
        if (record != null && !(Files.isDirectory(record) && Files.isWritable(record))) {
            throw new ParameterException(line, "--record: '" + record + "' is not a directory that you can write to; make it first");
        }
        if (student != null && (student.isBlank() || student.length() > 100)) {
            throw new ParameterException(line, "--student: the ID must have 1 to 100 characters");
        }
    }
}
