package kit.container;

import static kit.Libc.*;

import com.grack.nanojson.JsonObject;
import com.grack.nanojson.JsonParser;
import com.grack.nanojson.JsonParserException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import kit.*;
import kit.container.ContainerSpec.Capabilities;

/**
 * Reads the config.json of an OCI bundle, runtime specification 1.0 and 1.1 (config.md, config-linux.md). What is wrong is
 * told with its path, and so is what a container of ours does not do.
 */
public final class ContainerConfig {
    private static final Map<String, Namespace> TYPES = Map.of("user", Namespace.USER, "pid", Namespace.PID, "uts", Namespace.UTS, "ipc", Namespace.IPC,
            "network", Namespace.NET, "cgroup", Namespace.CGROUP, "time", Namespace.TIME, "mount", Namespace.MNT);

    /** The kinds of resource limits in order of their numbers; asm-generic/resource.h. */
    private static final List<String> LIMITS = List.of("CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS",
            "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME");

    static final Map<String, Long> PROPAGATION = Map.of("private", MS_PRIVATE, "rprivate", MS_PRIVATE | MS_REC, "slave", MS_SLAVE,
            "rslave", MS_SLAVE | MS_REC, "shared", MS_SHARED, "rshared", MS_SHARED | MS_REC, "unbindable", MS_UNBINDABLE, "runbindable", MS_UNBINDABLE | MS_REC);

    private final ContainerSpec spec = new ContainerSpec();

    private ContainerConfig() {}

    /** The text of a config.json. @throws Json.Wrong if it is no JSON object */
    public static JsonObject parse(String text) {
        try {
            return JsonParser.object().from(text);
        } catch (JsonParserException e) {
            throw new Json.Wrong("line " + e.getLinePosition() + ", column " + e.getCharPosition() + ": " + e.getMessage());
        }
    }

    /** @param bundle the directory to which the paths in it are relative */
    public static ContainerSpec read(JsonObject json, Path bundle) {
        ContainerConfig reader = new ContainerConfig();
        Json config = Json.of(json);
        if (!config.need("ociVersion").text().matches("1\\.\\d+\\.\\d+.*")) {
            throw config.at("ociVersion").wrong("must be 1.x.y, is \"" + config.at("ociVersion").text() + "\"");
        }
        reader.rest(config, "ociVersion process root hostname domainname mounts linux annotations");
        reader.spec.rootfs = bundle.resolve(config.need("root").need("path").text()).normalize().toString();
        reader.spec.readonlyRoot = config.at("root").at("readonly").flag();
        reader.rest(config.at("root"), "path readonly");
        reader.linux(config.at("linux"));
        reader.process(config.need("process"));
        reader.spec.hostname = reader.inNamespace(config.at("hostname"), Namespace.UTS);
        reader.spec.domainname = reader.inNamespace(config.at("domainname"), Namespace.UTS);
        for (Json mount : config.at("mounts").list()) {
            String source = mount.at("source").text("none");
            boolean bind = bound(mount);
            reader.rest(mount, "destination type source options");
            for (Json option : mount.at("options").list()) {
                ContainerMounts.check(option);
            }
            reader.spec.mounts.add(new ContainerSpec.Mount(mount.path(), mount.need("destination").absolute(), bind ? "bind" : mount.need("type").text(),
                    bind ? bundle.resolve(mount.need("source").text()).toString() : source, mount.at("options").texts()));
        }
        return reader.spec;
    }

    /** Whether a mount shows what is there already; then its source is a path. */
    static boolean bound(Json mount) {
        return mount.at("type").text("").equals("bind") || mount.at("options").texts().stream().anyMatch(option -> option.matches("r?bind"));
    }

    /** Notes each member that is none of the known ones. */
    private void rest(Json object, String known) {
        object.keys().stream().filter(key -> !List.of(known.split(" ")).contains(key) && !object.at(key).empty())
                .forEach(key -> spec.notes.add(object.at(key).path() + " is not supported and left out"));
    }

    private String inNamespace(Json text, Namespace type) {
        if (!text.absent() && !spec.namespaces.containsKey(type)) {
            throw text.wrong("needs a new " + type.proc + " namespace in linux.namespaces");
        }
        return text.text(null);
    }

