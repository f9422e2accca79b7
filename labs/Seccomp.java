///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Attempts.java
//SOURCES kit/Capability.java
//SOURCES kit/SeccompFilter.java
//SOURCES kit/Sockets.java
//SOURCES kit/Supervisor.java
//SOURCES kit/Syscall.java
//SOURCES kit/Tmpfs.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;
import static kit.SeccompFilter.*;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kit.*;

/** Forbid system calls by a filter, and see who says no first: filter, capability or namespace; seccomp(2), seccomp_unotify(2). */
public class Seccomp {
    static final String QUESTION = "A namespace hides, a missing capability does not permit, seccomp forbids: who is asked first?";

    static final String CLAIMS = """
        seccomp.errno-without-running    | SEC-07               | A filter that returns ERRNO answers a call with that errno, and the call is not run.
        seccomp.needs-no-new-privs       | SEC-06 SEC-02        | A filter wants CAP_SYS_ADMIN or no_new_privs: without either it is refused with EACCES.
        seccomp.inherited-for-good       | SEC-07 SEC-02        | fork(2) and execve(2) keep a filter, and nothing takes it off again: leaving the filter mode gives EINVAL.
        seccomp.strictest-wins           | SEC-07 SEC-09        | Every filter is asked, and the strictest answer counts, whichever was installed first.
        seccomp.kill-process             | SEC-09               | KILL_PROCESS ends the process with SIGSYS (31), and a handler for the signal is not called.
        seccomp.trap                     | SEC-09               | TRAP sends SIGSYS instead of running the call; a process with a handler lives on.
        seccomp.log                      | SEC-09               | LOG runs the call.
        seccomp.user-notification        | SEC-09               | USER_NOTIF leaves the answer to a supervisor, who can read what the arguments point to.
        seccomp.arguments-not-pointers   | SEC-07               | A filter sees the numbers that a call is given; what stands at the address that a pointer is, it can not see.
        seccomp.asked-first              | SEC-07 UTS-05 MNT-13 | seccomp answers before the kernel looks at an argument; then sethostname(2) asks for the capability, mount(2) for the path.
        seccomp.matrix-sethostname       | UTS-02 UTS-05 SEC-07 | sethostname(2): a namespace gives a name of its own, a missing capability EPERM, a filter its errno.
        seccomp.matrix-mount             | MNT-02 MNT-13 SEC-07 | mount(2): a namespace gives mounts of its own, a missing capability EPERM, a filter its errno.
        seccomp.matrix-kill              | PID-06 SEC-07        | kill(2): a PID namespace gives ESRCH, the same user needs no capability, a filter gives its errno.
        seccomp.matrix-bind              | NET-04 NET-18 SEC-07 | bind(2) to port 80: a namespace gives a port of its own, a missing capability EACCES, a filter its errno.
        seccomp.matrix-unshare           | GEN-07 SEC-05 SEC-07 | unshare(2): a namespace does not hinder it, a missing capability gives EPERM, a filter its errno.
        seccomp.matrix-shadow            | MNT-03 SEC-07        | Reading /etc/shadow: a mount namespace gives ENOENT, a missing capability EACCES, a filter its errno for every file.
        """;

