package kit.container;

import static kit.Libc.*;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import kit.*;

/**
 * The last steps of a process of a container, in the order in which they must come: each takes away something that an
 * earlier one needs. The order is runc's; capabilities(7), seccomp(2), execve(2).
 */
final class ContainerProcess {
    private final Puppet puppet;
    private final ContainerSpec spec;

    ContainerProcess(Puppet puppet, ContainerSpec spec) {
        this.puppet = puppet;
        this.spec = spec;
    }

    /** What this process may still be: no session of ours, no open file of the JVM, limits, no more privilege by execve(2). */
    void detach() {
        puppet.call("setsid");
        for (int signal = 1; signal < 32; signal++) { // what is ignored here would stay so
            if (signal != SIGKILL && signal != SIGSTOP) {
                puppet.call("signal", signal, 0L);
            }
        }
        for (ContainerSpec.Limit limit : spec.limits) {
            byte[] both = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).putLong(limit.soft()).putLong(limit.hard()).array();
            Where.at(limit.where(), () -> puppet.call("setrlimit", limit.kind(), both));
        }
        if (spec.noNewPrivileges) {
            puppet.call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
        }
        for (String fd : new File("/proc/" + puppet.pid() + "/fd").list()) { // a directory among them would lead out of the container
            if (Integer.parseInt(fd) > 2) {
                puppet.call("fcntl", Integer.parseInt(fd), F_SETFD, FD_CLOEXEC);
            }
        }
        puppet.call("umask", spec.umask < 0 ? 022 : spec.umask);
    }

    /** Who this process is and what it may: ids, capabilities, system calls; and the proof that it is so. */
    void restrict() {
        puppet.call("prctl", PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); // nobody in the container may look into what is still a copy of the JVM
        long has = Capability.set(puppet.pid(), "CapPrm") & Capability.set(puppet.pid(), "CapBnd");
        ContainerSpec.Capabilities wanted = spec.capabilities;
        Capability.names((wanted.bounding() | wanted.permitted()) & ~has).forEach(name -> spec.notes.add(name + " cannot be given: this machine does not give it to you"));
        if (spec.seccomp != null && !spec.noNewPrivileges) {
            seccomp(); // without no_new_privs it takes CAP_SYS_ADMIN, so it must come while there is one
        }
        for (int number = 0; number <= Capability.last(); number++) {
            if ((wanted.bounding() >>> number & 1) == 0) {
                puppet.call("prctl", PR_CAPBSET_DROP, (long) number, 0L, 0L, 0L);
            }
        }
        puppet.call("prctl", PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L);
        become();
        puppet.call("prctl", PR_SET_KEEPCAPS, 0L, 0L, 0L, 0L);
        puppet.call("chdir", spec.workingDirectory);
        long permitted = wanted.permitted() & has;
        ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.nativeOrder());
        long[] sets = {wanted.effective() & permitted, permitted, wanted.inheritable() & has};
        for (int shift : new int[] {0, 32}) {
            for (long set : sets) {
                data.putInt((int) (set >>> shift));
            }
        }
        byte[] header = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putInt(LINUX_CAPABILITY_VERSION_3).array();
        puppet.call("capset", header, data.array());
        for (String name : Capability.names(wanted.ambient() & sets[1] & sets[2])) {
            puppet.call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (long) Capability.number(name), 0L, 0L);
        }
        if (spec.seccomp != null && spec.noNewPrivileges) {
            seccomp();
        }
        String saw = String.join(" ", Capability.hex(sets[0]), Capability.hex(wanted.bounding() & has), spec.noNewPrivileges ? "1" : "0");
        String is = String.join(" ", Proc.status(puppet.pid(), "CapEff"), Proc.status(puppet.pid(), "CapBnd"), Proc.status(puppet.pid(), "NoNewPrivs"));
        if (!saw.equals(is)) {
            throw new IllegalStateException("CapEff CapBnd NoNewPrivs should be " + saw + " and are " + is);
        }
    }

    private void seccomp() {
        puppet.call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, puppet.kept());
        if (!Proc.status(puppet.pid(), "Seccomp").equals("2")) {
            throw new IllegalStateException("no seccomp filter looks at process " + puppet.pid());
        }
    }

    /** Another user and group. */
    private void become() {
        if (!Proc.read("/proc/" + puppet.pid() + "/setgroups").equals("deny")) {
            ByteBuffer groups = ByteBuffer.allocate(4 * spec.groups.size() + 4).order(ByteOrder.nativeOrder());
            spec.groups.forEach(groups::putInt);
            Where.at("process.user.additionalGids", () -> puppet.syscall("setgroups", (long) spec.groups.size(), groups.array()));
        } else if (!spec.groups.isEmpty()) {
            throw new Json.Wrong("process.user.additionalGids cannot be set: the user namespace has given up setgroups(2)");
        }
        mapped("gid", spec.gid);
        puppet.syscall("setresgid", (long) spec.gid, (long) spec.gid, (long) spec.gid);
        mapped("uid", spec.uid);
        puppet.syscall("setresuid", (long) spec.uid, (long) spec.uid, (long) spec.uid);
        puppet.call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L); // who changes the uid loses it
    }

    /** Only ids that the user namespace maps exist in it. */
    private void mapped(String kind, int id) {
        String map = Proc.read("/proc/" + puppet.pid() + "/" + kind + "_map");
        if (map.lines().map(line -> line.strip().split("\\s+")).noneMatch(line -> Long.parseLong(line[0]) <= id && id < Long.parseLong(line[0]) + Long.parseLong(line[2]))) {
            throw new Json.Wrong("process.user." + kind + " " + id + " is nobody in the container's user namespace, which maps "
                    + map.strip().replaceAll(" +", " ").replace("\n", ", "));
        }
    }

    /**
     * Becomes the command, which is looked for in PATH as a shell does.
     *
     * @throws Problem with the errno of execve(2): ENOENT where there is no such program
     */
    void exec() {
        List<String> args = new ArrayList<>(spec.args);
        if (spec.init) { // a shell that waits for its child reaps whatever else ends meanwhile
            args.addAll(0, List.of("/bin/sh", "-c", "\"$@\"; exit $?", "init"));
        }
        String path = spec.environment.stream().filter(each -> each.startsWith("PATH=")).reduce("PATH=", (one, other) -> other).substring(5);
        int worst = Errno.ENOENT;
        for (String directory : args.get(0).contains("/") ? new String[] {""} : path.split(":")) {
            String program = directory.isEmpty() ? args.get(0) : directory + "/" + args.get(0);
            int errno = program.contains("/") ? puppet.exec(program, args, spec.environment) : Errno.ENOENT;
            if (errno == 0) {
                return;
            }
            worst = errno == Errno.ENOENT || errno == Errno.ENOTDIR ? worst : errno;
        }
        throw new Problem("execve(\"" + args.get(0) + "\")", worst, new Diagnosis(false, worst == Errno.ENOENT
                ? "there is no such program in the container" + (args.get(0).contains("/") ? "" : "; its PATH is " + path)
                : "the program cannot be started", "look into the container: run -- sh"));
    }
}
