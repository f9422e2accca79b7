///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:5.14.1
//DEPS org.junit.platform:junit-platform-launcher:1.14.1
//DEPS com.networknt:json-schema-validator:1.5.9
//DEPS org.slf4j:slf4j-nop:2.0.17
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.apache.commons:commons-compress:1.28.0
//DEPS net.java.dev.jna:jna:5.18.1
//DEPS info.picocli:picocli:4.7.7
//DEPS com.samskivert:jmustache:1.16
//DEPS org.webjars.npm:chart.js:4.5.1
//DEPS org.jline:jline-terminal:3.30.12
//DEPS org.jline:jline-reader:3.30.12
//SOURCES ../labs/kit/Lab.java
//SOURCES ../labs/kit/Capability.java
//SOURCES ../labs/kit/CgroupTree.java
//SOURCES ../labs/kit/OwnCgroup.java
//SOURCES ../labs/kit/Puppet.java
//SOURCES ../labs/kit/SeccompFilter.java
//SOURCES ../labs/kit/Syscall.java
//SOURCES ../labs/kit/Tmpfs.java
//SOURCES outside/*.java
//SOURCES grader/*/*.java
//JAVAC_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData

import grader.author.NewExerciseWord;
import grader.author.StartersWord;
import grader.watch.HandInWord;
import grader.watch.WatchWord;
import grader.work.GateWord;
import grader.work.GradeWord;
import grader.work.MergeWord;
import grader.work.PredictWord;
import grader.work.TryWord;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/**
 * Grades what students hand in: {@code ./build.sh grade DIR}. For authors {@code try}, {@code gate} and {@code starters}. What the
 * same judge does for a student, {@code ./build.sh watch}, is here too, so that all is compiled once.
 */
public final class Grade {
    public static void main(String... args) {
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)); // whatever the locale
        var word = args.length == 0 ? "" : args[0];
        var command = switch (word) {
            case "try" -> new TryWord();
            case "gate" -> new GateWord();
            case "merge" -> new MergeWord();
            case "predict" -> new PredictWord();
            case "starters" -> new StartersWord();
            case "watch" -> new WatchWord();
            case "hand-in" -> new HandInWord();
            case "new-exercise" -> new NewExerciseWord();
            default -> new GradeWord();
        };
        var rest = command instanceof GradeWord ? args : List.of(args).subList(1, args.length).toArray(String[]::new);
        var line = new CommandLine(command);
        line.setExecutionExceptionHandler((e, of, parsed) -> {
            if (!(e instanceof IllegalArgumentException) || System.getenv("NSLABS_DEBUG") != null) throw e;
            System.err.println(of.getCommandName().replace("./build.sh ", "") + ": " + e.getMessage()); // such as a file of the workbook that is not as it must be
            return 2;
        });
        System.exit(line.execute(rest));
    }
}
