///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES kit/Lab.java
//SOURCES kit/Capability.java
//SOURCES kit/Jail.java
//SOURCES kit/Keyring.java
//SOURCES kit/OrdinaryUser.java
//SOURCES kit/RootFs.java
//SOURCES kit/RuntimeSocket.java
//SOURCES kit/SeccompFilter.java
//SOURCES kit/Sockets.java
//SOURCES kit/Syscall.java
//SOURCES kit/Tmpfs.java

import static kit.Child.call;
import static kit.Claim.inside;
import static kit.Jail.*;
import static kit.Libc.*;
import static kit.SeccompFilter.*;

import com.sun.jna.LastErrorException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import kit.*;
import kit.Child.Step;

/** Get out of a container by a hole that was left in it, close the hole, and try again; namespaces(7), pivot_root(2), seccomp(2). */
public class Escapes {
    static final String QUESTION = "Which single line, forgotten, lets a container out, and which one keeps it in?";

    static final String CLAIMS = """
        escapes.directory-fd       | PIV-11 PIV-02 | An open directory of the host leads out through /proc/self/fd; with O_CLOEXEC it is closed by execve(2).
        escapes.shared-propagation | MNT-06 MNT-07 | On a shared volume the container mounts over what the host runs; MS_PRIVATE that is not forgotten with MS_REC keeps it in.
        escapes.remount-rw         | MNT-19 MNT-20 | CAP_SYS_ADMIN makes a read-only volume writable again; a user namespace locks the flag, and without the capability mount(2) fails.
        escapes.set-user-id        | USR-05 MNT-04 | On a shared directory root of the container leaves an ordinary user of the host a set-user-ID program; nosuid and a user namespace take its power.
        escapes.proc-root          | PID-08 PID-09 | With the host's /proc any process of the same user is a door: /proc/PID/root; with a PID namespace and its own proc there is no such PID.
        escapes.setns              | PID-09 MNT-23 | /proc/PID/ns/mnt and setns(2) lead out likewise, and a proc of its own closes that too.
        escapes.neighbour          | PID-06 PID-09 | /proc/PID/environ shows what a neighbour was started with; in a PID namespace with its own proc there is no neighbour.
        escapes.kill               | PID-06        | kill(2) reaches a neighbour as long as the PID namespace is shared: ESRCH else.
        escapes.runtime-socket     | NET-14 MNT-04 | A network namespace does not hide a socket with a path: who gets the engine's socket mounted commands the host.
        escapes.abstract-socket    | NET-14        | In the host's network namespace an abstract socket is reached from any root file system; in its own it is not there.
        escapes.keyring            | SEC-07        | No namespace hides the session keyring that a process inherits: a filter on keyctl(2) does, or a keyring of its own.
        escapes.new-capabilities   | SEC-07 USR-03 | A process without any capability mounts again in a new user namespace, unless a filter forbids unshare(2).
        """;

    static Lab lab;
    static Caller host;
    static Jail jail;
    /** A file system in memory that only the host has, the container's root directory on it, and the secret beside that. */
    static String place, root, file, secret;
    /** The containers of each rung, for who looks from outside: rung=PID. */
    static final List<String> ALL = new ArrayList<>();

