package book;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Shows the book to its author: on this machine alone, and rebuilt whenever a source of it changes. */
public final class Serve {
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css", "js", "text/javascript",
            "svg", "image/svg+xml");
    /** Reloads an open page once the book has been made anew. */
    private static final String RELOAD = """
        <script>(async () => { let first; for (;;) { const now = await fetch("/version").then(r => r.text()).catch(() => first);
        if (first && now !== first) location.reload(); first = now; await new Promise(r => setTimeout(r, 700)); } })();</script>""";

    private final Path root;
    private final Path out;
    private volatile long version;

    private Serve(Path root, Path out) {
        this.root = root;
        this.out = out;
    }

    /** Serves until it is interrupted. */
    public static void run(Path root, Path out, int port) throws IOException, InterruptedException {
        Serve serve = new Serve(root, out);
        serve.build();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/version", exchange -> send(exchange, 200, "text/plain", String.valueOf(serve.version).getBytes()));
        server.createContext("/", serve::page);
        server.start();
        System.out.println("The book: http://localhost:" + server.getAddress().getPort() + "/ (Ctrl-C ends)");
        for (long built = serve.newest(); ; Thread.sleep(500)) {
            long newest = serve.newest();
            if (newest != built) {
                built = newest;
                serve.build();
            }
        }
    }

    private void build() throws IOException {
        try {
            Edition.html(root, out, true);
        } catch (RuntimeException e) {
            System.err.println("not built: " + e.getMessage()); // the author is in the middle of a word
        }
        version = System.nanoTime();
        System.err.println("Built.");
    }

    private long newest() throws IOException {
        long newest = 0;
        for (String folder : List.of("docs", "labs", "tests")) {
            try (Stream<Path> files = Files.walk(root.resolve(folder))) {
                newest = Math.max(newest, files.mapToLong(file -> file.toFile().lastModified()).max().orElse(0));
            }
        }
        return newest;
    }

    private void page(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Path file = out.resolve(path.equals("/") ? "index.html" : path.substring(1)).normalize();
        if (!file.startsWith(out) || !Files.isRegularFile(file)) {
            send(exchange, 404, "text/plain", ("There is no " + path + " in the book.").getBytes(StandardCharsets.UTF_8));
            return;
        }
        String name = file.getFileName().toString();
        byte[] bytes = Files.readAllBytes(file);
        if (name.endsWith(".html")) {
            bytes = (new String(bytes, StandardCharsets.UTF_8) + RELOAD).getBytes(StandardCharsets.UTF_8);
        }
        send(exchange, 200, TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream"), bytes);
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
