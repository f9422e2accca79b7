//SOURCES ../Capability.java
//SOURCES ../CgroupTree.java
//SOURCES ContainerCgroup.java
//SOURCES ContainerConfig.java
//SOURCES ContainerJoin.java
//SOURCES ContainerMounts.java
//SOURCES ContainerNetwork.java
//SOURCES ContainerProcess.java
//SOURCES ContainerSpec.java
//SOURCES ../Ip.java
//SOURCES Json.java
//SOURCES ../OwnCgroup.java
//SOURCES Pty.java
//SOURCES ../Puppet.java
//SOURCES ../RootFs.java
//SOURCES ../SeccompFilter.java
//SOURCES ../Syscall.java
//SOURCES ../Tmpfs.java
//SOURCES Where.java
package kit.container;

import static kit.Libc.*;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import kit.*;

/**
 * A container from its {@link ContainerSpec}, by system calls that Java dictates to a {@link Puppet}: {@link #create},
 * {@link #furnish}, {@link #enter}, {@link #restrict}, {@link #exec}, one after the other, or {@link #start} for all of
 * them. A call that fails ends the container; nothing is started that lacks a part. What it makes goes when it goes: the
 * namespaces and mounts with the process, the process with the thread that made it, the cgroup by a shell that waits.
 */
public final class ContainerRun implements AutoCloseable {
    /** What the process gets as its terminal, input and output. */
    public enum Streams { INHERITED, TERMINAL, TALK }

    private final Caller creator;
    private final ContainerSpec spec;
    private final Streams streams;
    private int[] input, output;
    private Puppet puppet;
    private ContainerCgroup cgroup;
    private ContainerNetwork network;
    private Conversation conversation;
    private String rootfs;
    /** The container's terminal, seen from here; null if it has none. */
    public Pty terminal;

    public ContainerRun(Caller creator, ContainerSpec spec, Streams streams) {
        this.creator = creator;
        this.spec = spec;
        this.streams = streams;
    }

    /** All steps, with pipes to a shell if that is the command: {@link #sh}. Paths are the creator's. */
    public static ContainerRun start(Caller creator, ContainerSpec spec) {
        return start(creator, spec, Streams.TALK);
    }

