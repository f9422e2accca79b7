///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.asciidoctor:asciidoctorj-pdf:2.3.19
//DEPS org.asciidoctor:asciidoctorj-epub3:2.2.0
//SOURCES Book.java

import book.Edition;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Renders the course book as PDF and as EPUB. Apart from Book.java, which so needs no libraries for that. */
@Command(name = "paper", description = "Renders the course book as PDF, EPUB or both.")
public final class Paper implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "pdf|epub")
    List<String> formats;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the files go (default: build/book).")
    Path out;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Paper()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path root = Path.of(System.getenv("NSLABS_HOME"));
        int code = 0;
        for (String format : formats) {
            code = Math.max(code, Edition.paper(root, out == null ? root.resolve("build/book") : out.toAbsolutePath(), format.equals("epub") ? "epub3" : format));
        }
        return code;
    }
}
