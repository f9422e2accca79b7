///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Libc.*;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kit.*;

/** Tell what this machine allows, and where it refuses, why, and what helps; namespaces(7), user_namespaces(7). */
public class Doctor {
    static final String QUESTION = "Which namespaces does this machine let you make, and if it refuses, why?";

    static final String CLAIMS = """
        doctor.user   | USR-01        | You can make a user namespace on this machine.
        doctor.pid    | GEN-05        | You can make a PID namespace on this machine.
        doctor.uts    | GEN-05        | You can make a UTS namespace on this machine.
        doctor.ipc    | GEN-05        | You can make an IPC namespace on this machine.
        doctor.net    | GEN-05 NET-08 | You can make a network namespace on this machine.
        doctor.cgroup | GEN-05 CGR-09 | You can make a cgroup namespace on this machine.
        doctor.time   | GEN-05 TIM-09 | You can make a time namespace on this machine.
        doctor.mnt    | GEN-05        | You can make a mount namespace on this machine.
        doctor.proc   | MNT-16        | You can mount a fresh /proc in a PID namespace of your own.
        """;

    /** What the labs call, and the Debian package that has it. */
    static final List<String> PROGRAMS = List.of("unshare util-linux", "nsenter util-linux", "ipcmk util-linux",
            "setpriv util-linux", "ps procps", "ip iproute2", "ping iputils-ping", "newuidmap uidmap");

    /** The first refusal: it decides the exit code. */
    static Problem refusal;

    public static void main(String[] args) {
        new Lab("Doctor", QUESTION, CLAIMS).startsOnHost().main(args, Doctor::experiment);
    }

    static void experiment(Lab lab) {
        lab.predict("Which of the eight types needs root on this machine?");
        boolean root = Machine.privileged();
        int way = root ? 0 : CLONE_NEWUSER; // the labs go this way

        lab.step("Namespaces", root ? "You are root, so clone(2) makes each one directly; beside it the way of an ordinary user."
                : "You lack capabilities of root, so each one is made together with a user namespace, which then owns it.");
        lab.sides("type", root ? "directly" : "with a user namespace", root ? "with a user namespace" : "");
        Map<String, Attempt> attempts = new LinkedHashMap<>();
        int allowed = way;
        for (Namespace type : Namespace.values()) {
            Attempt attempt = make(type, way);
            lab.sides(type.proc, attempt, root && type != Namespace.USER ? make(type, CLONE_NEWUSER) : "");
            attempts.put("doctor." + type.proc, attempt);
            allowed |= type == Namespace.TIME || type == Namespace.USER ? 0 : type.flag;
        }
        attempts.put("doctor.proc", attempt(() -> freshProc(way)));
        lab.sides("mount of a fresh /proc", attempts.get("doctor.proc"), root ? attempt(() -> freshProc(CLONE_NEWUSER)) : "");
        attempts.forEach((id, attempt) -> settle(lab, id, attempt));

        lab.step("What decides it", "");
        decides().forEach((what, value) -> lab.sides(what, value, ""));

        lab.step("Programs", "The labs do without those that are missing, and say what they could not show.");
        for (String line : PROGRAMS) {
            String[] program = line.split(" ");
            lab.sides(program[0], Machine.has(program[0]) ? "yes" : "missing: sudo apt-get install " + program[1], "");
        }

        if (refusal == null) {
            int flags = allowed;
            try (Child everything = Child.clone(flags)) {
                lab.look(everything.pid, () -> Child.interactive(flags, UserMap.root(), List.of(), "/bin/sh"));
            }
            lab.next("./build.sh run Namespaces");
            return;
        }
        throw refusal;
    }

    /** What came of making a namespace: where the child stood, or why there was none. */
    record Attempt(String own, String saw, Problem problem) {
        @Override
        public String toString() {
            return problem == null ? "yes" : "no: " + Errno.name(problem.errno);
        }
    }

    static void settle(Lab lab, String id, Attempt attempt) {
        if (attempt.problem == null) {
            lab.claim(id, inside("another than " + attempt.own, attempt.saw, !attempt.saw.equals(attempt.own)));
            return;
        }
        refusal = refusal == null ? attempt.problem : refusal;
        lab.cannot(id, attempt.problem.getMessage() + "; " + attempt.problem.diagnosis.cause() + "; " + attempt.problem.diagnosis.remedy());
    }