    public static ContainerRun start(Caller creator, ContainerSpec spec, Streams streams) {
        ContainerRun run = new ContainerRun(creator, spec, streams);
        try {
            // tag::steps[]
            run.create();
            run.furnish();
            run.enter();
            run.restrict();
            run.exec();
            // end::steps[]
            return run;
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
    }

    /** The first process, as the creator sees it. */
    public int pid() {
        return puppet.pid();
    }

    /** Makes the process, its namespaces and its cgroup, and gives it a name and the loopback device. */
    public void create() {
        if (streams == Streams.TALK) {
            input = Child.pipe();
            output = Child.pipe();
        }
        int flags = 0;
        for (Map.Entry<Namespace, String> each : spec.namespaces.entrySet()) {
            flags |= each.getValue().isEmpty() ? each.getKey().flag : 0;
        }
        int made = flags;
        boolean joins = spec.namespaces.values().stream().anyMatch(path -> !path.isEmpty()) || (flags & CLONE_NEWTIME) != 0;
        var program = spec.seccomp == null ? null : spec.seccomp.program();
        puppet = creator.call(() -> joins ? ContainerJoin.make(spec, new Puppet(program), made) : new Puppet(program).start(made & ~CLONE_NEWCGROUP, spec.userMap));
        if ((flags & CLONE_NEWUSER) != 0) {
            puppet.syscall("setresgid", 0L, 0L, 0L);
            puppet.syscall("setresuid", 0L, 0L, 0L);
            puppet.call("prctl", PR_SET_DUMPABLE, 1L, 0L, 0L, 0L); // or its files in /proc would be root's
            puppet.call("prctl", PR_SET_PDEATHSIG, (long) SIGKILL, 0L, 0L, 0L);
        }
        root();
        cgroup = ContainerCgroup.make(spec); // from here on its limits hold
        cgroup.add(puppet.pid());
        if ((flags & CLONE_NEWCGROUP) != 0) { // only now, for the root that it shows is the cgroup where the process stands
            puppet.unshare(CLONE_NEWCGROUP);
        }
        if (spec.oomScoreAdj != Integer.MIN_VALUE) {
            Where.at("process.oomScoreAdj", () -> puppet.write("/proc/self/oom_score_adj", String.valueOf(spec.oomScoreAdj)));
        }
        if (spec.hostname != null) {
            Where.at("hostname", () -> puppet.call("sethostname", spec.hostname, (long) spec.hostname.getBytes(StandardCharsets.UTF_8).length));
        }
        if (spec.domainname != null) {
            Where.at("domainname", () -> puppet.call("setdomainname", spec.domainname, (long) spec.domainname.getBytes(StandardCharsets.UTF_8).length));
        }
        if ((flags & CLONE_NEWNET) != 0) {
            ContainerNetwork.loopback(puppet);
            network = spec.nat ? ContainerNetwork.nat(creator, puppet.pid()) : null;
        }
    }

    /** Cuts its mounts off from ours and finds its root, or makes one where nobody else sees it. */
    private void root() {
        puppet.call("umask", 0);
        puppet.call("mount", "none", "/", null, MS_REC | ((spec.propagation & (MS_SLAVE | MS_SHARED)) != 0 ? MS_SLAVE : MS_PRIVATE), null);
        rootfs = spec.rootfs;
        if (rootfs == null) {
            rootfs = Tmpfs.place();
            puppet.call("mount", "rootfs", rootfs, "tmpfs", 0L, "mode=755");
            String log = "/proc/" + puppet.pid() + "/root" + rootfs + "/.log";
            puppet.call("system", "{ " + RootFs.script(rootfs) + "} >" + rootfs + "/.log 2>&1 </dev/null && echo done >" + rootfs + "/.log");
            if (!Proc.read(log).equals("done")) {
                throw new IllegalStateException("no root file system: " + Proc.read(log));
            }
            puppet.call("unlink", rootfs + "/.log");
        }
    }

    /** Makes the tree of mounts that is to be the container's root, where nobody else sees it. */
    public void furnish() {
        Where.at("root.path", () -> puppet.call("mount", rootfs, rootfs, null, MS_BIND | MS_REC, null)); // pivot_root wants a mount point
        ContainerMounts mounts = new ContainerMounts(puppet, rootfs);
        for (ContainerSpec.Mount mount : spec.mounts) {
            Where.at(mount.where(), () -> mounts.mount(mount));
        }
        if (spec.mounts.stream().anyMatch(mount -> mount.destination().matches("/dev/?") && !mount.type().equals("bind"))) {
            Where.at("linux.devices", () -> mounts.devices(spec.devices));
        }
        if (streams == Streams.TERMINAL) {
            terminal = Pty.open(puppet.pid(), mounts.inside("/dev/pts"));
            mounts.make(rootfs + "/dev/console", false);
            puppet.call("mount", rootfs + terminal.name(), rootfs + "/dev/console", null, MS_BIND, null);
        }
        spec.sysctl.forEach((name, value) -> Where.at("linux.sysctl." + name, () -> puppet.write("/proc/sys/" + name.replace('.', '/'), value)));
        mounts.make(mounts.inside(spec.workingDirectory), true);
        if (spec.environment.stream().noneMatch(each -> each.startsWith("HOME="))) {
            spec.environment = new ArrayList<>(spec.environment);
            spec.environment.add("HOME=" + mounts.home(spec.uid));
        }
        spec.readonly.forEach(mounts::readonly);
        spec.masked.forEach(mounts::mask);
        if (spec.readonlyRoot) {
            mounts.remount(rootfs, MS_RDONLY);
        }
    }

    /** Makes the tree the root, and leaves the old one; pivot_root(2). */
    public void enter() {
        // tag::enter[]
        puppet.call("chdir", rootfs);
        puppet.call("pivot_root", ".", "."); // the old root now lies on top of the new one
        puppet.call("umount2", ".", MNT_DETACH);
        puppet.call("chdir", "/");
        // end::enter[]
        if (spec.propagation != 0) {
            puppet.call("mount", "none", "/", null, spec.propagation, null);
        }
    }

    /** Takes away what the command is not to have. */
    public void restrict() {
        ContainerProcess process = new ContainerProcess(puppet, spec);
        if (streams == Streams.TALK) {
            puppet.call("dup2", input[0], 0);
            puppet.call("dup2", output[1], 1);
            puppet.call("dup2", output[1], 2);
        }
        process.detach();
        if (terminal != null) {
            terminal.attach(puppet);
        }
        process.restrict();
    }

    /** Becomes the command. */
    public void exec() {
        new ContainerProcess(puppet, spec).exec();
        if (streams == Streams.TALK) {
            Libc.close(input[0]);
            Libc.close(output[1]);
            conversation = new Conversation(input[1], output[0]);
        }
    }

    /** See {@link Puppet#fork}: before {@link #exec}. */
    public int fork(String function) {
        return puppet.fork(function);
    }

    /** What a command that the container's shell runs prints, stdout and stderr together. */
    public String sh(String command) {
        return conversation.run(command).text();
    }

    /** Sends a signal to the command, which with {@code init} is the first child of the first process; kill(2). */
    public void signal(int signal) {
        Errno.of(() -> { // or it has just ended
            String children = spec.init ? Proc.read("/proc/" + pid() + "/task/" + pid() + "/children").strip() : "";
            kill(children.isEmpty() ? pid() : Integer.parseInt(children.split(" ")[0]), signal);
        });
    }

    /** The command's exit status, or 128 + the signal that ended it. */
    public int waitFor() {
        return puppet.waitFor();
    }

    public boolean alive() {
        return puppet != null && puppet.alive();
    }

    /** Ends the container: with its first process every other one, and with the last one the namespaces. */
    @Override
    public void close() {
        if (puppet != null) {
            puppet.close();
        }
        if (conversation != null) {
            conversation.close();
        }
        if (network != null) {
            network.close();
        }
        if (cgroup != null) {
            cgroup.close();
        }
        if (terminal != null) {
            terminal.close();
        }
    }
}
