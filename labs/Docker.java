///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/container/ContainerRun.java
//SOURCES kit/xray/Comparison.java
//SOURCES kit/xray/EnginePlace.java
//SOURCES kit/Tmpfs.java
//SOURCES kit/xray/XrayCamera.java
//SOURCES kit/xray/XrayTable.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;
import kit.container.*;
import kit.xray.*;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** X-ray containers of docker, podman, runc, crun and bwrap, beside one of our own and the host; proc(5), namespaces(7), pivot_root(2). */
public class Docker {
    static final String QUESTION = "Is Docker the same as chroot + namespaces + seccomp?";

    static final String CLAIMS = """
        docker.root-is-pivoted       | PIV-01 PIV-02 PIV-11 | The root directory of a container is the root of its mount namespace, as pivot_root(2) makes it; after chroot(2) alone the old root is still above.
        docker.five-namespaces       | MNT-02 PID-02 NET-01 IPC-05 UTS-02 | Every container stands apart in its mount, PID, network, IPC and UTS namespace.
        docker.hostname              | UTS-02 UTS-03 | A container has the hostname that its engine was told, and the host keeps its own.
        docker.never-time            | TIM-06        | No container gets a time namespace.
        docker.user-is-optional      | USR-01 USR-18 | A user namespace is optional: an engine of root's makes none, and one of an ordinary user's cannot do without.
        docker.process-of-the-host   | PID-04 PID-07 | What is a container inside is outside a process like any other, with a PID of the host's beside the one inside.
        docker.first-process         | PID-02 PID-17 | The program in an OCI container is itself PID 1, and init to all others there.
        docker.own-cgroup            | CGR-03        | An OCI engine that may make cgroups puts its container into one of its own, whether with a cgroup namespace or without.
        docker.fewer-capabilities    | SEC-01 SEC-04 | Root of an OCI container lacks capabilities of the root that made it, in the bounding set too, so that no program gets them back.
        docker.masked-paths          | MNT-05 MNT-20 | In an OCI container parts of /proc and /sys are hidden or read-only by mounts over them, for no namespace hides them.
        docker.seccomp-filter        | SEC-07        | docker and podman put a seccomp filter over a container without being asked.
        docker.no-new-privs-optional | SEC-02        | no_new_privs is optional: docker and podman leave it off.
        docker.config-decides        | SEC-02 SEC-07 | runc and crun add neither no_new_privs nor a seccomp filter to what config.json says: it decides.
        docker.bwrap-leaves          | SEC-01 CGR-03 MNT-05 PID-02 | bwrap leaves a program root's capabilities, its starter's cgroup, all of /proc and every system call, and stands before it as PID 1.
        docker.label-needs-the-host  | SEC-01        | A label of AppArmor's or SELinux's is on docker's containers where the host has such a module, and on none where it has not.
        docker.sentence-is-too-short | PIV-11 SEC-01 SEC-07 CGR-03 MNT-05 | Who adds only chroot(2), namespaces and a filter leaves a process root's capabilities, its starter's cgroup and all of /proc.
        """;

    /** The names of two columns: the seed's recipe, which is the control that the X-ray can tell one thing from another, and our own container. */
    static final String RECIPE = "recipe", OWN = "own";

    /** The options that only this lab has, and what must be looked at before an ordinary user's lab is in a user namespace. */
    static final class Own {
        final Xray host = XrayCamera.beforehand("HOST", getpid());

        @Option(names = "--pid", split = ",", paramLabel = "PID", converter = Picture.class,
                description = "X-rays processes that run, such as a container's first one, and asks no engine.")
        List<Subject> others = List.of();

        @Option(names = "--engines", split = ",", paramLabel = "NAME", converter = EngineName.class,
                description = "Asks only these of docker, podman, runc, crun, bwrap; or none.")
        List<String> engines;

        /** Those named, none for "none", and without the option all, but none beside --pid. */
        Set<Engine> engines() {
            return Stream.of(Engine.values()).filter(each -> engines == null ? others.isEmpty() : engines.contains(each.program())).collect(Collectors.toSet());
        }
    }

