import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import outside.Ran;

/** The pages of the book as a reader's browser shows them. */
@DisplayName("In a browser, from files,")
class BrowserTest {
    private static Path book;
    private static Browser browser;

    @BeforeAll
    static void open() {
        assumeTrue(Browser.obstacle() == null, Browser.obstacle());
        book = BookTest.rendered();
        browser = new Browser(book, true);
    }

    @AfterAll
    static void close() {
        if (browser != null) browser.close();
    }

    @TestFactory
    @DisplayName("each page is quiet, asks nobody for anything, and is accessible:")
    Stream<DynamicTest> pages() {
        return Ran.names(book).filter(name -> name.endsWith(".html")).sorted().flatMap(page ->
                Stream.of(true, false).flatMap(phone -> Stream.of(true, false).map(dark ->
                        dynamicTest(page + (phone ? " on a phone, " : " on a desk, ") + (dark ? "dark" : "light"), () -> {
                            browser.open(page, phone, dark);
                            assertEquals(List.of(), browser.console(), "console");
                            assertEquals(List.of(), browser.requests(), "requests");
                            // The edition on one page holds the same text as the others, and is too long for a rule each.
                            if (!page.equals("book.html") && !page.equals("claims.html")) assertEquals(List.of(), browser.violations(), "axe-core");
                            assertTrue((Long) browser.script("return document.documentElement.scrollWidth") <= (phone ? 390 : 1280), "the page does not scroll sideways");
                        }))));
    }

    @Test
    @DisplayName("search finds hostname in the chapter about UTS, and what is not there nowhere")
    void search() {
        browser.open("start.html", false, false);
        browser.find("body").sendKeys("/");
        browser.find("#search input").sendKeys("sethostname");
        browser.until(() -> !browser.all("#search li").isEmpty());
        assertTrue(browser.all("#search li a").stream().anyMatch(link -> link.getDomProperty("href").contains("uts.html")), () -> browser.find("#search ol").getText());
        browser.find("#search input").clear();
        browser.find("#search input").sendKeys("zxqwvb");
        browser.until(() -> browser.find("#search [role=status]").getText().equals("Nothing found."));
        browser.find("#search input").sendKeys(Keys.ESCAPE);
        browser.until(() -> !browser.find("#search").isDisplayed());
    }

    @Test
    @DisplayName("the index of the search is not loaded before somebody searches")
    void lazy() {
        browser.open("uts.html", false, false);
        assertEquals(0L, browser.script("return document.querySelectorAll('script[src=\"search.js\"]').length"));
        browser.find("body").sendKeys("s");
        browser.until(() -> browser.script("return typeof searchIndex").equals("object"));
    }

    @Test
    @DisplayName("the arrow keys turn the page, and ? shows the keys")
    void keys() {
        browser.open("uts.html", false, false);
        var before = browser.driver.getCurrentUrl();
        var previous = browser.find(".turn a[rel=prev]").getDomProperty("href");
        browser.find("body").sendKeys(Keys.ARROW_LEFT);
        browser.until(() -> browser.driver.getCurrentUrl().equals(previous));
        browser.find("body").sendKeys(Keys.ARROW_RIGHT);
        browser.until(() -> browser.driver.getCurrentUrl().equals(before));
        browser.find("body").sendKeys("?");
        browser.until(() -> browser.find("#keys").isDisplayed());
    }

