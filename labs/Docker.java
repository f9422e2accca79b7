///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/container/ContainerRun.java
//SOURCES kit/xray/Engine.java
//SOURCES kit/xray/EnginePlace.java
//SOURCES kit/Tmpfs.java
//SOURCES kit/xray/Xray.java
//SOURCES kit/xray/XrayCamera.java
//SOURCES kit/xray/XrayTable.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import kit.*;
import kit.container.*;
import kit.xray.*;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** X-ray containers of docker, podman, runc, crun and bwrap, beside one of our own and the host; proc(5), namespaces(7), pivot_root(2). */
public class Docker {
    static final String QUESTION = "Is Docker the same as chroot + namespaces + seccomp?";

    static final String CLAIMS = """
        docker.root-is-pivoted       | PIV-01 PIV-02 PIV-11 | The root directory of a container is the root of its mount namespace, as pivot_root(2) makes it; after chroot(2) alone the old root is still above.
        docker.five-namespaces       | MNT-02 PID-02 NET-01 IPC-05 UTS-02 | Every container stands apart in its mount, PID, network, IPC and UTS namespace.
        docker.hostname              | UTS-02 UTS-03 | A container has the hostname that its engine was told, and the host keeps its own.
        docker.never-time            | TIM-06        | No container gets a time namespace.
        docker.user-is-optional      | USR-01 USR-18 | A user namespace is optional: an engine of root's makes none, and one of an ordinary user's cannot do without.
        docker.own-cgroup            | CGR-03        | An engine that may make cgroups puts its container into one of its own, whether with a cgroup namespace or without; bwrap leaves it where it was started.
        docker.fewer-capabilities    | SEC-01 SEC-04 | Root of a container lacks capabilities of the host's root, in the bounding set too, so that no program gets them back; bwrap takes none from root.
        docker.seccomp-filter        | SEC-07        | docker and podman put a seccomp filter over their containers; runc and crun only one that is in their config.json, and bwrap only one that it is given.
        docker.no-new-privs-optional | SEC-02        | no_new_privs is optional: bwrap and the config.json of "runc spec" set it, docker and podman do not.
        docker.masked-paths          | MNT-05 MNT-20 | Parts of /proc and /sys are hidden or read-only by mounts over them, for no namespace hides them; bwrap hides nothing.
        docker.first-process         | PID-02 PID-17 | The program in a container is itself PID 1 and init to all others there; only bwrap puts a process before it.
        docker.process-of-the-host   | PID-04 PID-07 | What is a container inside is outside a process like any other, with a PID of the host's beside the one inside.
        docker.label-needs-the-host  | SEC-01        | A label of AppArmor's or SELinux's is on docker's containers where the host has such a module, and on none where it has not.
        docker.sentence-is-too-short | PIV-11 SEC-01 SEC-07 CGR-03 MNT-05 | Who adds only chroot(2), namespaces and a filter leaves a process root's capabilities, its starter's cgroup and all of /proc.
        """;

    /** The names of two columns: the seed's recipe, which is the control that the X-ray can tell one thing from another, and our own container. */
    static final String RECIPE = "recipe", OWN = "own";

    /** The options that only this lab has, and what must be looked at before an ordinary user's lab is in a user namespace. */
    static final class Own {
        final Xray host = XrayCamera.beforehand("HOST", getpid());
        Set<Engine> engines = EnumSet.allOf(Engine.class);
        final Map<String, Xray> others = new LinkedHashMap<>();

        @Spec(Spec.Target.MIXEE)
        CommandSpec spec;