    static final class Picture implements ITypeConverter<Subject> {
        @Override
        public Subject convert(String pid) {
            try {
                int number = Integer.parseInt(pid);
                return new Subject("PID " + pid, number, XrayCamera.beforehand("PID_" + pid, number), null);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + pid + "' is not a number");
            } catch (Problem e) {
                throw new TypeConversionException(e.diagnosis.cause() + "; " + e.diagnosis.remedy());
            }
        }
    }

    static final class EngineName implements ITypeConverter<String> {
        @Override
        public String convert(String name) {
            if (!name.equals("none") && Stream.of(Engine.values()).noneMatch(engine -> engine.program().equals(name))) {
                throw new TypeConversionException("'" + name + "' is none of docker, podman, runc, crun, bwrap");
            }
            return name;
        }
    }

    public static void main(String[] args) {
        Own own = new Own();
        new Lab("Docker", QUESTION, CLAIMS).with(own).main(args, lab -> experiment(lab, own));
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
        EnginePlace place = new EnginePlace(home, directory, hostname, own.engines());
        place.refusals().forEach(System.err::println);
        List<Subject> all = new ArrayList<>(List.of(new Subject(RECIPE, recipe.pid, XrayCamera.of(recipe.pid), recipe::sh),
                new Subject(OWN, ours.pid(), XrayCamera.of(ours.pid()), ours::sh)));
        all.addAll(place.containers());

        lab.step("Inside and outside", "");
        new XrayTable(lab, own.host, Stream.concat(all.stream(), own.others.stream()).toList()).show();

        lab.step("Part by part", "What the seed's sentence names, and what it leaves out.");
        var compare = new Comparison(lab, own.host, all, place);
        namespaces(compare, hostname);
        oci(compare);
        engines(compare);
        lab.look(ours.pid(), () -> join(home, ours.pid()), all.stream().map(each -> each.name() + "=" + each.pid()).toArray(String[]::new));

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

    /** What is made of namespaces: the same in all. */
    static void namespaces(Comparison compare, String hostname) {
        Xray host = compare.host();
        boolean root = host.file("ns/user").equals(Namespace.USER.ofThisThread());
        compare.claim("docker.root-is-pivoted", compare.all(), each -> each.by(RECIPE) ? "chroot" : each.by("docker") && !root ? Xray.UNKNOWN // root's: we may not enter
                : "pivoted", each -> each.picture().root());
        List<Namespace> five = List.of(Namespace.MNT, Namespace.PID, Namespace.NET, Namespace.IPC, Namespace.UTS);
        compare.claim("docker.five-namespaces", compare.all(), each -> "mnt pid net ipc uts",
                each -> five.stream().filter(type -> each.picture().against(host, type).equals("apart")).map(type -> type.proc).collect(Collectors.joining(" ")));
        compare.claim("docker.hostname", compare.all(), each -> hostname, each -> each.sh("hostname"), outside("not " + hostname, gethostname(), !gethostname().equals(hostname)));
        compare.claim("docker.never-time", compare.all(), each -> "shared", each -> each.picture().against(host, Namespace.TIME));
        compare.claim("docker.user-is-optional", compare.all(), each -> (each.by("docker") ? compare.place().dockerd().mapsUsers() : !root) ? "apart" : "shared", each -> each.picture().against(host, Namespace.USER));
        compare.claim("docker.process-of-the-host", compare.all(), each -> "also " + each.sh("echo $$"), each -> "also " + each.picture().innerPid());
    }

    /** What engines of the Open Container Initiative add to namespaces, and our container as they do; the seed's recipe does not. */
    static void oci(Comparison compare) {
        Xray host = compare.host(), recipe = compare.all().get(0).picture();
        long ours = Capability.set("self", "CapBnd");
        List<Subject> oci = compare.all().stream().filter(each -> !each.by("bwrap")).toList();
        compare.claim("docker.first-process", oci, each -> "itself", each -> each.picture().init());
        compare.claim("docker.own-cgroup", oci, each -> !each.by(RECIPE) && (each.by("docker") ? compare.place().dockerd().makesCgroups() : EnginePlace.makesCgroups()) ? "apart" : "shared",
                each -> each.picture().cgroup(host));
        compare.claim("docker.fewer-capabilities", oci, each -> each.by(RECIPE) ? "all" : "fewer", each -> each.picture().power(ours));
        compare.claim("docker.masked-paths", oci, each -> each.by(RECIPE) ? "open" : "masked", each -> each.picture().view());
        compare.lab().claim("docker.sentence-is-too-short", inside("root by chroot, capabilities all, cgroup shared, /proc open, seccomp filter", "root by " + recipe.root()
                + ", capabilities " + recipe.power(ours) + ", cgroup " + recipe.cgroup(host) + ", /proc " + recipe.view() + ", seccomp " + recipe.filter(host)));
    }

    /** Where engines differ. */
    static void engines(Comparison compare) {
        Xray host = compare.host();
        DockerDaemon dockerd = compare.place().dockerd();
        long ours = Capability.set("self", "CapBnd");
        compare.claim("docker.seccomp-filter", each -> each.by("podman") || dockerd.filters() ? "filter" : "no filter", each -> each.picture().filter(host), Engine.DOCKER, Engine.PODMAN);
        compare.claim("docker.no-new-privs-optional", each -> each.by("docker") && dockerd.setsNoNewPrivileges() ? "1" : host.status("NoNewPrivs"), each -> each.picture().status("NoNewPrivs"), Engine.DOCKER, Engine.PODMAN);
        compare.claim("docker.config-decides", compare.place()::config, each -> each.picture().status("NoNewPrivs") + ", " + each.picture().filter(host), Engine.RUNC, Engine.CRUN);
        compare.claim("docker.bwrap-leaves", each -> "all, shared, open, no filter, after bwrap", each -> String.join(", ", each.picture().power(ours),
                each.picture().cgroup(host), each.picture().view(), each.picture().filter(host), "after " + each.picture().init()), Engine.BWRAP);
        if (host.label().equals("none")) {
            compare.claim("docker.label-needs-the-host", compare.all(), each -> "none", each -> each.picture().label(), outside("none", host.label()));
        } else if (dockerd.labels() || dockerd.obstacle() != null) {
            compare.claim("docker.label-needs-the-host", each -> "apart", each -> each.picture().against(host), Engine.DOCKER);
        } else {
            compare.lab().cannot("docker.label-needs-the-host", "dockerd uses no module that labels processes, and this host has one");
        }
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
