import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import outside.Held;
import outside.Home;
import outside.Lab;
import outside.Ran;
import outside.Scratch;

/** Runs the labs as JBang's own users do, without the fast path of build.sh: from a clone, from a URL, by the catalog. */
@DisplayName("With JBang alone")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JBangTest {
    private final Path cache = Scratch.newPath("jbang-cache");
    /** What was asked for over HTTP. */
    private final Set<String> asked = new ConcurrentSkipListSet<>();
    private HttpServer server;

    @BeforeAll
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().getPath());
            var file = Home.path().resolve("." + exchange.getRequestURI().getPath()).normalize();
            var bytes = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(bytes.length == 0 ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
            try (var body = exchange.getResponseBody()) {
                body.write(bytes);
            }
        });
        server.start();
    }

    @AfterAll
    void stop() {
        server.stop(0);
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** build.sh hands everything to JBang, whose cache of compiled scripts is this test's own. */
    private Ran jbang(String... arguments) {
        var line = new ArrayList<>(List.of(Home.path().resolve("build.sh").toString(), "jbang"));
        line.addAll(List.of(arguments));
        var builder = new ProcessBuilder(line);
        builder.directory(Home.path().toFile()).environment().put("JBANG_CACHE_DIR", cache.toString());
        return Ran.run(builder, "", 180);
    }

    private static void assertRuns(String lab, Ran ran) {
        Assumptions.assumeFalse(ran.exit() == Held.CANNOT, () -> "this machine cannot: " + ran.stderr().strip());
        assertEquals(0, ran.exit(), ran::toString);
        assertEquals(lab, ran.record().path("lab").asText());
        assertEquals("holds", ran.record().path("verdict").asText());
    }

    @TestFactory
    @DisplayName("a clone is enough:")
    Stream<DynamicTest> clone_() {
        return Lab.all().stream().map(lab -> dynamicTest("jbang labs/" + lab + ".java", () -> assertRuns(lab, jbang("labs/" + lab + ".java", "--json"))));
    }

    @Test
    @DisplayName("a lab runs from its URL, with every file of the kit that it needs")
    void url() {
        assertRuns("Uts", jbang(url("/labs/Uts.java"), "--json"));
        assertTrue(asked.containsAll(List.of("/labs/Uts.java", "/labs/kit/Lab.java", "/labs/kit/Child.java")), asked::toString);
    }

    @Test
    @DisplayName("a lab runs by the catalog's alias, here and over HTTP")
    void catalog() {
        assertRuns("Uts", jbang("uts", "--json"));
        assertRuns("Uts", jbang("uts@" + url("/jbang-catalog.json"), "--json"));
        assertTrue(asked.contains("/jbang-catalog.json"), asked::toString);
    }

    @TestFactory
    @DisplayName("the catalog has")
    Stream<DynamicTest> aliases() throws IOException {
        var catalog = new com.fasterxml.jackson.databind.ObjectMapper().readTree(Home.path().resolve("jbang-catalog.json").toFile());
        return Lab.all().stream().map(lab -> dynamicTest(lab, () ->
                assertEquals("labs/" + lab + ".java", catalog.path("aliases").path(lab.toLowerCase(Locale.ROOT)).path("script-ref").asText())));
    }

    @Test
    @DisplayName("exit codes pass through")
    void exitCodes() {
        assertEquals(2, jbang("labs/Uts.java", "--no-such-option").exit());
    }
}
