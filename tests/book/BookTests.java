///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.seleniumhq.selenium:selenium-chrome-driver:4.27.0
//DEPS com.deque.html.axe-core:selenium:4.10.1
//DEPS org.w3c:epubcheck:5.2.1
//DEPS org.apache.pdfbox:pdfbox:3.0.3
//SOURCES ../Tests.java
//SOURCES Browser.java
//SOURCES BrowserTest.java
//SOURCES BookTest.java
//SOURCES ResultsBrowserTest.java

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs the tests of the course book, apart from those of the labs, because they need a browser and many libraries. */
@Command(name = "./build.sh test book", description = "Looks whether the course book is whole, true, and good to read in a browser.",
        footer = {"", "Exit code: 0 when nothing failed and something ran, 1 otherwise, 2 for wrong usage."})
public final class BookTests extends Tests {
    public static void main(String... args) {
        System.exit(new CommandLine(new BookTests()).execute(args));
    }

    @Override
    List<String> classes() {
        return List.of("BookTest", "BrowserTest", "ResultsBrowserTest");
    }
}
