///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Capability.java
//SOURCES kit/OrdinaryUser.java
//SOURCES kit/capabilities/CapableFile.java
//SOURCES kit/capabilities/InnerRoot.java
//SOURCES kit/capabilities/Powers.java
//SOURCES kit/capabilities/SetUserId.java

import static kit.Capability.*;
import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kit.*;
import kit.Child.Step;
import kit.capabilities.*;

/** Take the power of root apart, and see what gives it back; capabilities(7), capset(2), prctl(2), execve(2). */
public class Capabilities {
    static final String QUESTION = "Can a process be root and yet be allowed nothing?";

    static final String CLAIMS = """
        capabilities.five-sets            | SEC-01        | /proc/PID/status shows five sets as hexadecimal masks: inheritable, permitted, effective, bounding and ambient.
        capabilities.effective-decides    | SEC-05        | Without CAP_SYS_ADMIN in the effective set unshare(CLONE_NEWUTS) gives EPERM; as long as it is permitted it can be switched on again.
        capabilities.execve-gives-root    | SEC-04 USR-13 | execve(2) by uid 0 gives every capability of the bounding set, even to a process that had given up all.
        capabilities.bounding-is-final    | SEC-04        | Who drops a capability from the bounding set keeps it until execve(2); then it is gone for the process and its children.
        capabilities.root-without-power   | SEC-04 SEC-05 | Root with empty sets is refused what root with full sets may do, and cannot read its own file of mode 000.
        capabilities.securebit-noroot     | SEC-04        | With SECBIT_NOROOT execve(2) gives nothing to uid 0; locked, the bit cannot be taken back.
        capabilities.keep-caps            | SEC-05        | From uid 0 to another, setresuid(2) empties the permitted and effective sets; with PR_SET_KEEPCAPS only the effective one.
        capabilities.ambient-survives     | SEC-10 USR-13 | Who is not uid 0 loses all capabilities at execve(2) but the ambient ones.
        capabilities.ambient-needs-two    | SEC-10        | A capability becomes ambient only if it is permitted and inheritable: else EPERM.
        capabilities.no-new-privs         | SEC-02        | PR_SET_NO_NEW_PRIVS is inherited by fork(2) and execve(2), and cannot be undone: EINVAL.
        capabilities.no-new-privs-root    | SEC-02        | With no_new_privs execve(2) gives nothing back to uid 0.
        capabilities.set-user-id          | SEC-03        | A set-user-ID program runs with the uid of its owner; with no_new_privs it keeps that of its caller.
        capabilities.file-capability      | SEC-11        | A file capability set in a user namespace is stored as version 3, with the uid of its root; above it the same file gives the same uid nothing.
        capabilities.file-no-new-privs    | SEC-03 SEC-11 | With no_new_privs a file capability gives nothing.
        capabilities.over-descendants     | USR-37        | With CAP_SYS_ADMIN in a user namespace one enters and renames a UTS namespace that belongs to a user namespace below.
        capabilities.not-over-the-outer   | USR-11        | All capabilities in a user namespace are none over what the outer one owns: EPERM.
        """;

    static final int SECBIT_NOROOT = 1, SECBIT_NOROOT_LOCKED = 2; // linux/securebits.h
    static final Step NO_NEW_PRIVS = prctl(PR_SET_NO_NEW_PRIVS, 1);

