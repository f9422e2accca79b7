///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS info.picocli:picocli:4.7.7
//SOURCES book/Volatile.java
//SOURCES book/Capture.java
//JAVAC_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData

import book.Capture;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Captures what the labs and the shell sessions of the book print, for the chapters to include. */
@Command(name = "outputs", description = "Captures what the labs and the shell sessions print: docs/outputs.")
public final class Outputs implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "Only these, for example: uts uts-commands (default: all).")
    List<String> names = List.of();

    @Option(names = "--check", description = "Writes nothing; fails where an output is no longer what is printed.")
    boolean check;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Prints this help.")
    boolean help;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Outputs()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        return new Capture(Path.of(System.getenv("NSLABS_HOME"))).run(names, check);
    }
}
