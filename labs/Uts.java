///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Claim.outside;
import static kit.Libc.*;

import kit.*;

/** Give a process a hostname of its own; uts_namespaces(7), clone(2), sethostname(2). */
public class Uts {
    static final String QUESTION = "Can two processes on one machine have different hostnames at the same time?";

    static final String CLAIMS = """
        uts.starts-as-a-copy       | UTS-01        | A new UTS namespace starts with a copy of its creator's hostname and NIS domain name.
        uts.child-renames-itself   | UTS-02        | A process in its own UTS namespace changes its hostname, and nobody outside sees it.
        uts.domain-name-too        | UTS-02        | The NIS domain name is isolated in the same way.
        uts.later-change-outside   | UTS-03        | A change made outside after the namespace was made is not seen inside.
        uts.members-share-the-name | UTS-04        | Two processes in one UTS namespace see each other's change at once.
        uts.needs-cap-sys-admin    | UTS-05        | sethostname(2) without CAP_SYS_ADMIN in the owning user namespace fails with EPERM.
        uts.owner-decides          | UTS-06 GEN-08 | With CLONE_NEWUSER|CLONE_NEWUTS in one call an ordinary user renames the host inside: the new user namespace owns the UTS namespace.
        uts.user-ns-alone          | UTS-07        | A new user namespace alone does not allow sethostname(2): the UTS namespace still belongs to the outer one.
        uts.length-limit           | UTS-09        | A hostname has at most 64 bytes: 65 give EINVAL.
        uts.proc-sys-is-the-reader | UTS-10        | /proc/sys/kernel/hostname shows and sets the name of the UTS namespace of whoever opens it.
        uts.only-two-names         | UTS-11        | Kernel name, release, version and machine are the same inside.
        uts.etc-hostname-is-a-file | UTS-14        | sethostname(2) inside changes neither /etc/hostname nor the variable HOSTNAME.
        uts.seed-length-bug        | UTS-02        | sethostname(2) takes as many bytes as it is told: with length 12 "changed namespace" becomes "changed name".
        """;

    public static void main(String[] args) {
        new Lab("Uts", QUESTION, CLAIMS).main(args, Uts::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        lab.predict("Will the machine's own hostname change when a process with CLONE_NEWUTS calls sethostname(2)?");
        String name = "in-" + lab.token().hex("hostname");
        String domain = "nis-" + lab.token().hex("domainname");

        lab.step("Before", "One thread of this JVM stays outside. It plays the host; nothing is done to the real one.");
        Caller outside = new Caller("outside");
        outside.unshare(CLONE_NEWUTS);
        String hostname = outside.call(Libc::gethostname), domainname = outside.call(Libc::getdomainname);
        lab.show("hostname " + hostname + ", NIS domain name " + domainname + ", " + outside.link(Namespace.UTS));

        // tag::change[]
        lab.step("Change", "A second thread calls unshare(CLONE_NEWUTS), and then sethostname(2).");
        Caller inside = outside.another("inside");
        inside.unshare(CLONE_NEWUTS);
        lab.claim("uts.starts-as-a-copy",
                inside(hostname + " " + domainname, inside.call(Libc::gethostname) + " " + inside.call(Libc::getdomainname)),
                outside(hostname + " " + domainname, outside.call(Libc::gethostname) + " " + outside.call(Libc::getdomainname)));
        inside.run(() -> sethostname(name, name.length()));
        inside.run(() -> setdomainname(domain, domain.length()));
        // end::change[]

        lab.step("Inside and outside", "");
        lab.sides("", "inside", "outside");
        lab.sides("/proc/TID/ns/uts", inside.link(Namespace.UTS), outside.link(Namespace.UTS));
        lab.sides("gethostname(2)", inside.call(Libc::gethostname), outside.call(Libc::gethostname));
        lab.sides("getdomainname(2)", inside.call(Libc::getdomainname), outside.call(Libc::getdomainname));
        lab.claim("uts.child-renames-itself",
                inside(name, inside.call(Libc::gethostname)), outside(hostname, outside.call(Libc::gethostname)));
        lab.claim("uts.domain-name-too",
                inside(domain, inside.call(Libc::getdomainname)), outside(domainname, outside.call(Libc::getdomainname)));

        Child member = inside.clone(0); // an ordinary fork(2): it stands in the same namespace
        lab.claim("uts.members-share-the-name", inside(name, member.sh("uname -n")));
        lab.claim("uts.only-two-names", inside(outside.sh("uname -srvm"), inside.sh("uname -srvm")));
        lab.claim("uts.etc-hostname-is-a-file",
                inside(outside.sh("cat /etc/hostname; echo $HOSTNAME"), inside.sh("cat /etc/hostname; echo $HOSTNAME")));
        lab.claim("uts.proc-sys-is-the-reader",
                inside(name, inside.call(() -> Proc.read("/proc/sys/kernel/hostname"))),
                outside(hostname, outside.call(() -> Proc.read("/proc/sys/kernel/hostname"))));
        lab.look(member.pid, inside::shell);

        lab.step("The host changes its name", "Now the side that plays the host is renamed.");
        outside.run(() -> sethostname("renamed-later", 13));
        lab.claim("uts.later-change-outside",
                inside(name, inside.call(Libc::gethostname)), outside("renamed-later", outside.call(Libc::gethostname)));

        lab.step("Who may", "The kernel asks for CAP_SYS_ADMIN in the user namespace that owns the UTS namespace.");
        var rename = call("sethostname", "owned", 5L);
        lab.claim("uts.owner-decides",
                inside("success", inside.errnos(CLONE_NEWUSER | CLONE_NEWUTS, UserMap.root(), rename).get(0)),
                outside(name, inside.call(Libc::gethostname)));
        lab.claim("uts.user-ns-alone",
                inside("EPERM", inside.errnos(CLONE_NEWUSER, UserMap.root(), rename).get(0)),
                outside(name, inside.call(Libc::gethostname)));
        Caller capless = inside.another("without CAP_SYS_ADMIN");
        capless.drop(CAP_SYS_ADMIN);
        lab.claim("uts.needs-cap-sys-admin", inside("EPERM", capless.errno(() -> sethostname("x", 1))));
        lab.claim("uts.length-limit",
                inside("65: EINVAL, 64: success", "65: " + inside.errno(() -> sethostname("x".repeat(65), 65))
                        + ", 64: " + inside.errno(() -> sethostname("x".repeat(64), 64))));

        lab.step("The seed's program", "clone(CLONE_NEWUTS), in the child sethostname(\"changed namespace\", 12), then a shell.");
        try (Child seed = inside.clone(CLONE_NEWUTS, call("sethostname", "changed namespace", 12L))) {
            lab.claim("uts.seed-length-bug", inside("changed name", seed.sh("uname -n")));
        }

        lab.step("Clean-up", "The threads and the child end; a UTS namespace without members is gone.");
        String link = inside.link(Namespace.UTS);
        member.close();
        capless.close();
        inside.close();
        outside.close();
        lab.gone(link);
        lab.next("In a second terminal: ./build.sh run Uts --hold, then nsenter --uts --target PID hostname.");
    }
}
