///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:5.14.1
//DEPS org.junit.platform:junit-platform-launcher:1.14.1
//DEPS com.networknt:json-schema-validator:1.5.9
//DEPS org.slf4j:slf4j-nop:2.0.17
//DEPS net.java.dev.jna:jna:5.18.1
//DEPS info.picocli:picocli:4.7.7
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS com.samskivert:jmustache:1.16
//DEPS org.webjars.npm:chart.js:4.5.1
//DEPS org.jsoup:jsoup:1.21.2
//SOURCES *Test.java
//SOURCES outside/*.java
//SOURCES madeup/*.java
//SOURCES grader/model/*.java
//SOURCES grader/plan/*.java
//SOURCES grader/export/*.java
//SOURCES grader/work/Roster.java
//JAVAC_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import outside.Coverage;
import outside.Report;
import outside.Scratch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the tests of the labs: all of them, or those of the labs named. The tests of the book extend it. */
@Command(name = "./build.sh test", description = "Looks from outside whether the labs do what they say.",
        footer = {"", "Exit code: 0 when nothing failed and something ran, 1 otherwise, 2 for wrong usage."})
public class Tests implements Callable<Integer> {
    private static final String GRADER = "grader";

    @Option(names = "--strict", description = "a skipped test is a failure")
    boolean strict;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this help")
    boolean help;

    @Parameters(paramLabel = "Lab", description = "a lab's name in any case (uts), or a test's (options)")
    List<String> names = new ArrayList<>();

    public static void main(String... args) {
        System.exit(new CommandLine(new Tests()).execute(args));
    }

    /** The names of the test classes there are. */
    List<String> classes() throws IOException {
        return Coverage.testClasses();
    }

    @Override
    public final Integer call() throws IOException, InterruptedException {
        var all = classes();
        var chosen = new ArrayList<String>();
        for (var name : names) {
            var found = all.stream().filter(each -> each.equalsIgnoreCase(name + "Test") || each.equalsIgnoreCase(name)).toList();
            if (found.isEmpty()) {
                System.err.println("No test is named " + name + ". There are: " + String.join(", ", all.stream().map(each -> each.replaceFirst("Test$", "")).toList()));
                return 2;
            }
            chosen.addAll(found);
        }
        return run(chosen.isEmpty() ? all : chosen.stream().distinct().toList());
    }

    private int run(List<String> classes) throws IOException, InterruptedException {
        // UTF-8 whatever the locale: the tree has ticks and crosses in it.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        var report = new Report(System.out, isTerminal());
        // System.exit in a test, or in what it calls, would end the run with whatever code it likes. Not unnoticed.
        var guard = new Thread(() -> {
            if (report.finished()) return;
            end(report);
            Scratch.leave(); // halt runs no other hook to its end
            Runtime.getRuntime().halt(1);
        });
        Runtime.getRuntime().addShutdownHook(guard);
        // Nothing but Jupiter and our listener: no class-path scan adds to what a run does.
        var config = LauncherConfig.builder().enableTestEngineAutoRegistration(false).addTestEngines(new JupiterTestEngine())
                .enableTestExecutionListenerAutoRegistration(false).build();
        var launcher = LauncherFactory.create(config);
        var plan = launcher.discover(request(classes).build());
        for (var name : classes) {
            // JUnit is silent about a class in which it finds no test.
            if (plan.countTestIdentifiers(each -> each.getSource().map(source -> source instanceof MethodSource method
                    && (method.getClassName() + "$").startsWith(name + "$")).orElse(false)) == 0) report.lost(name + " holds no test");
        }
        // The tests of the labs look at the machine as well, so there one class comes after the other. Those of the grader look at what they have started.
        launcher.execute(request(classes).filters(TagFilter.excludeTags(GRADER)).build(), report);
        launcher.execute(request(classes).filters(TagFilter.includeTags(GRADER)).configurationParameter("junit.jupiter.execution.parallel.mode.classes.default", "concurrent").build(), report);
        end(report);
        if (report.failed() > 0 || report.passed() == 0) return 1;
        return strict && report.skipped() > 0 ? 1 : 0;
    }

    /** What is to run. In a class, only what is @Execution(CONCURRENT) runs side by side: it has nothing to do with its neighbours. */
    private static LauncherDiscoveryRequestBuilder request(List<String> classes) {
        return LauncherDiscoveryRequestBuilder.request().selectors(classes.stream().map(DiscoverySelectors::selectClass).toList())
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true").configurationParameter("junit.jupiter.execution.parallel.config.strategy", "fixed")
                .configurationParameter("junit.jupiter.execution.parallel.config.fixed.parallelism", "" + (Runtime.getRuntime().availableProcessors() + 1));
    }

    /** From JDK 22 on System.console() is there even when the output goes to a file, so this asks test(1). */
    private static boolean isTerminal() throws IOException, InterruptedException {
        return new ProcessBuilder("test", "-t", "1").inheritIO().start().waitFor() == 0;
    }

    private void end(Report report) {
        report.summary();
        System.out.println();
        if (strict && report.skipped() > 0) System.out.println("--strict: the skipped tests count as failures.");
        if (report.passed() + report.failed() == 0) System.out.println("No test ran: that counts as a failure.");
        System.out.println(report.totals());
    }
}