    public static void main(String[] args) {
        new Lab("Capabilities", QUESTION, CLAIMS).startsOnHost().main(args, Capabilities::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process with uid 0 gives up all capabilities and calls execve(2). Which has the new program? And what may it"
                + " do if the capabilities were taken from its bounding set as well?");

        lab.step("Before", "The children of one thread try everything, as root of user namespaces of their own."
                + " So it is the same for an ordinary user, and no capability reaches the machine.");
        Caller host = new Caller("host");
        if (Machine.privileged()) { // who could do harm stands apart as well
            host.unshare(CLONE_NEWNS | CLONE_NEWUTS);
            host.run(() -> mount("none", "/", null, MS_REC | MS_PRIVATE, null));
        }
        InnerRoot root = new InnerRoot(host);

        lab.step("Change", "clone(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS). The child empties its five sets, and becomes a shell.");
        // tag::change[]
        InnerRoot powerless = root.with(nothing());
        Child inside = powerless.child();
        // end::change[]
        lab.sides("", "inside", "outside");
        lab.sides("uid", inside.sh("id -u"), Proc.status(inside.pid, "Uid").split(" ")[0]);
        SETS.forEach(set -> lab.sides(set, hex(set(inside.pid, set)), hex(set(host.tid(), set))));
        fiveSets(lab, root);
        execve(lab, root);
        rootWithoutPower(lab, root, inside);
        ambient(lab, root);
        noNewPrivileges(lab, root);
        setUserId(lab, root);
        fileCapability(lab, root);
        overOthers(lab, root, inside);
        lab.look(inside.pid, () -> host.call(() -> Child.interactive(powerless.flags(), powerless.map(), powerless.steps(), "/bin/sh")),
                root.named().entrySet().stream().map(child -> child.getKey() + "=" + child.getValue().pid).toArray(String[]::new));

        lab.step("Clean-up", "The children end with the thread that made them.");
        String link = host.call(() -> Namespace.USER.of(inside.pid));
        root.named().values().forEach(Child::close);
        inside.close();
        host.close();
        lab.gone(link);
        lab.next("grep Cap /proc/self/status; capsh --decode=00000000a80425fb (what docker leaves to root); getcap -r /usr/bin;"
                + " ./build.sh run Capabilities --shell, and there: id; hostname x; mount -t tmpfs none /mnt.");
    }

    static void fiveSets(Lab lab, InnerRoot root) {
        lab.step("The five sets", "A child asks for sets that the lab chooses, and stops before it calls execve(2).");
        List<String> shuffled = known().stream().sorted(Comparator.comparing(lab.token()::hex)).toList();
        long permitted = mask(shuffled.subList(0, 12)), effective = mask(shuffled.subList(0, 5)), inheritable = mask(shuffled.subList(8, 16)),
                ambient = mask(shuffled.subList(8, 10)), bounding = mask(shuffled.subList(6, 26));
        Child child = root.with(capset(all(), all(), inheritable)).with(Capability.ambient(ambient)).with(bound(bounding))
                .with(capset(effective, permitted, inheritable)).stopped("sets");
        lab.show("ambient: " + names(ambient));
        lab.claim("capabilities.five-sets", inside(Stream.of(inheritable, permitted, effective, bounding, ambient).map(Capability::hex).toList(),
                SETS.stream().map(set -> hex(set(child.pid, set))).toList()));
        List<String> errnos = root.errnos(capset(allBut("CAP_SYS_ADMIN"), all(), 0), call("unshare", CLONE_NEWUTS), capset(all(), all(), 0), call("unshare", CLONE_NEWUTS));
        lab.claim("capabilities.effective-decides", inside("switched off: EPERM, on: success", "switched off: " + errnos.get(1) + ", on: " + errnos.get(3)));
    }

    static void execve(Lab lab, InnerRoot root) {
        lab.step("execve(2)", "To uid 0 it gives the bounding set: that is how a shell of root comes to its power.");
        InnerRoot poor = root.with(capset(0, 0, 0));
        given(lab, "capabilities.execve-gives-root", inside("before: " + hex(0) + ", after: " + hex(all()), "before: "
                + sets(poor.stopped("poor"), "CapEff") + ", after: " + sets(poor.child("regained"), "CapEff")));
        String name = known().get(lab.token().number("dropped", number("CAP_SETPCAP") + 1, known().size()));
        long left = allBut(name);
        InnerRoot bounded = root.with(bound(left));
        Child gone = bounded.child("dropped");
        String before = sets(bounded.stopped("bounded"), "CapPrm", "CapBnd"), after = sets(gone, "CapPrm", "CapBnd");
        String child = gone.sh("sed -n 's/^Cap\\(Prm\\|Bnd\\):.//p' /proc/self/status").replace("\n", " ");
        lab.claim("capabilities.bounding-is-final", inside("permitted and bounding: %1$s %2$s, after execve: %2$s %2$s, in a child: %2$s %2$s, all by capset: EPERM"
                .formatted(hex(all()), hex(left)), "permitted and bounding: " + before + ", after execve: " + after + ", in a child: " + child
                + ", all by capset: " + bounded.errnos(capset(left, left, 0), capset(all(), all(), 0)).get(1)));
    }