    @Test
    @DisplayName("a quiz says right and wrong with the reason, and remembers")
    void quiz() {
        browser.open("uts.html", false, false);
        browser.script("localStorage.clear()");
        browser.open("uts.html", false, false);
        var quiz = browser.find("form.quiz");
        assertTrue(quiz.findElements(By.cssSelector(".why")).stream().noneMatch(why -> why.isDisplayed()), "no reason before the answer");
        for (var group : quiz.findElements(By.tagName("fieldset"))) click(group.findElement(By.cssSelector("input[data-right=false]")));
        assertEquals("wrong", quiz.getDomAttribute("data-state"));
        assertTrue(quiz.findElements(By.cssSelector(".why.shown")).stream().allMatch(why -> why.getText().startsWith("No. ")), quiz::getText);
        for (var group : quiz.findElements(By.tagName("fieldset"))) click(group.findElement(By.cssSelector("input[data-right=true]")));
        assertEquals("right", quiz.getDomAttribute("data-state"));
        browser.open("uts.html", false, false);
        assertEquals("right", browser.find("form.quiz").getDomAttribute("data-state"), "after a reload");
    }

    @Test
    @DisplayName("copy takes the commands of a console without the prompt")
    void copy() {
        browser.open("uts.html", false, false);
        browser.script("window.copied = null; Object.defineProperty(navigator, 'clipboard', {value: {writeText: async text => { window.copied = text; }}})");
        browser.find(".listingblock .copy").click();
        browser.until(() -> browser.script("return window.copied") != null);
        assertEquals("./build.sh run Uts", browser.script("return window.copied"));
        // Of a block with comments and outputs, the commands alone.
        var block = browser.all(".listingblock:has(code[data-lang=console])").stream().filter(each -> each.getText().contains("# ")).findFirst().orElseThrow();
        var commands = block.getText().lines().filter(line -> line.startsWith("$ ")).map(line -> line.substring(2)).toList();
        browser.script("window.copied = null");
        click(block.findElement(By.cssSelector(".copy")));
        browser.until(() -> browser.script("return window.copied") != null);
        assertEquals(String.join("\n", commands), browser.script("return window.copied"));
    }

    @Test
    @DisplayName("the theme that the reader chose is there before the first paint, whatever the machine prefers")
    void theme() {
        browser.open("uts.html", false, false);
        browser.script("localStorage.clear()");
        browser.open("uts.html", false, false);
        var light = browser.script("return getComputedStyle(document.body).backgroundColor");
        browser.find("#theme").click();
        browser.find("#theme").click();
        assertEquals("dark", browser.script("return localStorage.getItem('theme')"));
        var dark = browser.script("return getComputedStyle(document.body).backgroundColor");
        assertNotEquals(light, dark);
        browser.driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", java.util.Map.of("source",
                "new MutationObserver((_, o) => { if (document.body) { window.atBody = document.documentElement.dataset.theme; o.disconnect(); } }).observe(document, {childList: true, subtree: true})"));
        browser.open("start.html", false, false);
        assertEquals("dark", browser.script("return window.atBody"), "when the body began");
        assertEquals(dark, browser.script("return getComputedStyle(document.body).backgroundColor"));
        browser.script("localStorage.clear()");
    }

    @Test
    @DisplayName("on a phone the list of chapters opens and leads on")
    void menu() {
        browser.open("uts.html", true, false);
        assertFalse(browser.find("#sidebar").isDisplayed());
        browser.find("#menu").click();
        browser.until(() -> browser.find("#sidebar a[href='start.html']").isDisplayed());
        browser.until(() -> (Boolean) browser.script("return document.querySelector('#sidebar').getBoundingClientRect().left === 0"));
        browser.find("#sidebar a[href='start.html']").click();
        browser.until(() -> browser.driver.getCurrentUrl().endsWith("start.html"));
    }

    @Test
    @DisplayName("without a script the text, the chapters and the answers of the quizzes are there")
    void withoutScript() {
        try (var plain = new Browser(book, false)) {
            plain.open("uts.html", false, true);
            assertTrue(plain.find("#sidebar").isDisplayed());
            assertTrue(plain.find("main h1").isDisplayed());
            assertTrue(plain.all(".quiz .why").stream().allMatch(why -> why.isDisplayed()));
            assertFalse(plain.find("#search-open").isDisplayed());
        }
    }

    private static void click(org.openqa.selenium.WebElement element) {
        browser.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element);
        element.click();
    }
}
