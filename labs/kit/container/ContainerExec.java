package kit.container;

import static kit.Libc.*;

import java.util.ArrayList;
import java.util.List;
import kit.*;

/** A further process of a container that runs: in all of its namespaces and cgroups, and with no more rights than its first one. */
public final class ContainerExec implements AutoCloseable {
    final Puppet puppet;
    /** Null if it has our streams. */
    final Pty terminal;

    private ContainerExec(Puppet puppet, Pty terminal) {
        this.puppet = puppet;
        this.terminal = terminal;
    }

    /** @param pid the container's first process, as the creator sees it */
    static ContainerExec start(Caller creator, int pid, ContainerSpec spec, boolean withTerminal) {
        var program = spec.seccomp == null ? null : spec.seccomp.program();
        Puppet puppet = creator.call(() -> ContainerJoin.of(pid, program));
        Pty terminal = null;
        try {
            if (spec.environment.stream().noneMatch(each -> each.startsWith("HOME="))) {
                spec.environment = new ArrayList<>(spec.environment);
                spec.environment.add("HOME=" + new ContainerMounts(puppet, "").home(spec.uid));
            }
            ContainerProcess process = new ContainerProcess(puppet, spec);
            process.detach();
            if (withTerminal) {
                terminal = Pty.open(puppet.pid(), "/dev/pts");
                terminal.attach(puppet);
            }
            process.restrict();
            process.exec();
            return new ContainerExec(puppet, terminal);
        } catch (RuntimeException | Error e) {
            puppet.close();
            if (terminal != null) {
                terminal.close();
            }
            throw e;
        }
    }

    void signal(int signal) {
        Errno.of(() -> Libc.kill(puppet.pid(), signal)); // or it has just ended
    }

    @Override
    public void close() {
        puppet.close();
        if (terminal != null) {
            terminal.close();
        }
    }

    /** An interactive shell in all namespaces of a container and with its rights, on our terminal. */
    public static Child shell(Caller creator, int pid, ContainerSpec spec) {
        Caller guest = creator.another("guest");
        List<Child.Step> steps = new ArrayList<>();
        for (Namespace type : Namespace.values()) {
            if (!type.of(pid).equals(type.of(guest.tid()))) {
                int fd = guest.call(() -> open("/proc/" + pid + "/ns/" + type.proc, O_RDONLY | O_CLOEXEC, 0));
                if (type == Namespace.PID) {
                    guest.run(() -> setns(fd, type.flag)); // the shell is to be a child of who calls this
                } else {
                    steps.add(Child.call("setns", fd, type.flag));
                }
            }
        }
        steps.addAll(Capability.bound(spec.capabilities.bounding()));
        steps.add(Child.call("prctl", PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L));
        steps.add(Capability.capset(spec.capabilities.effective(), spec.capabilities.permitted(), 0));
        steps.add(spec.seccomp.install());
        return guest.call(() -> Child.interactive(0, UserMap.NONE, steps, "/bin/sh"));
    }
}