    private void process(Json process) {
        rest(process, "terminal consoleSize user args env cwd capabilities rlimits noNewPrivileges oomScoreAdj");
        rest(process.at("user"), "uid gid umask additionalGids");
        spec.terminal = process.at("terminal").flag();
        spec.args = process.need("args").texts();
        if (spec.args.isEmpty()) {
            throw process.at("args").wrong("must name a program");
        }
        spec.environment = process.at("env").texts();
        spec.workingDirectory = process.need("cwd").absolute();
        spec.uid = process.at("user").at("uid").number(0, Integer.MAX_VALUE);
        spec.gid = process.at("user").at("gid").number(0, Integer.MAX_VALUE);
        spec.umask = process.at("user").at("umask").absent() ? -1 : process.at("user").at("umask").number(0, 0777);
        spec.groups = process.at("user").at("additionalGids").list().stream().map(gid -> gid.number(0, Integer.MAX_VALUE)).toList();
        spec.noNewPrivileges = process.at("noNewPrivileges").flag();
        spec.oomScoreAdj = (int) process.at("oomScoreAdj").number(Integer.MIN_VALUE);
        Json sets = process.at("capabilities");
        rest(sets, "bounding effective permitted inheritable ambient");
        spec.capabilities = new Capabilities(mask(sets.at("bounding")), mask(sets.at("effective")), mask(sets.at("permitted")),
                mask(sets.at("inheritable")), mask(sets.at("ambient")));
        Set<String> kinds = new HashSet<>();
        for (Json limit : process.at("rlimits").list()) {
            int kind = LIMITS.indexOf(limit.need("type").text().replaceFirst("^RLIMIT_", ""));
            if (kind < 0 || !limit.at("type").text().startsWith("RLIMIT_") || !kinds.add(limit.at("type").text())) {
                throw limit.at("type").wrong("is no resource limit, or there twice: " + limit.at("type").text());
            }
            spec.limits.add(new ContainerSpec.Limit(limit.path(), kind, limit.need("soft").number(), limit.need("hard").number()));
        }
    }

    private static long mask(Json names) {
        for (Json name : names.list()) {
            if (!Capability.NAMES.contains(name.text())) {
                throw name.wrong("is no capability: " + name.text());
            }
        }
        return Capability.mask(names.texts());
    }

    private void linux(Json linux) {
        rest(linux, "namespaces uidMappings gidMappings timeOffsets devices maskedPaths readonlyPaths sysctl seccomp resources rootfsPropagation");
        for (Json namespace : linux.at("namespaces").list()) {
            Namespace type = TYPES.get(namespace.need("type").text());
            if (type == null) {
                throw namespace.at("type").wrong("is no type of namespace: " + namespace.at("type").text());
            }
            if (spec.namespaces.put(type, namespace.at("path").absent() ? "" : namespace.at("path").absolute()) != null) {
                throw namespace.at("type").wrong("is there twice: " + namespace.at("type").text());
            }
        }
        if (!"".equals(spec.namespaces.get(Namespace.MNT))) {
            throw linux.at("namespaces").wrong("must have a new mount namespace: a container has its own root");
        }
        Json uids = linux.at("uidMappings"), gids = linux.at("gidMappings");
        boolean users = "".equals(spec.namespaces.get(Namespace.USER));
        if (users == uids.list().isEmpty() || users == gids.list().isEmpty()) {
            throw (uids.list().isEmpty() ? uids : gids).wrong(users ? "is missing: a new user namespace needs it" : "needs a new user namespace in linux.namespaces");
        }
        spec.userMap = new UserMap(users && !Machine.privileged() ? "deny" : "", map(uids), map(gids));
        spec.timeOffsets = linux.at("timeOffsets").keys().stream().map(clock -> clock + " " + linux.at("timeOffsets").at(clock).at("secs").number(0) + " "
                + linux.at("timeOffsets").at(clock).at("nanosecs").number(0)).collect(Collectors.joining("\n"));
        for (Json device : linux.at("devices").list()) {
            String type = device.need("type").text();
            if (!type.matches("[cubp]")) {
                throw device.at("type").wrong("must be c, u, b or p, is \"" + type + "\"");
            }
            spec.devices.add(new ContainerSpec.Device(device.path(), device.need("path").absolute(), type.replace('u', 'c'), (int) device.at("major").number(0),
                    (int) device.at("minor").number(0), device.at("fileMode").number(0666, 07777), device.at("uid").number(0, Integer.MAX_VALUE),
                    device.at("gid").number(0, Integer.MAX_VALUE)));
        }
        spec.masked = linux.at("maskedPaths").list().stream().map(Json::absolute).toList();
        spec.readonly = linux.at("readonlyPaths").list().stream().map(Json::absolute).toList();
        for (String name : linux.at("sysctl").keys()) {
            Json value = linux.at("sysctl").at(name);
            Namespace type = name.startsWith("net.") ? Namespace.NET : name.matches("kernel\\.(msg.*|sem|shm.*)|fs\\.mqueue\\..*") ? Namespace.IPC
                    : name.equals("kernel.domainname") || name.equals("kernel.hostname") ? Namespace.UTS : null;
            if (type == null || name.contains("/") || name.contains("..")) {
                throw value.wrong("belongs to no namespace, so it would change the whole machine");
            }
            spec.sysctl.put(name, inNamespace(value, type));
        }
        String propagation = linux.at("rootfsPropagation").text("");
        if (!propagation.isEmpty() && !PROPAGATION.containsKey(propagation)) {
            throw linux.at("rootfsPropagation").wrong("is none: " + propagation);
        }
        spec.propagation = PROPAGATION.getOrDefault(propagation, 0L);
        spec.seccomp = linux.at("seccomp").absent() ? null : filter(linux.at("seccomp"));
        Json resources = linux.at("resources"), memory = resources.at("memory"), pids = resources.at("pids"), cpu = resources.at("cpu");
        rest(resources, "memory pids cpu");
        rest(memory, "limit");
        rest(pids, "limit");
        rest(cpu, "quota period");
        spec.memory = Math.max(0, memory.at("limit").number(0));
        spec.pids = Math.max(0, pids.at("limit").number(0));
        spec.cpuQuota = Math.max(0, cpu.at("quota").number(0));
        spec.cpuPeriod = Math.max(1000, cpu.at("period").number(100_000));
    }