        @Option(names = "--engines", split = ",", paramLabel = "NAME", description = "Asks only these of docker, podman, runc, crun, bwrap; or none.")
        void engines(List<String> names) {
            try {
                engines = Engine.named(names);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), "--engines: " + e.getMessage());
            }
        }

        @Option(names = "--pid", paramLabel = "PID", description = "X-rays a process that runs, such as a container's first one, and asks no engine.")
        void pid(long pid) {
            if (!Proc.exists("/proc/" + pid + "/status")) {
                throw new ParameterException(spec.commandLine(), "--pid: there is no process " + pid + " here; ps -e shows them");
            }
            others.put("PID " + pid, XrayCamera.beforehand("PID", pid));
            engines = Set.of();
        }
    }

    public static void main(String[] args) {
        Own own = new Own();
        new Lab("Docker", QUESTION, CLAIMS).with(own).main(args, lab -> experiment(lab, own));
    }

    /** What the claims compare: the containers by name, each as a picture, a shell in it, and what we told it to be. */
    record Containers(Xray host, Map<String, Xray> pictures, Map<String, Function<String, String>> shells, String dockerd, String hostname) {
        void add(String name, Xray picture, Function<String, String> shell) {
            pictures.put(name, picture);
            shells.put(name, shell);
        }

        /** Settles a claim about each container: what is expected by its name, and what the X-ray shows. */
        void claim(Lab lab, String id, Function<String, String> expected, Function<Xray, String> saw, Claim.Side... outside) {
            List<String> wanted = new ArrayList<>(), is = new ArrayList<>();
            pictures.forEach((name, xray) -> wanted.add(name + " " + expected.apply(name)));
            pictures.forEach((name, xray) -> is.add(name + " " + saw.apply(xray)));
            lab.claim(id, Stream.concat(Stream.of(inside(wanted, is)), Stream.of(outside)).toArray(Claim.Side[]::new));
        }
    }

    static void experiment(Lab lab, Own own) throws Exception {
        lab.predict("Which of these has a container of docker's, and which of them would you get by chroot, unshare and a filter: namespaces of which"
                + " types, all of root's capabilities, a cgroup of its own, a /proc where everything can be read?");
        String hostname = "c-" + lab.token().hex("hostname");

        lab.step("Before", "One thread makes a place for files that nobody else sees, with a root file system from this machine's programs.");
        Caller home = new Caller("home");
        home.unshare(CLONE_NEWNS);
        String directory = Tmpfs.mount(home), rootfs = directory + "/rootfs";
        home.sh("mkdir -p " + rootfs + "/dev; touch " + rootfs + "/dev/null");
        RootFs.make(home, rootfs);

        lab.step("Change", "First the seed's recipe: clone(2) with five flags, chroot(2), a seccomp filter. Then a container of our own: labs/Container.java."
                + " Then the engines that are here make one each, from the same files and with the same shell.");
        var filter = new SeccompFilter(SeccompFilter.RET_ALLOW).on(SeccompFilter.RET_ERRNO | Errno.EPERM, "reboot", "swapon", "swapoff");
        Child recipe = home.clone(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS,
                call("sethostname", hostname, (long) hostname.length()), call("mount", "proc", rootfs + "/proc", "proc", 0L, null),
                call("mount", "/dev/null", rootfs + "/dev/null", null, MS_BIND, null), call("chroot", rootfs), call("chdir", "/"), filter.install());
        recipe.sh("true"); // its shell answers, so the calls before are done
        ContainerSpec spec = ContainerSpec.standard(rootfs);
        spec.hostname = hostname;
        ContainerRun ours = limited(home, spec);
        EnginePlace place = new EnginePlace(home, directory, hostname, own.engines);
        place.refusals(false).forEach(lab::show);
        place.refusals(true).forEach(System.err::println);
        var all = new Containers(own.host, new LinkedHashMap<>(), new LinkedHashMap<>(), place.dockerd(), hostname);
        all.add(RECIPE, XrayCamera.of(recipe.pid), recipe::sh);
        all.add(OWN, XrayCamera.of(ours.pid()), ours::sh);
        place.containers().forEach((engine, container) -> all.add(engine.program(), XrayCamera.of(container.pid(), container.shell()), container.shell()::sh));

        lab.step("Inside and outside", "");
        Map<String, Xray> columns = new LinkedHashMap<>(all.pictures);
        columns.putAll(own.others);
        new XrayTable(own.host, columns).show(lab);

        lab.step("Part by part", "What the seed's sentence names, and what it leaves out.");
        namespaces(lab, all);
        rest(lab, all);
        lab.look(ours.pid(), () -> join(home, ours.pid()), Stream.concat(Stream.of("recipe=" + recipe.pid),
                place.containers().entrySet().stream().map(each -> each.getKey().program() + "=" + each.getValue().pid())).toArray(String[]::new));

        lab.step("Clean-up", "The shells end, and with them the containers. The files end with the last who sees them.");
        String link = Namespace.MNT.of(ours.pid());
        place.close(); // first, for what was started last holds open what the others were given
        ours.close();
        recipe.close();
        home.close();
        lab.gone(link);
        lab.next("./build.sh run Docker --pid $$; sudo ./build.sh run Docker --pid $(docker inspect --format '{{.State.Pid}}' NAME);"
                + " docker run with --privileged, --user, --init, --pid host, --security-opt no-new-privileges: what changes?");
    }

    /** Starts our own container with a limit, for which it needs a cgroup; in v1 each tree may refuse by itself. */
    static ContainerRun limited(Caller home, ContainerSpec spec) {
        if (EnginePlace.makesCgroups()) {
            spec.memory = 256L << 20;
            try {
                return ContainerRun.start(home, spec);
            } catch (Problem e) {
                spec.memory = 0;
                spec.pids = 64;
            }
        }
        return ContainerRun.start(home, spec);
    }

    /** What is made of namespaces. */
    static void namespaces(Lab lab, Containers all) {
        Xray host = all.host;
        boolean root = host.file("ns/user").equals(Namespace.USER.ofThisThread());
        all.claim(lab, "docker.root-is-pivoted", name -> name.equals(RECIPE) ? "chroot" : name.equals("docker") && !root ? Xray.UNKNOWN // root's: we may not enter
                : "pivot_root", Xray::root);
        List<Namespace> five = List.of(Namespace.MNT, Namespace.PID, Namespace.NET, Namespace.IPC, Namespace.UTS);
        all.claim(lab, "docker.five-namespaces", name -> "apart in mnt pid net ipc uts",
                xray -> "apart in " + String.join(" ", five.stream().filter(type -> xray.against(host, type).equals("apart")).map(type -> type.proc).toList()));
        lab.claim("docker.hostname", inside(all.shells.keySet().stream().map(name -> name + " " + all.hostname).toList(),
                all.shells.entrySet().stream().map(each -> each.getKey() + " " + each.getValue().apply("hostname")).toList()),
                outside("not " + all.hostname, gethostname(), !gethostname().equals(all.hostname)));
        all.claim(lab, "docker.never-time", name -> "shared", xray -> xray.against(host, Namespace.TIME));
        boolean remapped = all.dockerd.matches(".*name=(userns|rootless).*");
        all.claim(lab, "docker.user-is-optional", name -> (name.equals("docker") ? remapped : !root) ? "apart" : "shared", xray -> xray.against(host, Namespace.USER));
        all.claim(lab, "docker.first-process", name -> name.equals("bwrap") ? "after bwrap" : "first", xray -> xray.init().equals("itself") ? "first" : "after " + xray.init());
        lab.claim("docker.process-of-the-host", outside(all.shells.entrySet().stream().map(each -> each.getKey() + " " + each.getValue().apply("echo $$")).toList(),
                all.pictures.entrySet().stream().map(each -> each.getKey() + " " + each.getValue().status("NSpid").replaceFirst("^\\d+ (.* )?", "")).toList()));
    }

    /** What is not. */
    static void rest(Lab lab, Containers all) {
        Xray host = all.host;
        Set<String> plain = Set.of(RECIPE, "bwrap");
        Function<Xray, String> cgroup = xray -> xray.cgroups().equals(host.cgroups()) ? "shared" : "own";
        all.claim(lab, "docker.own-cgroup", name -> plain.contains(name) ? "shared"
                : name.equals("docker") ? all.dockerd.contains(": none ") ? "shared" : "own" : EnginePlace.makesCgroups() ? "own" : "shared", cgroup);
        Function<Xray, String> capabilities = xray -> (xray.capabilities("CapEff") | xray.capabilities("CapBnd")) == (xray.capabilities("CapEff")
                & xray.capabilities("CapBnd") | host.capabilities("CapBnd")) ? "all" : "fewer";
        all.claim(lab, "docker.fewer-capabilities", name -> plain.contains(name) ? "all" : "fewer", capabilities);
        Function<Xray, String> filter = xray -> xray.filters() > host.filters() ? "filter" : "none";
        Set<String> unfiltered = all.dockerd.matches(".*name=seccomp.*") && !all.dockerd.contains("profile=unconfined") ? Set.of("runc", "crun", "bwrap")
                : Set.of("docker", "runc", "crun", "bwrap");
        all.claim(lab, "docker.seccomp-filter", name -> unfiltered.contains(name) ? "none" : "filter", filter);
        boolean always = host.status("NoNewPrivs").equals("1");
        Set<String> free = all.dockerd.contains("name=no-new-privileges") ? Set.of(RECIPE, "podman") : Set.of(RECIPE, "podman", "docker");
        all.claim(lab, "docker.no-new-privs-optional", name -> always || !free.contains(name) ? "1" : "0", xray -> xray.status("NoNewPrivs"),
                outside(always ? "1" : "0", host.status("NoNewPrivs")));
        Function<Xray, String> masks = xray -> xray.masked().isEmpty() || !xray.readOnly().contains("/proc/sys") ? "open" : "masked";
        all.claim(lab, "docker.masked-paths", name -> plain.contains(name) ? "open" : "masked", masks);
        if (host.label().equals("none")) {
            all.claim(lab, "docker.label-needs-the-host", name -> "none", Xray::label, outside("none", host.label()));
        } else if (all.dockerd.matches(".*name=(apparmor|selinux).*")) {
            lab.claim("docker.label-needs-the-host", inside("not " + host.label(), all.pictures.get("docker").label(), !all.pictures.get("docker").label().equals(host.label())));
        } else {
            lab.cannot("docker.label-needs-the-host", "there is a module that labels processes, " + host.label() + ", and no docker that uses it; start dockerd");
        }
        Xray recipe = all.pictures.get(RECIPE);
        lab.claim("docker.sentence-is-too-short", inside("root by chroot, capabilities all, cgroup shared, /proc open, seccomp filter",
                "root by " + recipe.root() + ", capabilities " + capabilities.apply(recipe) + ", cgroup " + cgroup.apply(recipe) + ", /proc " + masks.apply(recipe)
                        + ", seccomp " + filter.apply(recipe)));
    }

    /** A shell in the namespaces of a container, by setns(2): what "docker exec" does first. */
    static Child join(Caller home, int pid) {
        List<Child.Step> steps = new ArrayList<>();
        for (Namespace type : List.of(Namespace.PID, Namespace.UTS, Namespace.IPC, Namespace.NET, Namespace.CGROUP, Namespace.MNT)) {
            steps.add(call("setns", open("/proc/" + pid + "/ns/" + type.proc, O_RDONLY | O_CLOEXEC, 0), type.flag));
        }
        return home.call(() -> Child.interactive(0, UserMap.NONE, steps, "/bin/sh"));
    }
}
