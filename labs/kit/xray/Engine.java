package kit.xray;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.util.Locale;

/**
 * The programs that make containers, and how each is asked for one: from a directory, with no network, and with a shell in it
 * that reads its commands from us and so ends when we do. All that is not said here is as the engine has it by itself.
 */
public enum Engine {
    /** docker(1) only asks dockerd(8), which is root and does the rest with containerd and runc. */
    DOCKER("docker.io") {
        @Override
        String command(EnginePlace place) {
            return "docker run --interactive --rm --network none --name NAME --hostname HOSTNAME NAME sh";
        }
    },
    /** podman(1) has no daemon. It starts crun or runc. All of its files are put where they end with us. */
    PODMAN("podman") {
        @Override
        String command(EnginePlace place) {
            return """
                mkdir FILES && cd FILES && export HOME=FILES XDG_RUNTIME_DIR=FILES CONTAINERS_CONF=FILES/containers.conf CONTAINERS_STORAGE_CONF=FILES/storage.conf PODMAN_IGNORE_CGROUPSV1_WARNING=1
                printf '[storage]\\ndriver = "vfs"\\ngraphroot = "FILES/root"\\nrunroot = "FILES/run"\\n' > storage.conf
                printf '[containers]\\ndefault_ulimits = []\\n[network]\\nnetwork_config_dir = "FILES/networks"\\n' > containers.conf
                read -r _ uid count < /proc/self/uid_map; read -r _ gid _ < /proc/self/gid_map
                if [ $count != 4294967295 ]; then export _CONTAINERS_USERNS_CONFIGURED=done _CONTAINERS_ROOTLESS_UID=$uid _CONTAINERS_ROOTLESS_GID=$gid; fi # as "podman unshare" does
                podman --root FILES/root --runroot FILES/run --tmpdir FILES/tmp --storage-driver vfs --cgroup-manager cgroupfs --events-backend none \
                run --interactive --rm --network none --ulimit host OPTIONS --hostname HOSTNAME --rootfs ROOTFS sh"""
                    .replace("OPTIONS", EnginePlace.makesCgroups() ? "--cgroup-parent /NAME" : "--cgroups disabled").replace("FILES", place.directory() + "/podman");
        }
    },
    /** runc(8) does what config.json says, which is the one that "runc spec" writes. */
    RUNC("runc") {
        @Override
        String command(EnginePlace place) {
            return "cd BUNDLE && runc --root BUNDLE/state run NAME";
        }
    },
    /** crun(1) is runc again, in C. */
    CRUN("crun") {
        @Override
        String command(EnginePlace place) {
            return "cd BUNDLE && crun --root BUNDLE/state " + (EnginePlace.makesCgroups() ? "" : "--cgroup-manager disabled ") + "run NAME";
        }
    },
    /** bwrap(1) has no configuration at all: what is not on its command line is as outside. */
    BWRAP("bubblewrap") {
        @Override
        String command(EnginePlace place) {
            return "bwrap --unshare-pid --unshare-net --unshare-ipc --unshare-uts --die-with-parent --hostname HOSTNAME --ro-bind ROOTFS / --proc /proc --dev /dev --tmpfs /tmp sh";
        }
    };

    /** What Debian calls the package. */
    public final String debianPackage;

    Engine(String debianPackage) {
        this.debianPackage = debianPackage;
    }

    /** The program, such as {@code docker}. */
    public String program() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A line for a shell. NAME, HOSTNAME, ROOTFS and BUNDLE stand for those of the place. */
    abstract String command(EnginePlace place);

    /** Whether it is started with an OCI bundle, a directory with a config.json; the OCI runtime specification. */
    boolean wantsBundle() {
        return this == RUNC || this == CRUN;
    }

    /** The config.json that "runc spec" writes, with our root directory and our shell, and without what this machine may refuse. */
    static JsonObject configuration(String spec, EnginePlace place, String cgroup) {
        JsonObject config;
        try {
            config = JsonParser.object().from(spec);
        } catch (JsonParserException e) {
            throw new IllegalStateException("not JSON: " + spec, e);
        }
        JsonObject process = config.getObject("process");
        process.put("terminal", false);
        process.put("args", JsonArray.from("sh"));
        process.remove("rlimits"); // root may have no CAP_SYS_RESOURCE, and then it must not raise any
        config.getObject("root").put("path", place.rootfs());
        config.put("hostname", place.hostname());
        if (EnginePlace.makesCgroups()) {
            config.getObject("linux").put("cgroupsPath", cgroup);
        }
        for (Object mount : config.getArray("mounts")) {
            JsonArray options = ((JsonObject) mount).getArray("options");
            if (options != null) {
                options.remove("gid=5"); // group tty, which a user namespace with one id has not
            }
        }
        return config;
    }
}