    static Attempt make(Namespace type, int way) {
        if (type == Namespace.TIME) {
            return attempt(() -> time(way));
        }
        return attempt(() -> {
            try (Child child = Child.clone(way | type.flag)) {
                return new Attempt(type.ofThisThread(), type.of(child.pid), null);
            }
        });
    }

    /** Whatever stops one attempt is that row's answer; the others are made all the same. */
    static Attempt attempt(Supplier<Attempt> attempt) {
        try {
            return attempt.get();
        } catch (Problem e) {
            return new Attempt("", "", e);
        } catch (IllegalStateException e) {
            return new Attempt("", "", Problem.defect("Doctor", e));
        }
    }

    /** clone(2) has no room for CLONE_NEWTIME: the child calls unshare(2), and its children will be in the new one. */
    static Attempt time(int way) {
        String own = Proc.exists("/proc/self/ns/time") ? Namespace.TIME.ofThisThread() : "none";
        String errno = Child.errnos(way, UserMap.root(), call("unshare", CLONE_NEWTIME)).get(0);
        if (!errno.equals("success")) {
            throw new Problem("unshare(CLONE_NEWTIME)", Errno.number(errno), CLONE_NEWTIME);
        }
        try (Child child = Child.clone(way, call("unshare", CLONE_NEWTIME))) {
            child.sh(":"); // when the shell answers, the child's steps are done; on Linux 6.1 it may not vfork(2) now
            String saw = Proc.readlink("/proc/" + child.pid + "/ns/time_for_children");
            NotIsolated.unlessDifferent("unshare(CLONE_NEWTIME)", own, saw);
            return new Attempt(own, saw, null);
        }
    }

    /** What the Pid lab lives on. A container that masks parts of /proc makes the kernel refuse it. */
    static Attempt freshProc(int way) {
        int flags = way | CLONE_NEWPID | CLONE_NEWNS;
        List<String> errnos = Child.errnos(flags, UserMap.root(),
                call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null), call("mount", "proc", "/proc", "proc", 0L, null));
        if (!errnos.get(1).equals("success")) {
            throw new Problem("mount(proc, /proc, proc)", Errno.number(errnos.get(1)), 0);
        }
        try (Child child = Child.clone(flags)) {
            return new Attempt("/proc/self -> " + Proc.readlink("/proc/self"), "/proc/self -> " + child.sh(
                    "mount --make-rprivate / && mount -t proc proc /proc && sh -c 'exec readlink /proc/self'"), null);
        }
    }

    static Map<String, String> decides() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("kernel", Machine.kernel() + (Machine.kernel().toLowerCase().contains("microsoft") ? " (WSL)" : ""));
        facts.put("JDK", System.getProperty("java.version") + " in " + System.getProperty("java.home"));
        facts.put("uid", getuid() + ", CAP_SYS_ADMIN " + (Machine.capable(CAP_SYS_ADMIN) ? "yes" : "no"));
        facts.put("uid_map", Proc.read("/proc/self/uid_map").strip().replaceAll("\\s+", " "));
        facts.put("seccomp filter", Machine.seccompFilter() ? "yes" : "no");
        facts.put("container", new File("/.dockerenv").exists() || new File("/run/.containerenv").exists() ? "looks like one" : "no sign of one");
        facts.put("cgroup", Machine.cgroupVersion());
        facts.put("AppArmor restricts", switch (Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns")) {
            case "1" -> "yes: kernel.apparmor_restrict_unprivileged_userns is 1";
            case "0" -> "no";
            default -> "no such rule on this kernel";
        });
        facts.put("Debian's switch", switch (Machine.sysctl("kernel/unprivileged_userns_clone")) {
            case "0" -> "off: kernel.unprivileged_userns_clone is 0";
            case "1" -> "on";
            default -> "no such switch on this kernel";
        });
        for (Namespace type : Namespace.values()) {
            String limit = Machine.sysctl("user/max_" + type.proc + "_namespaces");
            facts.put("max. " + type.proc + " namespaces", limit.isEmpty() ? "no limit on this kernel" : limit);
        }
        facts.put("/etc/subuid", Files.isReadable(Path.of("/etc/subuid")) ? Proc.read("/etc/subuid").replace('\n', ' ') : "none");
        return facts;
    }
}
