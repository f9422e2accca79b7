///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS org.asciidoctor:asciidoctorj:3.0.0
//DEPS org.jsoup:jsoup:1.21.2
//DEPS org.webjars.npm:lunr:2.3.9
//DEPS org.mozilla:rhino:1.8.0
//DEPS org.apache.lucene:lucene-analysis-common:9.12.1
//DEPS org.webjars.npm:typo-js:1.2.1
//DEPS com.grack:nanojson:1.10
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-nop:2.0.17
//SOURCES book/Appendix.java
//SOURCES book/Check.java
//SOURCES book/Claims.java
//SOURCES book/Edition.java
//SOURCES book/Exercises.java
//SOURCES book/Macros.java
//SOURCES book/OutputInclude.java
//SOURCES book/Page.java
//SOURCES book/Problems.java
//SOURCES book/Quiz.java
//SOURCES book/SearchIndex.java
//SOURCES book/Serve.java
//SOURCES book/Spelling.java
//SOURCES book/Spine.java
//SOURCES ../tests/grader/plan/ExercisePlan.java
//SOURCES ../tests/grader/plan/PlannedClaim.java
//JAVAC_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData

import book.Edition;
import book.Serve;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Renders the course book: a page for each chapter, the search index, and the edition on one page. */
@Command(name = "book", description = "Renders the course book to HTML.")
public final class Book implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", description = "Where the pages go (default: build/book).")
    Path out;

    @Option(names = "--serve", description = "Shows the book on this machine alone, and makes it anew whenever a source changes.")
    boolean serve;

    @Option(names = "--port", paramLabel = "N", description = "The port for --serve (default: 8000; 0 takes any).")
    int port = 8000;

    @Option(names = "--draft", description = "For authors: writes the pages although something is wrong.")
    boolean draft;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Prints this help.")
    boolean help;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Book()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path root = Path.of(System.getenv("NSLABS_HOME"));
        Path folder = out == null ? root.resolve("build/book") : out.toAbsolutePath();
        if (serve) {
            Serve.run(root, folder, port);
        }
        int code = Edition.html(root, folder, draft);
        if (code == 0) {
            System.out.println(folder.resolve("index.html"));
        }
        return code;
    }
}