    public static void main(String[] args) {
        new Lab("Seccomp", QUESTION, CLAIMS).main(args, Seccomp::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("A process has all capabilities, and a filter forbids it sethostname(2). What does it get for sethostname(NULL, 5)?");
        if (Proc.status("self", "Seccomp").isEmpty()) {
            throw new Problem("prctl(PR_SET_SECCOMP)", Errno.EINVAL, new Diagnosis(true, "this kernel has no seccomp filters: no line Seccomp in"
                    + " /proc/self/status", "use a kernel with CONFIG_SECCOMP_FILTER"));
        }
        lab.step("Before", "One thread plays the host: it has a hostname, mounts, processes and a network of its own.");
        Caller host = new Caller("host");
        host.unshare(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWNET);
        String place = Tmpfs.mount(host);
        String name = "host-" + lab.token().hex("hostname");
        host.run(() -> sethostname(name, name.length()));
        // No system call gives one of these errnos: whoever sees it has been answered by the filter. errno(3)
        int no = lab.token().number("errno", 44, 58);
        String forbidden = Errno.name(no);

        lab.step("The filter", "Eight bytes an instruction, {code, jump if true, jump if false, operand}. The kernel runs it at each call's entry.");
        // tag::change[]
        SeccompFilter filter = new SeccompFilter(RET_ALLOW).on(RET_ERRNO | no, "sethostname");
        lab.show(filter.listing());
        Caller inside = host.another("under the filter");
        inside.run(filter::installOnThisThread);
        // end::change[]
        Child child = inside.clone(0);
        lab.sides("", "inside", "outside");
        lab.sides("Seccomp in status", Proc.status(child.pid, "Seccomp"), Proc.status(host.tid(), "Seccomp"));
        lab.claim("seccomp.errno-without-running", inside(forbidden + ", Seccomp: 2", inside.errno(() -> sethostname("renamed", 7))
                + ", Seccomp: " + Proc.status(inside.tid(), "Seccomp")), outside(name, host.call(Libc::gethostname)));
        lab.look(child.pid, inside::shell, "host=" + host.tid());

        rules(lab, host, inside, filter, no);
        answers(lab, host);
        supervisor(lab, host, no);
        order(lab, host, filter.on(RET_ERRNO | no, "mount"), forbidden);
        matrix(lab, host, place, no);

        lab.step("Clean-up", "A filter ends with the last thread that is under it.");
        String link = host.link(Namespace.UTS);
        child.close();
        inside.close();
        host.close();
        lab.gone(link);
        lab.next("Look at the filter of your browser or of a container: grep Seccomp /proc/PID/status; ./build.sh run Seccomp --shell, then hostname x.");
    }

    /** What is true of every filter, whatever it returns. */
    static void rules(Lab lab, Caller host, Caller inside, SeccompFilter filter, int no) {
        lab.step("Who may, and for how long", "A filter that fooled a set-user-ID program would be an attack: hence no_new_privs.");
        String forbidden = Errno.name(no);
        if (Proc.status(host.tid(), "NoNewPrivs").equals("1")) {
            lab.cannot("seccomp.needs-no-new-privs", "no_new_privs is set already, by whoever started this lab, and for good; start it from a login shell");
        } else {
            try (Caller capless = host.another("without CAP_SYS_ADMIN")) {
                capless.drop(CAP_SYS_ADMIN);
                String without = capless.errno(filter::installOnThisThread);
                capless.run(() -> prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
                lab.claim("seccomp.needs-no-new-privs", inside("EACCES, then success", without + ", then " + capless.errno(filter::installOnThisThread)),
                        outside("success without no_new_privs", host.errnos(0, UserMap.NONE, filter.install()).get(0) + " without no_new_privs"));
            }
        }
        lab.claim("seccomp.inherited-for-good",
                inside("2 in a child, EINVAL, still " + forbidden, inside.sh("while read name value; do [ $name = Seccomp: ] && echo $value; done < /proc/self/status") + " in a child, "
                        + inside.errno(() -> prctl(PR_SET_SECCOMP, 0, 0, 0, 0)) + ", still " + inside.errno(() -> sethostname("renamed", 7))),
                outside(Proc.status("self", "Seccomp"), Proc.status(host.tid(), "Seccomp")));

        SeccompFilter allow = new SeccompFilter(RET_ALLOW), log = new SeccompFilter(RET_ALLOW).on(RET_LOG, "sethostname");
        List<String> saw = new ArrayList<>();
        for (List<SeccompFilter> two : List.of(List.of(filter, allow), List.of(allow, filter), List.of(filter, log), List.of(log, filter))) {
            saw.add(host.errnos(0, UserMap.NONE, two.get(0).install(), two.get(1).install(), call("sethostname", "renamed", 7L)).get(2));
        }
        lab.claim("seccomp.strictest-wins", inside(String.join(" ", forbidden, forbidden, forbidden, forbidden), String.join(" ", saw)));

        Memory one = new Memory(8), two = new Memory(8); // one text at two addresses, of which the filter knows one
        one.setString(0, "renamed");
        two.setString(0, "renamed");
        SeccompFilter address = new SeccompFilter(RET_ALLOW)
                .on(RET_ERRNO | no, List.of(new Argument(0, "SCMP_CMP_EQ", Pointer.nativeValue(one), 0)), "sethostname")
                .on(RET_ERRNO | no, List.of(new Argument(1, "SCMP_CMP_GT", 7, 0)), "sethostname");
        lab.claim("seccomp.arguments-not-pointers", inside(forbidden + ", success, " + forbidden + " for length 8", String.join(", ", host.errnos(CLONE_NEWUTS,
                UserMap.NONE, address.install(), call("sethostname", one, 7L), call("sethostname", two, 7L), call("sethostname", two, 8L)).subList(1, 4))
                + " for length 8"));
    }

    /** A shell makes umask(2) itself, so it is the shell that meets the answer. */
    static void answers(Lab lab, Caller host) {
        lab.step("Other answers", "The strictest first: " + Machine.sysctl("kernel/seccomp/actions_avail") + ".");
        String command = "sh -c 'ulimit -c 0; trap \"echo handler\" SYS; umask 0; umask 027; umask' 2>/dev/null; echo status $?";
        Map<String, String> saw = new LinkedHashMap<>();
        for (long action : new long[] {RET_KILL_PROCESS, RET_TRAP, RET_LOG}) {
            try (Child shell = host.clone(0, new SeccompFilter(RET_ALLOW).on(action, "umask").install())) {
                String text = shell.sh(command).replace('\n', ' ');
                saw.put(SeccompFilter.action(action), "Seccomp " + Proc.status(shell.pid, "Seccomp") + ": " + text);
            }
        }
        lab.show("A shell with a handler for SIGSYS calls umask(2): " + saw);
        lab.claim("seccomp.kill-process", inside("Seccomp 2: status " + (128 + SIGSYS), saw.get("KILL_PROCESS")));
        lab.claim("seccomp.trap", inside("the handler, and status 0", saw.get("TRAP"), saw.get("TRAP").matches("Seccomp 2: (handler )+.*status 0")));
        lab.claim("seccomp.log", inside("Seccomp 2: 0027 status 0", saw.get("LOG")));
    }

    /** Decides what a filter cannot: by what a pointer points to. */
    static void supervisor(Lab lab, Caller host, int no) {
        lab.step("A supervisor", "USER_NOTIF stops the caller. Another thread reads the name in its memory, sets one in its place and refuses the other.");
        String good = "good-" + lab.token().hex("good"), bad = "evil-" + lab.token().hex("bad");
        Caller supervised = host.another("supervised");
        Supervisor supervisor;
        try {
            supervisor = new Supervisor(supervised, new SeccompFilter(RET_ALLOW).on(RET_USER_NOTIF, "sethostname"), request -> {
                String wish = request.text(0, (int) request.arguments()[1]);
                if (wish.equals(bad)) {
                    return no;
                }
                host.run(() -> sethostname(wish, wish.length()));
                return 0;
            });
        } catch (LastErrorException e) {
            lab.cannot("seccomp.user-notification", "seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER) gives " + Errno.name(e.getErrorCode())
                    + ": EBUSY under another supervisor, EINVAL before Linux 5.0; run elsewhere");
            return;
        }
        List<String> saw = supervised.errnos(0, UserMap.NONE, call("sethostname", bad, (long) bad.length()), call("sethostname", good, (long) good.length()));
        lab.claim("seccomp.user-notification", inside(Errno.name(no) + " success", String.join(" ", saw)), outside(good, host.call(Libc::gethostname)));
        supervised.close();
        supervisor.close();
    }

    /** Pointers to nowhere: EFAULT comes from who looked at the argument. */
    static void order(Lab lab, Caller host, SeccompFilter filter, String forbidden) {
        lab.step("Who is asked first", "sethostname(NULL, 5) and mount(\"none\", NULL, \"tmpfs\", 0, NULL): NULL is no address.");
        Child.Step name = call("sethostname", 0L, 5L), mount = call("mount", "none", 0L, "tmpfs", 0L, 0L);
        String capless = String.join(" ", host.errnos(0, UserMap.NONE, Capability.capset(0, 0, 0), name, mount).subList(1, 3));
        String filtered = String.join(" ", host.errnos(0, UserMap.NONE, filter.install(), name, mount).subList(1, 3));
        lab.claim("seccomp.asked-first", inside(forbidden + " " + forbidden + " with a filter, EPERM EFAULT without capabilities",
                filtered + " with a filter, " + capless + " without capabilities"), outside("EFAULT EFAULT", String.join(" ", host.errnos(0, UserMap.NONE, name, mount))));
    }

    /** The same six operations, tried by six processes, the last one of which does them to the host. */
    static void matrix(Lab lab, Caller host, String place, int no) throws InterruptedException {
        lab.step("The matrix", "The host has a server at port 80, and a file /etc/shadow without any permission bit, so that only capabilities open it.");
        int server = Sockets.listen(host, Sockets.in("0.0.0.0", 80));
        String shadow = Proc.exists("/etc/shadow") ? "/etc/shadow" : place + "/etc/shadow", etc = shadow.replace("/shadow", "");
        host.sh("cd " + place + "; mkdir etc point; echo secret > etc/shadow; chmod 0 etc/shadow");
        host.run(() -> mount(place + "/etc/shadow", shadow, null, MS_BIND, null)); // nobody's real one is read
        int apart = CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET;
        Child.Step hide = call("mount", "none", etc, "tmpfs", 0L, 0L), nothing = Capability.capset(0, 0, 0), filter = new SeccompFilter(RET_ALLOW)
                .on(RET_ERRNO | no, "sethostname", "mount", "kill", "bind", "unshare", "open", "openat").install();
        Attempts tried = new Attempts(host, place + "/point", shadow);
        Map<String, List<String>> table = new LinkedHashMap<>();
        table.put("namespaces", tried.by(apart, hide));
        table.put("no caps", tried.by(0, nothing));
        table.put("both", tried.by(apart, hide, nothing));
        table.put("seccomp", tried.by(0, filter));
        table.put("all three", tried.by(apart, hide, call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), nothing, filter));
        table.put("plain", tried.by(0));
        close(server);
        lab.show(Attempts.text(table));
        lab.show("Hidden: an own copy, ESRCH, ENOENT. Not permitted: EPERM, EACCES. Forbidden: " + Errno.name(no) + ", and always first.");
        String own = "hidden: own copy", eperm = "not permitted: EPERM", eacces = "not permitted: EACCES", f = "forbidden: " + Errno.name(no), yes = "allowed: yes";
        row(lab, "sethostname", table, own, eperm, eperm, f, f, yes);
        row(lab, "mount", table, own, eperm, eperm, f, f, yes);
        row(lab, "kill", table, "hidden: ESRCH", yes, "hidden: ESRCH", f, f, yes);
        row(lab, "bind", table, own, eacces, eacces, f, f, "allowed: EADDRINUSE");
        if (lab.can(host, CLONE_NEWIPC, "seccomp.matrix-unshare")) {
            row(lab, "unshare", table, yes, eperm, eperm, f, f, yes);
        }
        row(lab, "shadow", table, "hidden: ENOENT", eacces, "hidden: ENOENT", f, f, yes);
    }

    /** The claim about one operation: what the five restricted processes got, and the plain one. */
    static void row(Lab lab, String operation, Map<String, List<String>> table, String... expected) {
        List<String> saw = table.values().stream().map(column -> column.get(Attempts.OPERATIONS.indexOf(operation))).toList();
        lab.claim("seccomp.matrix-" + operation, inside(String.join(", ", List.of(expected).subList(0, 5)), String.join(", ", saw.subList(0, 5))),
                outside(expected[5], saw.get(5)));
    }
}