    /** uid 0 alone counts only for its own files, and at execve(2). */
    static void rootWithoutPower(Lab lab, InnerRoot root, Child inside) {
        lab.step("A root that may do nothing", "Children of uid 0 try the same, with full sets and with empty ones.");
        String full = "sethostname success, unshare success, chroot success, open success, mount success" + (root.wide() ? ", chown success, kill success" : "");
        lab.claim("capabilities.root-without-power", inside("full sets: " + full + "; empty sets: " + full.replace("open success", "open EACCES").replace("success", "EPERM"),
                "full sets: " + Powers.of(root, inside, List.of()) + "; empty sets: " + Powers.of(root, inside, nothing())));
        Step lock = prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
        Child noroot = root.with(lock).child("noroot");
        lab.claim("capabilities.securebit-noroot", inside("uid 0, CapEff " + hex(0) + ", taken back: EPERM", "uid " + noroot.sh("id -u") + ", CapEff "
                + sets(noroot, "CapEff") + ", taken back: " + root.errnos(lock, prctl(PR_SET_SECUREBITS, 0)).get(1)));
        if (!root.wide()) {
            lab.cannot("capabilities.keep-caps", "only one id can be mapped without privilege, so there is no other uid to change to; run the lab as root");
            return;
        }
        Child lost = root.with(InnerRoot.become(5)).stopped("lost"), kept = root.with(prctl(PR_SET_KEEPCAPS, 1)).with(InnerRoot.become(5)).stopped("kept");
        lab.claim("capabilities.keep-caps", inside("permitted: %1$s, kept %2$s; effective: %1$s, kept %1$s".formatted(hex(0), hex(all())), "permitted: %s, kept %s; effective: %s, kept %s"
                .formatted(Stream.of("CapPrm", "CapEff").flatMap(set -> Stream.of(lost, kept).map(child -> hex(set(child.pid, set)))).toArray())));
    }

    static void ambient(Lab lab, InnerRoot root) {
        lab.step("Ambient capabilities", "uid 5 inside, with full sets from clone(2), calls execve(2): with an ambient capability and without.");
        String name = known().get(lab.token().number("ambient", 0, known().size()));
        long one = mask(name);
        Step raise = Capability.ambient(one).get(0);
        InnerRoot five = root.as5().with(capset(all(), all(), one));
        Child ambient = five.with(raise).child("ambient"), without = five.child("without");
        lab.claim("capabilities.ambient-survives", inside("uid 5: [" + name + "], without: []",
                "uid " + ambient.sh("id -u") + ": " + names(set(ambient.pid, "CapEff")) + ", without: " + names(set(without.pid, "CapEff"))));
        lab.claim("capabilities.ambient-needs-two", inside("permitted: EPERM, inheritable: EPERM, both: success", "permitted: %s, inheritable: %s, both: %s"
                .formatted(Stream.of(capset(all(), all(), 0), capset(0, 0, one), capset(all(), all(), one)).map(sets -> root.with(sets).errnos(raise).get(0)).toArray())));
    }

    static void noNewPrivileges(Lab lab, InnerRoot root) {
        lab.step("no_new_privs", "prctl(PR_SET_NO_NEW_PRIVS): from now on execve(2) gives nothing that the process has not.");
        Child privs = root.with(capset(0, 0, 0), NO_NEW_PRIVS).child("privs");
        lab.claim("capabilities.no-new-privs", inside("NoNewPrivs in a child of the shell: 1, undo: EINVAL", "NoNewPrivs in a child of the shell: "
                + privs.sh("sed -n 's/NoNewPrivs:.//p' /proc/self/status") + ", undo: " + root.errnos(NO_NEW_PRIVS, prctl(PR_SET_NO_NEW_PRIVS, 0)).get(1)));
        lab.claim("capabilities.no-new-privs-root", inside("uid 0, CapEff " + hex(0), "uid " + privs.sh("id -u") + ", CapEff " + hex(set(privs.pid, "CapEff"))));
    }

