//SOURCES Controller.java
package kit.limits;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import kit.*;

/** The controllers that a lab asks for, by name. Closed together. */
public final class Controllers implements AutoCloseable {
    private final Map<String, Controller> all = new LinkedHashMap<>();

    private Controllers() {}

    /** Looks for them and shows what it has found. A child of the caller tries each. */
    public static Controllers find(Lab lab, Caller caller, String... names) throws IOException {
        Controllers found = new Controllers();
        try {
            for (String name : names) {
                found.all.put(name, Controller.find(lab, caller, name));
                lab.show(found.get(name).toString());
            }
            return found;
        } catch (IOException | RuntimeException e) {
            found.close();
            throw e;
        }
    }

    public Controller get(String name) {
        return all.get(name);
    }

    /** The first of these that limits somebody by cgroup v2; null if none does. */
    public Controller unified(String... names) {
        return Stream.of(names).map(this::get).filter(each -> each.own != null && each.v2()).findFirst().orElse(null);
    }

    @Override
    public void close() throws IOException {
        for (Controller each : all.values()) {
            each.close();
        }
    }
}