    static final String NO_FILE = "No such file or directory", READ_ONLY = "Read-only file system", DENIED = "Permission denied";
    static final Step NO_NEW_PRIVS = call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L); // so that execve(2) gives nothing back to uid 0

    public static void main(String[] args) {
        new Lab("Escapes", QUESTION, CLAIMS).main(args, Escapes::experiment);
    }

    static void experiment(Lab lab) throws Exception {
        Escapes.lab = lab;
        lab.predict("A container has its own root by pivot_root(2), and the old one is detached. Name three ways in which it may still read a file of the host.");
        lab.step("Before", "A thread plays the host: a file system in memory with a secret, and beside it a root file system for containers.");
        host = new Caller("host");
        host.unshare(CLONE_NEWNS | CLONE_NEWNET);
        place = Tmpfs.mount(host);
        root = place + "/root";
        file = place + "/secret";
        secret = "secret-" + lab.token().hex("secret");
        host.run(() -> mkdir(root, 0755));
        RootFs.make(host, root);
        host.sh("cd " + place + "; umask 077; echo " + secret + " > secret; umask 022; mkdir -p volume run share root/volume root/run root/share root/evil; chmod 777 share; : > root/dev/null;"
                + " cp -L $(command -v cat) root/cat; echo 'cat " + file + " > " + root + "/evil/loot' > root/evil/daily");
        lab.show("the host's " + file + " says " + host.sh("cat " + file));
        jail = new Jail(host, root);
        mounts();
        setUserId();
        processes();
        sockets();
        calls();
        lab.look(jail.container(CLONE_NEWPID, EVERYWHERE, List.of(OWN_PROC)).pid, jail::shell, ALL.toArray(String[]::new));
        lab.step("Clean-up", "The containers end with the shells in them, and the host's files with its mount namespace.");
        String link = host.link(Namespace.MNT);
        jail.close();
        host.close();
        lab.gone(link);
        lab.next("./build.sh run Escapes --shell is a container without these holes: look for one that is left (its network? its user ID?).");
    }

    /** One rung: the same attack on a container with the hole and on those without it, and what comes of each: the secret, or an errno's text. */
    @SafeVarargs
    static void rung(String name, Function<Child, String> attack, List<String> expected, Supplier<Child>... containers) {
        List<String> saw = new ArrayList<>();
        for (Supplier<Child> each : containers) {
            Child container = each.get();
            String text = attack.apply(container);
            saw.add(text.contains(secret) ? secret : text.replaceFirst("(?s).*(: | - )", "").strip());
            ALL.add(name + (saw.size() == 1 ? "=" : "-closed" + (saw.size() - 1) + "=") + container.pid);
        }
        lab.claim("escapes." + name, inside(String.join("; closed: ", expected), String.join("; closed: ", saw)));
    }

    static void mounts() {
        lab.step("Files and mounts", "The host left a directory open; it shares a volume read-only, and each day runs a script that lies there.");
        // tag::rung[]
        Function<Integer, Child> leaving = flag -> {
            int fd = host.call(() -> open(place, O_RDONLY | flag, 0));
            Child child = jail.container(0, EVERYWHERE, List.of(HOSTS_PROC));
            close(fd);
            return child;
        };
        rung("directory-fd", it -> it.sh("cat /proc/self/fd/*/secret"), List.of(secret, NO_FILE), () -> leaving.apply(0), () -> leaving.apply(O_CLOEXEC));
        // end::rung[]

        String hooks = place + "/volume/hooks";
        host.run(() -> mount("volume", place + "/volume", "tmpfs", 0, null));
        host.run(() -> mount("none", place + "/volume", null, MS_SHARED, null));
        host.run(() -> mount(place + "/volume", root + "/volume", null, MS_BIND, null));
        host.run(() -> mount("none", root + "/volume", null, MS_REMOUNT | MS_BIND | MS_RDONLY, null));
        host.sh("mkdir " + hooks + "; echo : > " + hooks + "/daily");
        Function<Child, String> daily = it -> {
            host.sh("rm -f " + root + "/evil/loot; sh " + hooks + "/daily");
            host.errno(() -> umount2(hooks, MNT_DETACH));
            return it.sh("cat /evil/loot");
        };
        Step over = call("mount", "/evil", "/volume/hooks", 0L, MS_BIND, 0L);
        rung("shared-propagation", daily, List.of(secret, NO_FILE),
                () -> jail.container(0, MS_PRIVATE, List.of(), over),
                () -> jail.container(0, EVERYWHERE, List.of(), over));

        Step writable = call("mount", "none", "/volume", 0L, MS_REMOUNT | MS_BIND, 0L);
        rung("remount-rw", it -> {
            host.sh("echo : > " + hooks + "/daily");
            String written = it.sh("cp /evil/daily /volume/hooks/daily");
            return written.isEmpty() ? daily.apply(it) : written;
        }, List.of(secret, READ_ONLY, READ_ONLY),
                () -> jail.container(0, EVERYWHERE, List.of(), writable),
                () -> jail.container(CLONE_NEWUSER, EVERYWHERE, List.of(), writable),
                () -> jail.container(0, EVERYWHERE, List.of(), NO_NEW_PRIVS, Capability.capset(0, 0, 0), writable));
    }

    static void setUserId() {
        String share = place + "/share";
        String obstacle = Proc.status("self", "NoNewPrivs").equals("1") ? "no_new_privs is set, and set-user-ID bits are void; start the lab from a login shell" : null;
        Caller user = host.another("an ordinary user of the host");
        try {
            user.become(OrdinaryUser.UID);
        } catch (Problem e) {
            obstacle = "it takes a second user, and this user namespace has one (" + e.diagnosis.cause() + "); run as root";
        }
        if (obstacle != null) {
            user.close();
            lab.cannot("escapes.set-user-id", obstacle);
            return;
        }
        lab.step("A set-user-ID file", "uid 0 of the container is uid 0 of the host, unless a user namespace says otherwise.");
        host.run(() -> mount(share, share, null, MS_BIND, null));
        Step shared = call("mount", share, "share", 0L, MS_BIND, 0L);
        // Until it calls setresuid(2) it still is the host's uid 0, which is not in the map; and that call forgets the parent-death signal.
        List<Step> mapped = List.of(call("syscall", SYS_setresgid, 0, 0, 0), call("syscall", SYS_setresuid, 0, 0, 0),
                call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL), shared);
        rung("set-user-id", it -> it.sh("cp /cat /share/cat && chmod 4755 /share/cat") + user.sh(share + "/cat " + file + "; rm -f " + share + "/cat"),
                List.of(secret, DENIED, DENIED),
                () -> jail.container(0, EVERYWHERE, List.of(shared)),
                () -> jail.container(CLONE_NEWUSER, new UserMap("", "0 100000 65536", "0 100000 65536"), EVERYWHERE, mapped),
                () -> {
                    host.run(() -> mount("none", share, null, MS_REMOUNT | MS_BIND | MS_NOSUID, null));
                    return jail.container(0, EVERYWHERE, List.of(shared));
                });
        user.close();
    }

    static void processes() {
        lab.step("Processes", "A neighbour on the host was started with a password in its environment.");
        Child neighbour = host.clone(0, call("clearenv"), call("setenv", "PASSWORD", secret, 1));
        String proc = "/proc/" + neighbour.sh("echo $$"); // so it is a shell by now, with that environment
        Child shared = jail.container(0, EVERYWHERE, List.of(HOSTS_PROC)), apart = jail.container(CLONE_NEWPID, EVERYWHERE, List.of(OWN_PROC));
        rung("proc-root", it -> it.sh("cat " + proc + "/root" + file), List.of(secret, NO_FILE), () -> shared, () -> apart);

        Step[] enter = {call("close", 0), call("open", proc + "/ns/mnt", O_RDONLY), call("setns", 0, CLONE_NEWNS)}; // the lowest number is free: 0
        rung("setns", it -> it.sh("cat " + file), List.of(secret, NO_FILE),
                () -> jail.container(0, EVERYWHERE, List.of(HOSTS_PROC), enter),
                () -> jail.container(CLONE_NEWPID, EVERYWHERE, List.of(OWN_PROC), enter));

        rung("neighbour", it -> it.sh("cat " + proc + "/environ"), List.of(secret, NO_FILE), () -> shared, () -> apart);

        rung("kill", it -> {
            try (Child victim = host.clone(0)) {
                victim.sh(":"); // it has become a shell: the JVM's handler for SIGTERM is gone
                String said = it.sh("kill " + victim.pid);
                return said.isEmpty() ? "ended by signal " + (victim.waitFor() - 128) : said;
            }
        }, List.of("ended by signal 15", "No such process"), () -> shared, () -> apart);
        neighbour.close();
    }

    static void sockets() {
        lab.step("Sockets", "The host's engine obeys whoever connects: one socket has a path, the other one an abstract name.");
        byte[] path = Sockets.un(place + "/run/engine"), mounted = Sockets.un("/run/engine"), name = Sockets.un("\0engine-" + lab.token().hex("socket"));
        List.of(path, name).forEach(address -> RuntimeSocket.serve(host, address));
        String order = "cat " + file, refused = "Invalid argument"; // says read(2) of a socket without a peer
        Step run = call("mount", place + "/run", "run", 0L, MS_BIND, 0L);
        rung("runtime-socket", it -> it.sh("cat <&3"), List.of(secret, refused),
                () -> jail.container(CLONE_NEWNET, EVERYWHERE, List.of(run), RuntimeSocket.client(mounted, order)),
                () -> jail.container(CLONE_NEWNET, EVERYWHERE, List.of(), RuntimeSocket.client(mounted, order)));
        rung("abstract-socket", it -> it.sh("cat <&3"), List.of(secret, refused),
                () -> jail.container(0, EVERYWHERE, List.of(), RuntimeSocket.client(name, order)),
                () -> jail.container(CLONE_NEWNET, EVERYWHERE, List.of(), RuntimeSocket.client(name, order)));
    }

    static void calls() {
        lab.step("System calls", "What no namespace covers: a keyring that is inherited, and the calls that make namespaces.");
        SeccompFilter filter = new SeccompFilter(RET_ALLOW).on(RET_ERRNO | Errno.EPERM, "keyctl", "add_key", "request_key", "unshare");
        try {
            int key = host.call(() -> Keyring.add("password", secret));
            Step[] copy = Keyring.copy(key, "/tmp/key");
            rung("keyring", it -> it.sh("cat /tmp/key"), List.of(secret, Keyring.NOTHING, Keyring.NOTHING),
                    () -> jail.container(0, EVERYWHERE, List.of(), copy),
                    () -> jail.container(0, EVERYWHERE, List.of(filter.install()), copy),
                    () -> jail.container(0, EVERYWHERE, List.of(Keyring.join()), copy));
        } catch (LastErrorException e) {
            lab.cannot("escapes.keyring", "add_key(2) gives " + Errno.name(e.getErrorCode()) + ": EPERM under a container's seccomp filter, ENOSYS in a"
                    + " kernel without CONFIG_KEYS; run elsewhere");
        }
        Step[] regain = {NO_NEW_PRIVS, Capability.capset(0, 0, 0), call("unshare", CLONE_NEWUSER | CLONE_NEWNS), call("mount", secret, "/tmp", "tmpfs", 0L, 0L)};
        rung("new-capabilities", it -> it.sh("echo nothing mounted; while read source point rest; do [ $point = /tmp ] && echo $source; done < /proc/self/mounts"), List.of(secret, "nothing mounted"),
                () -> jail.container(0, EVERYWHERE, List.of(HOSTS_PROC), regain),
                () -> jail.container(0, EVERYWHERE, List.of(HOSTS_PROC, filter.install()), regain));
    }
}
