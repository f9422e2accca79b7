package outside;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the clone under test lies. */
public final class Home {
    private Home() {}

    /** The clone's root: NSLABS_HOME, or the nearest folder upwards that holds build.sh. */
    public static Path path() {
        var named = System.getenv("NSLABS_HOME");
        if (named != null && !named.isEmpty()) return Path.of(named).toAbsolutePath().normalize();
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent())
            if (Files.exists(at.resolve("build.sh"))) return at;
        throw new IllegalStateException("No build.sh here or above. Start the tests with ./build.sh test, or set NSLABS_HOME.");
    }
}
