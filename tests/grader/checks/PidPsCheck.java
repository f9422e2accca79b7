package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class PidPsCheck extends Check {
    @Test
    @Verifies("pid.own-proc")
    void ownProc(Live live) {
        fresh(live);
    }

    @Test
    @Verifies("pid.ps-shows-inside-only")
    void insideOnly(Live live) throws Throwable {
        var inside = fresh(live);
        int depth = inside.nsPids().size() - 1;
        var one = live.processes().stream().filter(process -> process.identity("pid").equals(inside.identity("pid")) && process.nsPids().get(depth) == 1).findFirst().orElseThrow();
        live.eventually(() -> {
            var members = live.processes().stream().filter(process -> process.identity("pid").equals(inside.identity("pid")) || below(process, one))
                    .map(process -> process.nsPids().get(depth)).sorted().toList();
            var listed = live.files(inside).list("/proc").stream().filter(name -> name.matches("\\d+")).map(Long::valueOf).sorted().toList();
            assertEquals(members.toString(), listed.toString(), "The numbers that /proc lists inside are not those of the processes in " + inside.link("pid"));
        });
        // The numbers might be equal by chance. What the file of number 1 says of its start tells which process it is.
        var stat = live.files(inside).text("/proc/1/stat");
        assertTrue(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19].equals("" + one.startTime()), () -> "What /proc calls number 1 inside is not number 1 of " + inside.link("pid") + ".");
        live.unchanged();
    }

    /** A process that is apart in the three types. */
    private static Proc inside(Live live) {
        live.apart("pid", "mnt");
        return live.apart("user", "pid", "mnt");
    }

    /** One that has a proc of its own besides: mounted as the topmost on /proc, and another one than outside. */
    private static Proc fresh(Live live) {
        var inside = inside(live);
        var known = live.init().mounts().stream().filter(mount -> mount.type().equals("proc")).map(Mount::device).toList();
        return live.allApart("user", "pid", "mnt").stream().filter(task -> proc(task).filter(mount -> !known.contains(mount.device()) && ofThis(live, task, mount)).isPresent()).findFirst()
                .orElseThrow(() -> new AssertionError("Your process is apart, but " + proc(inside).map(mount -> known.contains(mount.device()) ? "its /proc is still the old one"
                        : "what is mounted on its /proc is not a proc that shows a PID namespace").orElse("no proc is mounted on its /proc") + ", and ps reads /proc."));
    }

    private static Optional<Mount> proc(Proc task) {
        return task.mountAt("/proc").filter(mount -> mount.type().equals("proc") && mount.root().equals("/"));
    }

    /** Whether the directory itself is on the device that the mount list says; mountinfo writes it as major:minor. */
    private static boolean ofThis(Live live, Proc task, Mount mount) {
        long dev = ((Number) live.files(task).stat("/proc", "dev")).longValue();
        return mount.device().equals((dev >> 8 & 0xfff | dev >> 32 & ~0xfffL) + ":" + (dev & 0xff | dev >> 12 & ~0xffL));
    }

    /** Whether a process descends from another one: then it has a number in that one's PID namespace, too. */
    private static boolean below(Proc process, Proc one) {
        for (long pid = process.pid(); pid > 1; pid = Proc.of(pid).parent()) if (pid == one.pid()) return true;
        return false;
    }

    @Override
    public List<String> hints() {
        return List.of("ps(1) knows nothing by itself: it reads /proc. Whose processes does a proc show?",
                "A proc shows the PID namespace of who mounts it. So: a PID namespace, a mount, and a mount namespace, so that nobody else gets it.",
                "Only root may make these two, but anybody may make a user namespace and be root in it: CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS.",
                "child.sh(\"mount -t proc proc /proc\")");
    }

    @Override
    public String hint(Live live) {
        var types = List.of("user", "pid", "mnt");
        return live.processes().stream().filter(process -> types.stream().anyMatch(type -> !process.link(type).equals(live.init().link(type)))).findFirst().map(process -> {
            var missing = types.stream().filter(type -> process.link(type).equals(live.init().link(type))).toList();
            return "Process " + process.pid() + (missing.isEmpty() ? " is apart in all three types. On its /proc is mounted: " + process.mountAt("/proc").map(mount -> mount.type() + " "
                    + mount.device()).orElse("nothing") + "; outside: " + live.init().mountAt("/proc").map(mount -> mount.type() + " " + mount.device()).orElse("nothing") + "."
                    : " still shares " + String.join(", ", missing.stream().map(type -> live.init().link(type)).toList()) + " with you.");
        }).orElseGet(() -> "All processes of yours are in " + String.join(", ", types.stream().map(type -> live.init().link(type)).toList()) + ", like you.");
    }

    @Override
    public String explanation() {
        return """
            A PID namespace alone hides nobody: the old /proc is still there, and it shows the namespace of who mounted it.
            To mount another one takes CAP_SYS_ADMIN in the user namespace that owns the mount namespace. An ordinary user
            gets that by making the user namespace in the same call. It is what unshare --map-root-user --pid --fork
            --mount-proc does, and every rootless container engine.""";
    }
}
