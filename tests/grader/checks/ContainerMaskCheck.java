package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class ContainerMaskCheck extends Check {
    private static final int TYPE = 0170000, CHARACTER_DEVICE = 0020000, REGULAR = 0100000, NULL = 1 << 8 | 3;

    @Test
    @Verifies("container.masked")
    void masked(Live live) {
        var box = box(live);
        String file = file(live), directory = directory(live);
        mount(box, file);
        int mode = (int) live.files(box).stat(file, "mode");
        assertTrue((mode & TYPE) == CHARACTER_DEVICE && (long) live.files(box).stat(file, "rdev") == NULL, () -> "What the box has at " + file + " is not /dev/null.");
        assertEquals(REGULAR, (int) live.files(live.init()).stat(file, "mode") & TYPE, () -> "Outside " + file + " is no longer what it was");

        var mask = mount(box, directory);
        assertTrue(live.files(box).list(directory).isEmpty(), () -> "The directory " + directory + " is not empty in the box.");
        assertTrue(!mask.type().equals("proc"), () -> "What is mounted on " + directory + " is proc.");
        assertTrue(readOnly(mask), () -> "Into the empty " + directory + " one could still write.");
        live.unchanged();
    }

    @Test
    @Verifies("container.read-only")
    void readOnly(Live live) {
        var box = box(live);
        var settings = mount(box, "/proc/sys");
        assertEquals("proc /sys", settings.type() + " " + settings.root(), "What is mounted on /proc/sys");
        assertEquals(mount(box, "/proc").device(), settings.device(), "It is not of the same proc");
        assertTrue(options(settings.options()).contains("ro"), "Settings below /proc/sys can still be written to.");
        assertTrue(!options(mount(box, "/proc").options()).contains("ro"), "All of /proc has become read-only.");
    }

    private static Proc box(Live live) {
        return Containers.one(live, "pid", "mnt");
    }

    private static String file(Live live) {
        return List.of("/proc/cmdline", "/proc/interrupts", "/proc/meminfo", "/proc/version").get(live.number("file", 0, 4));
    }

    private static String directory(Live live) {
        return List.of("/proc/fs", "/proc/tty", "/proc/driver").get(live.number("directory", 0, 3));
    }

    private static Mount mount(Proc box, String point) {
        return box.mountAt(point).orElseThrow(() -> new AssertionError("Nothing is mounted on " + point + " in the box."));
    }

    private static boolean readOnly(Mount mount) {
        return options(mount.options()).contains("ro") || options(mount.superOptions()).contains("ro");
    }

    private static List<String> options(String text) {
        return List.of(text.split(","));
    }

    @Override
    public List<String> hints() {
        return List.of("No file of /proc can be removed. But whatever is mounted on it hides it: a file on a file, a directory on a directory.",
                "A bind mount of /dev/null; a tmpfs with MS_RDONLY, and the option size=0k if you like.",
                "MS_BIND ignores MS_RDONLY. So bind /proc/sys onto itself first, and change the mount in a second call: MS_REMOUNT | MS_BIND | MS_RDONLY.");
    }

    @Override
    public String hint(Live live) {
        var apart = live.allApart("mnt", "pid");
        return apart.isEmpty() ? null : "Below /proc the box sees these mounts: " + String.join(", ", apart.get(0).mounts().stream()
                .filter(mount -> mount.point().startsWith("/proc")).map(mount -> mount.point() + " (" + mount.type() + " " + mount.options() + ")").toList()) + ".";
    }

    @Override
    public String explanation() {
        return """
            Much of /proc knows no namespaces: the kernel's log and keys, its timers, most of /proc/sys. A container's root could
            read it, and with enough capabilities write it. So engines lay /dev/null over files and an empty tmpfs over directories,
            and mount what must be readable once more, read-only. It helps only as long as nobody inside may umount(2): take
            CAP_SYS_ADMIN away, or make the mounts from a user namespace above, which locks them.""";
    }
}
