///usr/bin/env jbang "$0" "$@" ; exit $?
//DEPS org.seleniumhq.selenium:selenium-chrome-driver:4.27.0
//DEPS com.deque.html.axe-core:selenium:4.10.1
//DEPS org.w3c:epubcheck:5.2.1
//DEPS org.apache.pdfbox:pdfbox:3.0.3
//SOURCES ../Tests.java
//SOURCES Browser.java
//SOURCES BrowserTest.java
//SOURCES BookTest.java

import java.util.List;

/** Runs the tests of the course book, apart from those of the labs, because they need a browser and many libraries. */
public final class BookTests {
    public static void main(String... args) throws Exception {
        System.exit(new Tests().run(List.of("BookTest", "BrowserTest")));
    }
}
