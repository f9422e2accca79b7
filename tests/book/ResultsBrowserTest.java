import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import grader.export.Exports;
import grader.model.ClassResult;
import grader.model.Out;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import madeup.MadeUpClass;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import outside.Home;
import outside.Scratch;

/** The pages that the grader writes, as a browser shows them: each student's, and the class's. */
@DisplayName("In a browser, from files, the grader's")
class ResultsBrowserTest {
    private static final ClassResult CLASS = MadeUpClass.ordinary(32);
    private static Path folder;
    private static Browser browser;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(Browser.obstacle() == null, Browser.obstacle());
        folder = Scratch.newPath("results");
        var plan = Plan.read(Home.path());
        for (var exporter : Exports.ALL) {
            exporter.write(CLASS, plan, Roster.NONE, new Out(folder.resolve("class")));
            exporter.write(MadeUpClass.everything(), plan, Roster.NONE, new Out(folder.resolve("odd")));
        }
        browser = new Browser(folder, true);
    }

    @AfterAll
    static void close() {
        if (browser != null) browser.close();
    }

    @TestFactory
    @DisplayName("page is quiet, asks nobody for anything, and is accessible:")
    Stream<DynamicTest> pages() {
        var last = MadeUpClass.everything().students();
        return Stream.of("class/report.html", "odd/report.html", student("class", CLASS.students().get(0).student()), student("odd", "nasty"), student("odd", "infra"), student("odd", "error"),
                student("odd", last.get(last.size() - 1).student())).flatMap(page -> Stream.of(true, false).flatMap(phone -> Stream.of(true, false).map(dark ->
                dynamicTest(page + (phone ? " on a phone, " : " on a desk, ") + (dark ? "dark" : "light"), () -> {
                    browser.open(page, phone, dark);
                    assertEquals(List.of(), browser.console(), "console");
                    assertEquals(List.of(), browser.requests(), "requests");
                    assertEquals(List.of(), browser.violations(), "axe-core");
                    // Not innerWidth: on a phone it grows with what is too wide.
                    assertTrue((Long) browser.script("return document.documentElement.scrollWidth") <= (phone ? 390 : 1280), "the page does not scroll sideways");
                }))));
    }

    private static String student(String of, String id) {
        return of + "/students/" + id + "/index.html";
    }

    @Test
    @DisplayName("charts are drawn, in the colours of the theme")
    void charts() {
        browser.open("class/report.html", false, false);
        for (var id : List.of("distribution", "hardest", "timing")) assertTrue(colours(id) > 3, id + " is blank");
        var light = colour();
        browser.open("class/report.html", false, true);
        assertNotEquals(light, colour());
        browser.driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "light"))));
        browser.until(() -> light.equals(colour()));
    }

    /** How many different colours a chart has. */
    private static long colours(String id) {
        return (Long) browser.script("const c = document.getElementById(arguments[0]), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data, s = new Set();"
                + "for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return s.size;", id);
    }

    private static Object colour() {
        return browser.script("return Chart.getChart('distribution').data.datasets[0].backgroundColor");
    }

    @Test
    @DisplayName("table of students is sorted by a click, and who has no score comes last either way")
    void sorting() {
        browser.open("class/report.html", false, false);
        var unscored = CLASS.students().stream().filter(student -> student.points() == null).count();
        assertTrue(unscored > 0);
        var points = CLASS.students().stream().filter(student -> student.points() != null).map(student -> student.points() + " / " + student.max());
        var sorted = points.sorted(java.util.Comparator.comparing(each -> Integer.parseInt(each.split(" ")[0]))).toList();
        var button = browser.all("#students-table th button").stream().filter(each -> each.getText().equals("Points")).findFirst().orElseThrow();
        button.click();
        assertEquals("ascending", browser.find("#students-table th[aria-sort]").getDomAttribute("aria-sort"));
        assertEquals(sorted, column().subList(0, sorted.size()));
        assertTrue(column().subList(sorted.size(), column().size()).stream().allMatch("no score"::equals));
        button.click();
        assertEquals(sorted.get(sorted.size() - 1), column().get(0));
        assertEquals("no score", column().get(column().size() - 1));
    }

    private static List<String> column() {
        return browser.all("#students-table tbody tr td:nth-of-type(2)").stream().map(each -> each.getText()).toList();
    }

    @Test
    @DisplayName("table of students shows whom one looks for")
    void finding() {
        browser.open("class/report.html", false, false);
        var one = CLASS.students().get(3);
        browser.find("#find").sendKeys(one.name().toUpperCase(java.util.Locale.ROOT));
        var shown = browser.all("#students-table tbody tr").stream().filter(row -> row.isDisplayed()).toList();
        assertEquals(1, shown.size());
        assertTrue(shown.get(0).getText().contains(one.student()));
        assertEquals("1 of 32", browser.find("#found").getText());
    }

    @Test
    @DisplayName("pages run no script that is not theirs")
    void policy() {
        for (var page : List.of("class/report.html", student("odd", "nasty"))) {
            browser.open(page, false, false);
            browser.script("const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s)");
            assertEquals(null, browser.script("return window.ran"), page);
            assertTrue(browser.console().toString().contains("Content Security Policy"), page);
        }
    }

    @Test
    @DisplayName("pages are printed in black on white, with all that is folded")
    void printed() {
        for (var page : List.of("class/report.html", student("odd", "error"))) {
            browser.open(page, false, true);
            browser.driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", "print", "features", List.of(Map.of("name", "prefers-color-scheme", "value", "light"))));
            assertEquals("rgb(255, 255, 255)", browser.script("return getComputedStyle(document.body).backgroundColor"), page);
            assertEquals("rgb(0, 0, 0)", browser.script("return getComputedStyle(document.body).color"), page);
            assertTrue((Boolean) browser.script("return [...document.querySelectorAll('details > :not(summary)')].every(e => e.checkVisibility())"), page);
            browser.driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("media", ""));
        }
    }

    @Test
    @DisplayName("pages say all they have to say without a script too")
    void withoutScript() {
        try (var plain = new Browser(folder, false)) {
            plain.open("class/report.html", false, false);
            assertFalse(plain.find("#find").isDisplayed());
            assertTrue(plain.find("#students-table tbody tr").isDisplayed());
            assertTrue(plain.find("#concern-infra li").isDisplayed());
            plain.open(student("odd", "error"), true, true);
            assertTrue(plain.all("section.item .why").stream().allMatch(why -> why.isDisplayed()));
            assertTrue(plain.find("details[open] pre").isDisplayed());
        }
    }
}