    private static String map(Json lines) {
        return lines.list().stream().map(line -> line.need("containerID").number(0, Integer.MAX_VALUE) + " " + line.need("hostID").number(0, Integer.MAX_VALUE)
                + " " + line.need("size").number(0, Integer.MAX_VALUE)).collect(Collectors.joining("\n"));
    }

    /** The runtime specification counts every rule, we count the first that fits; profiles name a call once per action and argument. */
    private SeccompFilter filter(Json seccomp) {
        rest(seccomp, "defaultAction defaultErrnoRet architectures syscalls");
        String own = "SCMP_ARCH_" + Machine.arch().toUpperCase(Locale.ROOT);
        for (Json architecture : seccomp.at("architectures").list()) {
            if (!architecture.text().equals(own) && seccomp.at("architectures").texts().indexOf(own) < 0) {
                throw architecture.wrong("is not this machine's " + own + ", which is missing");
            }
        }
        SeccompFilter filter = new SeccompFilter(action(seccomp.need("defaultAction"), seccomp.at("defaultErrnoRet")));
        for (Json rule : seccomp.at("syscalls").list()) {
            rest(rule, "names action errnoRet args");
            List<SeccompFilter.Argument> arguments = rule.at("args").list().stream().map(argument -> {
                if (!argument.need("op").text().matches("SCMP_CMP_(NE|LT|LE|EQ|GE|GT|MASKED_EQ)")) {
                    throw argument.at("op").wrong("is no comparison: " + argument.at("op").text());
                }
                return new SeccompFilter.Argument(argument.need("index").number(0, 5), argument.at("op").text(), argument.need("value").number(), argument.at("valueTwo").number(0));
            }).toList();
            filter.on(action(rule.need("action"), rule.at("errnoRet")), arguments, rule.need("names").texts().toArray(String[]::new));
        }
        return filter;
    }

    private static long action(Json action, Json errno) {
        return switch (action.text()) {
            case "SCMP_ACT_ALLOW" -> SeccompFilter.RET_ALLOW;
            case "SCMP_ACT_ERRNO" -> SeccompFilter.RET_ERRNO | errno.number(Errno.EPERM, 4095);
            case "SCMP_ACT_LOG" -> SeccompFilter.RET_LOG;
            case "SCMP_ACT_TRAP" -> SeccompFilter.RET_TRAP;
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> SeccompFilter.RET_KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> SeccompFilter.RET_KILL_PROCESS;
            default -> throw action.wrong("is not supported: " + action.text());
        };
    }
}
