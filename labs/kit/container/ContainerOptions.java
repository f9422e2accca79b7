package kit.container;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kit.*;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a container is made of, as options: each changes the config.json of the bundle or, without one, of the standard container. */
final class ContainerOptions {
    static final class Root {
        @Option(names = {"-b", "--bundle"}, paramLabel = "DIR", description = "An OCI bundle: DIR/config.json and the root that it names.")
        Path bundle;

        @Option(names = "--rootfs", paramLabel = "DIR", description = "A directory to be the root. Without it one is made of this machine's programs.")
        Path rootfs;
    }

    enum Net { none, host, nat }

    @ArgGroup
    Root root = new Root();

    @Option(names = "--hostname", paramLabel = "NAME", description = "The hostname inside.")
    String hostname;

    @Option(names = {"-e", "--env"}, paramLabel = "NAME=VALUE", description = "Sets an environment variable.")
    List<String> environment = List.of();

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "The directory where the command starts.")
    String workingDirectory;

    @Option(names = {"-u", "--user"}, paramLabel = "UID[:GID]", description = "Whom the command runs as.")
    String user;

    @Option(names = {"-v", "--volume"}, paramLabel = "FROM:TO[:ro]", description = "Shows a file or directory of the host inside.")
    List<String> volumes = List.of();

    @Option(names = "--read-only", description = "Makes the root read-only.")
    boolean readonly;

    @Option(names = "--network", paramLabel = "none|host|nat", description = "none: a loopback device (the default). host: the host's network."
            + " nat: a way out by forwarding and NAT, which changes the host's network while the container runs; for root only.")
    Net network;

    @Option(names = {"-m", "--memory"}, paramLabel = "SIZE", description = "A limit for memory, such as 64m.")
    String memory;

    @Option(names = "--pids", paramLabel = "N", description = "A limit for the number of processes.")
    Long pids;

    @Option(names = "--cpus", paramLabel = "N", description = "A limit for processor time, such as 0.5.")
    Double cpus;

    @Option(names = "--cap-add", paramLabel = "CAP", description = "Gives a capability, such as CAP_CHOWN.")
    List<String> add = List.of();

    @Option(names = "--cap-drop", paramLabel = "CAP", description = "Takes a capability, or ALL.")
    List<String> drop = List.of();

    @Option(names = "--no-seccomp", description = "Leaves out the seccomp filter.")
    boolean noSeccomp;

    @Option(names = "--init", description = "Starts the command from a shell that reaps orphans. Without it the command itself is process 1.")
    boolean init;

    /** What was changed without being asked for. */
    final List<String> notes = new ArrayList<>();

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command and its arguments (/bin/sh, or what the bundle says).")
    List<String> command = List.of();

    /** The config.json that results. @throws Json.Wrong for what cannot be */
    JsonObject config() throws IOException {
        JsonObject config = ContainerSpec.standard();
        if (root.bundle != null) {
            Path file = root.bundle.resolve("config.json");
            if (!Files.isReadable(file)) {
                throw new Json.Wrong(file + " cannot be read; a bundle is a directory with a config.json, as 'runc spec' writes one");
            }
            config = ContainerConfig.parse(Files.readString(file));
            ContainerConfig.read(config, root.bundle); // what is wrong is told before anything is changed
        } else if (root.rootfs != null && !Files.isDirectory(root.rootfs)) {
            throw new Json.Wrong("--rootfs: " + root.rootfs + " is no directory");
        }
        Path base = (root.bundle == null ? Path.of("") : root.bundle).toAbsolutePath();
        JsonObject process = member(config, "process"), linux = member(config, "linux"), place = member(config, "root");
        place.put("path", root.rootfs != null ? root.rootfs.toAbsolutePath().toString() : base.resolve(place.getString("path", "rootfs")).normalize().toString());
        place.put("readonly", readonly || place.getBoolean("readonly", false));
        if (hostname != null) {
            config.put("hostname", hostname);
        }
        if (!command.isEmpty()) {
            process.put("args", new JsonArray(command));
        }
        process(process);
        volumes(config, base);
        if (noSeccomp) {
            linux.remove("seccomp");
        }
        limits(member(linux, "resources"));
        boolean users = users(linux);
        if (network == Net.host || network == Net.nat) {
            network(config, linux, users);
        }
        return config;
    }

    /** The container that a config.json of {@link #config} describes; says aloud what is not as one would think. */
    ContainerSpec spec(JsonObject config) {
        ContainerSpec spec = ContainerConfig.read(config, Path.of("/"));
        spec.rootfs = root.bundle == null && root.rootfs == null ? null : spec.rootfs;
        spec.init = init;
        spec.nat = network == Net.nat;
        if (ContainerDetached.name() == null) { // a detached JVM would say it a second time
            notes.forEach(ContainerTool::note);
            spec.notes.forEach(ContainerTool::note);
        }
        spec.notes.clear();
        return spec;
    }

    /** What a bundle calls by a path relative to itself gets its whole path; then come our own. */
    private void volumes(JsonObject config, Path base) {
        for (Object each : mounts(config)) {
            ((JsonObject) each).computeIfPresent("source", (key, source) -> ContainerConfig.bound(Json.of((JsonObject) each)) ? base.resolve((String) source).toString() : source);
        }
        for (String volume : volumes) {
            String[] parts = volume.split(":");
            if (parts.length < 2 || parts.length > 3 || !Files.exists(Path.of(parts[0]))) {
                throw new Json.Wrong("--volume: " + volume + " is not FROM:TO or FROM:TO:ro with a FROM that exists");
            }
            mounts(config).add(mount(parts[1], Path.of(parts[0]).toAbsolutePath().toString(), "rbind", parts.length == 3 ? parts[2] : "rw"));
        }
    }

    /** Whether there is a new user namespace, as there must be for who is not root. */
    private boolean users(JsonObject linux) {
        boolean users = types(linux).contains("user");
        if (!users && !Machine.privileged()) {
            if (root.bundle != null) {
                notes.add("linux.namespaces gets a user namespace, for you are not root");
            }
            namespaces(linux).add(new JsonObject(Map.of("type", "user")));
            linux.put("uidMappings", mapping(Libc.getuid()));
            linux.put("gidMappings", mapping(Libc.getgid()));
            return true;
        }
        return users;
    }

    private void process(JsonObject process) {
        JsonArray variables = array(process, "env");
        for (String each : environment) {
            variables.removeIf(old -> String.valueOf(old).startsWith(each.replaceFirst("=.*", "") + "="));
            variables.add(each);
        }
        if (workingDirectory != null) {
            process.put("cwd", workingDirectory);
        }
        if (user != null) {
            if (!user.matches("\\d+(:\\d+)?")) {
                throw new Json.Wrong("--user: " + user + " is not UID or UID:GID, in numbers");
            }
            member(process, "user").put("uid", Integer.parseInt(user.replaceFirst(":.*", "")));
            member(process, "user").put("gid", Integer.parseInt(user.replaceFirst(".*:", "")));
        }
        for (String set : add.isEmpty() && drop.isEmpty() ? List.<String>of() : List.of("bounding", "effective", "permitted")) {
            JsonArray names = array(member(process, "capabilities"), set);
            names.removeIf(name -> drop.contains("ALL") || drop.contains(name));
            add.stream().filter(name -> !names.contains(name)).forEach(names::add);
        }
    }

    private void limits(JsonObject resources) {
        if (memory != null) {
            if (!memory.matches("\\d+[bkmgBKMG]?")) {
                throw new Json.Wrong("--memory: " + memory + " is not a size such as 64m");
            }
            int power = "bkmg".indexOf(memory.toLowerCase(Locale.ROOT).replaceAll("\\d", ""));
            member(resources, "memory").put("limit", Long.parseLong(memory.replaceAll("\\D", "")) << 10 * Math.max(0, power));
        }
        if (pids != null) {
            member(resources, "pids").put("limit", pids);
        }
        if (cpus != null) {
            member(resources, "cpu").put("quota", (long) (cpus * 100_000));
            member(resources, "cpu").put("period", 100_000);
        }
    }

    private void network(JsonObject config, JsonObject linux, boolean users) {
        if (network == Net.host) {
            namespaces(linux).removeIf(each -> "network".equals(((JsonObject) each).get("type")));
            if (users) { // sysfs belongs to the network namespace, and this one is not ours to mount it of
                mounts(config).replaceAll(each -> "sysfs".equals(((JsonObject) each).get("type")) ? mount("/sys", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro") : each);
            }
        } else if (users) {
            throw new Problem("--network nat", Errno.EPERM, new Diagnosis(true, "an ordinary user may not change the host's network, veth(4) included",
                    "run as root, or use --network host"));
        }
        Path names = Path.of("/etc/resolv.conf");
        if (Files.isReadable(names) && (root.bundle == null && root.rootfs == null || Files.exists(Path.of(member(config, "root").getString("path") + names)))) {
            mounts(config).add(mount(names.toString(), names.toString(), "bind", "ro"));
        }
    }

    private static JsonObject mount(String to, String from, String... options) {
        JsonObject mount = new JsonObject();
        mount.put("destination", to);
        mount.put("type", "bind");
        mount.put("source", from);
        mount.put("options", new JsonArray(Arrays.asList(options)));
        return mount;
    }

    private static JsonArray mapping(int id) {
        return new JsonArray(List.of(new JsonObject(Map.of("containerID", 0, "hostID", id, "size", 1))));
    }

    private static List<String> types(JsonObject linux) {
        return namespaces(linux).stream().map(each -> String.valueOf(((JsonObject) each).get("type"))).collect(Collectors.toList());
    }

    private static JsonArray namespaces(JsonObject linux) {
        return array(linux, "namespaces");
    }

    private static JsonArray mounts(JsonObject config) {
        return array(config, "mounts");
    }

    /** A member to change: made if it is missing. Its kind is right, for what comes from a bundle has been checked. */
    private static JsonObject member(JsonObject object, String key) {
        return (JsonObject) object.computeIfAbsent(key, absent -> new JsonObject());
    }

    private static JsonArray array(JsonObject object, String key) {
        return (JsonArray) object.computeIfAbsent(key, absent -> new JsonArray());
    }
}