    static void setUserId(Lab lab, InnerRoot root) throws InterruptedException {
        lab.step("Set-user-ID programs", "Outside, an ordinary user starts a program of root's, without and with no_new_privs.");
        try {
            var program = SetUserId.program();
            Caller student = OrdinaryUser.thread("student");
            Child raised = SetUserId.start(student, program), same = SetUserId.start(student, program, NO_NEW_PRIVS);
            root.named().putAll(Map.of("raised", raised, "same", same));
            String uid = "" + student.call(Libc::getuid); // the four are the real, the effective, the saved and the file system's
            lab.claim("capabilities.set-user-id", outside(program + ": " + uid + " 0 0 0, with no_new_privs: " + String.join(" ", uid, uid, uid, uid),
                    program + ": " + Proc.status(raised.pid, "Uid") + ", with no_new_privs: " + Proc.status(same.pid, "Uid")));
        } catch (Problem e) {
            lab.cannot(e.diagnosis, "capabilities.set-user-id");
        }
    }

    static void fileCapability(Lab lab, InnerRoot root) {
        lab.step("File capabilities", "uid 5 of a user namespace mounts a tmpfs with a copy of sed(1). As uid 0 of a user namespace below it"
                + " gives that file a capability by setxattr(2), as setcap(8) does.");
        if (CapableFile.obstacle(root) != null) {
            lab.cannot(CapableFile.obstacle(root), "capabilities.file-capability", "capabilities.file-no-new-privs");
            return;
        }
        CapableFile sed = CapableFile.make(root);
        String name = known().get(lab.token().number("file", 0, known().size())), has = "CapEff " + hex(mask(name));
        lab.show("setxattr(2) of " + name + ": " + sed.below().errnos(file(CapableFile.PATH, mask(name))).get(0));
        Step noroot = prctl(PR_SET_SECUREBITS, SECBIT_NOROOT); // else uid 0 would have all anyway
        String below = "CapEff " + sed.below().with(noroot).child("counts").sh(CapableFile.RUN);
        given(lab, "capabilities.file-capability", inside(has, below), outside("version 3, root " + sed.uid() + ", CapEff " + hex(0),
                sed.version() + ", CapEff " + sed.above().sh(CapableFile.RUN)));
        String privs = sed.below().with(noroot, NO_NEW_PRIVS).child("noprivs").sh(CapableFile.RUN);
        given(lab, "capabilities.file-no-new-privs", inside(has + ", then " + hex(0), below + ", then " + privs));
    }

    static void overOthers(Lab lab, InnerRoot root, Child inside) {
        lab.step("Over other namespaces", "Below the user namespace another one is made, with a UTS namespace. Above is the one of this JVM.");
        InnerRoot there = root.in(0, inside, Namespace.USER);
        // What another uid has made is not the caller's own: there the capability alone counts.
        Child nested = root.in(root.wide() ? 5 : 0, inside, Namespace.USER).with(call("unshare", CLONE_NEWUSER | CLONE_NEWUTS)).child("nested");
        String name = "below-" + lab.token().hex("below"), hostname = gethostname();
        Step enter = call("setns", root.open(nested, Namespace.UTS), CLONE_NEWUTS);
        List<String> allowed = there.errnos(enter, call("sethostname", name, (long) name.length()));
        lab.claim("capabilities.over-descendants", inside(name + "; setns: success, without CAP_SYS_ADMIN: EPERM",
                nested.sh("uname -n") + "; setns: " + allowed.get(0) + ", without CAP_SYS_ADMIN: "
                        + there.with(capset(allBut("CAP_SYS_ADMIN"), allBut("CAP_SYS_ADMIN"), 0)).errnos(enter).get(0)));
        lab.claim("capabilities.not-over-the-outer", outside("sethostname, mount, raw socket: [EPERM, EPERM, EPERM]", "sethostname, mount, raw socket: "
                + root.alone().errnos(call("sethostname", hostname, (long) hostname.length()), call("mount", "none", "/tmp", "tmpfs", 0L, null),
                        call("socket", AF_INET, SOCK_RAW, IPPROTO_ICMP))));
    }

    static String sets(Child child, String... names) {
        return Stream.of(names).map(set -> hex(set(child.pid, set))).collect(Collectors.joining(" "));
    }

    /** A claim about what execve(2) gives. */
    static void given(Lab lab, String id, Claim.Side... sides) {
        if (SetUserId.noNewPrivs() == null) {
            lab.claim(id, sides);
        } else {
            lab.cannot(SetUserId.noNewPrivs(), id);
        }
    }
}
