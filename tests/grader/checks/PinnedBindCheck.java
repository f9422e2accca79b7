package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import outside.Enter;
import outside.Mount;
import outside.Nsfs;
import outside.Proc;
import outside.Verifies;

class PinnedBindCheck extends Check {
    /** The mount at the path asked for, and one of those who see it. */
    private record Pin(Proc viewer, Mount mount) {}

    @Test
    @Verifies("lifetime.bind-mount-holds")
    void pinned(Live live) {
        var pin = pin(live);
        var identity = live.files(pin.viewer).stat(pin.mount.point(), "dev") + ":" + live.files(pin.viewer).stat(pin.mount.point(), "ino");
        assertTrue(!live.init().identity("uts").equals(identity), "What is mounted is the UTS namespace in which you were started.");
        assertTrue(nobody(live, task -> task.identity("uts").equals(identity)), () -> "It must be kept by the mount alone, but there are still members of " + pin.mount.root() + ".");
        assertTrue(live.processes().stream().noneMatch(process -> live.openFiles(process).stream().anyMatch(file -> file.link().equals(pin.mount.root()))),
                () -> "It must be kept by the mount alone, but there are processes that have " + pin.mount.root() + " open.");
        var hostname = live.files(pin.viewer).at(pin.mount.point(), file -> Enter.the(pin.viewer).by("uts", file).run("uname", "-n").text());
        assertEquals(live.value("hostname"), hostname, "The hostname there is wrong");
        live.unchanged();
    }

    @Test
    @Verifies("pinned.owner-stays")
    void owner(Live live) {
        var pin = pin(live);
        var owner = live.files(pin.viewer).at(pin.mount.point(), Nsfs::ownerOf);
        assertTrue(nobody(live, task -> task.link("user").equals(owner)) && !live.init().link("user").equals(owner), () -> "The user namespace that owns it is " + owner + ", and it has members.");
    }

    private static Pin pin(Live live) {
        var points = Stream.of(live.apart("mnt")).flatMap(first -> live.allApart("mnt").stream()).flatMap(task -> mounts(task).stream().map(mount -> new Pin(task, mount))).toList();
        var pin = points.stream().filter(each -> each.mount.point().endsWith("/" + live.value("file"))).reduce((below, above) -> above).orElseThrow(() ->
                new AssertionError("Nothing is mounted at .../" + live.value("file") + ", wherever I look."));
        assertTrue(pin.mount.type().equals("nsfs") && pin.mount.root().startsWith("uts:["), () -> "At " + pin.mount.point() + " there is no UTS namespace, but " + pin.mount.type() + " "
                + pin.mount.root() + ".");
        return pin;
    }

    private static List<Mount> mounts(Proc task) {
        try {
            return task.mounts();
        } catch (UncheckedIOException ended) {
            return List.of();
        }
    }

    /** Whether something is true of no task of the answer. */
    private static boolean nobody(Live live, Predicate<Proc> wanted) {
        return live.tasks().stream().noneMatch(task -> {
            try {
                return wanted.test(task);
            } catch (UncheckedIOException ended) {
                return false;
            }
        });
    }

    @Override
    public List<String> hints() {
        return List.of("Which user namespace owns a UTS namespace? The one in which its maker was. So with CLONE_NEWUSER|CLONE_NEWUTS in one clone(2) it is the new one.",
                "A mount point must be there first: a file for a file. And only mounter sees its mounts, so it must do both.",
                "mount(\"/proc/\" + child.pid + \"/ns/uts\", file, null, MS_BIND, null) on mounter, while the child lives. No open(2): then close() the child.");
    }

    @Override
    public String hint(Live live) {
        var nsfs = live.allApart("mnt").stream().flatMap(task -> mounts(task).stream()).filter(mount -> mount.type().equals("nsfs")).findFirst();
        return nsfs.map(mount -> mount.root() + " is mounted at " + mount.point() + ".").orElse(null);
    }

    @Override
    public String explanation() {
        return """
            In mountinfo the line says nsfs, and where other file systems name a directory it names the namespace: uts:[...].
            The mount is one reference; the UTS namespace holds its owner, the user namespace, for the kernel must know whose
            capabilities count in it. So a user namespace can live with nobody in it, and NS_GET_USERNS still finds it. It all
            ends with umount(2), or with the last process of the mount namespace, which is what ends your mounter.""";
    }
}
