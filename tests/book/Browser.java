import com.deque.html.axecore.selenium.AxeBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;
import outside.Ran;
import outside.Scratch;

/** A real Chromium, which opens the pages of the book from files and writes down what it asked for and complained of. */
final class Browser implements AutoCloseable {
    final ChromeDriver driver;
    private final Path folder;

    /** Why there is none here; null when there is one. */
    static String obstacle() {
        return browser() != null && driver() != null ? null : "there is no Chromium with a chromedriver (Debian: chromium, chromium-driver)";
    }

    private static Path browser() {
        return Stream.of("chromium", "google-chrome", "chromium-browser").map(Ran::which).filter(Objects::nonNull).findFirst().orElse(null);
    }

    /** GitHub's machines have it in a folder of its own. */
    private static Path driver() {
        var folder = System.getenv("CHROMEWEBDRIVER");
        return folder == null ? Ran.which("chromedriver") : Path.of(folder, "chromedriver");
    }

    Browser(Path folder, boolean script) {
        this.folder = folder;
        var options = new ChromeOptions();
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--user-data-dir=" + Scratch.newPath("chromium"));
        Logger.getLogger("org.openqa.selenium").setLevel(Level.SEVERE); // it warns that it is older than this Chromium
        if (!script) options.setExperimentalOption("prefs", Map.of("profile.managed_default_content_settings.javascript", 2));
        options.setBinary(browser().toFile());
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(new ChromeDriverService.Builder().usingDriverExecutable(driver().toFile()).usingAnyFreePort().build(), options);
    }

    /** Opens a page as a phone or a desk shows it, on a machine that prefers light or dark. */
    void open(String page, boolean phone, boolean dark) {
        driver.get("about:blank");
        console();
        requests();
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", phone ? Map.of("width", 390, "height", 844, "deviceScaleFactor", 1, "mobile", true)
                : Map.of("width", 1280, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        driver.get(folder.resolve(page).toUri().toString());
    }

    /** What the console said since the last time. */
    List<String> console() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream().map(Object::toString).toList();
    }

    /** The addresses that were asked for since the last time, but for files of the book. */
    List<String> requests() {
        var addresses = new ArrayList<String>();
        for (var entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            var url = entry.getMessage().replaceAll("(?s).*\"Network.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]*)\".*", "$1");
            if (entry.getMessage().contains("\"Network.requestWillBeSent\"") && !url.startsWith("file://" + folder)) addresses.add(url);
        }
        return addresses;
    }

    /** What axe-core has against the page, a line each. */
    List<String> violations() {
        return new AxeBuilder().withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")).analyze(driver).getViolations().stream()
                .map(rule -> rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes().stream().limit(3).map(node -> node.getHtml()).toList()).toList();
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    Object script(String code, Object... arguments) {
        return driver.executeScript(code, arguments);
    }

    @Override
    public void close() {
        driver.quit();
    }

    /** Waits until it is so; fails when it is not after 20 s. */
    void until(BooleanSupplier condition) {
        new WebDriverWait(driver, Duration.ofSeconds(20)).until(driver -> condition.getAsBoolean());
    }
}
