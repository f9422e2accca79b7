package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.Twin;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import outside.Mount;
import outside.Proc;
import outside.Verifies;

class EscapesRemountCheck extends Check {
    private static final int CAP_SYS_ADMIN = 21, O_WRONLY = 1, O_CREAT = 0100, MS_REMOUNT = 32, MS_BIND = 4096, MOUNT_ATTR_RDONLY = 1;
    private static final String VOLUME = "/volume";

    /** The first process with this hostname in namespaces of its own, which has the volume. */
    private static Proc container(Live live, String name) {
        var all = live.allApart("mnt", "uts").stream().filter(task -> live.hostname(task).equals(name)).toList();
        if (all.isEmpty()) throw new AssertionError("There is no container with the hostname " + name + ": no process of yours has this name and a mount namespace of its own.");
        return all.stream().filter(task -> task.mountAt(VOLUME).isPresent()).findFirst().orElseThrow(() -> new AssertionError("The container " + name + " has no volume mounted at " + VOLUME + "."));
    }

    private static Mount volume(Proc task) {
        return task.mountAt(VOLUME).orElseThrow(() -> new AssertionError("The volume is not mounted any more at " + VOLUME + "."));
    }

    /** The mount that the host made for its containers: of the same file system, further down in another mount namespace. */
    private static void hostGivesItReadOnly(Live live, Proc container) {
        var device = volume(container).device();
        var host = live.allApart("mnt").stream().filter(task -> !task.identity("mnt").equals(container.identity("mnt"))).flatMap(EscapesRemountCheck::mounts)
                .filter(mount -> mount.device().equals(device) && mount.point().endsWith("/root" + VOLUME)).toList();
        assertTrue(!host.isEmpty(), "The volume of the container is not one that the host has given: no mount of it for containers is left.");
        for (var mount : host) assertTrue(List.of(mount.options().split(",")).contains("ro"), "The host's own mount at " + mount.point() + " is not read-only.");
    }

    private static java.util.stream.Stream<Mount> mounts(Proc task) {
        try {
            return task.mounts().stream();
        } catch (UncheckedIOException ended) {
            return java.util.stream.Stream.of();
        }
    }

    private static String write(Live live, Twin twin, String way) {
        return twin.errno("openat", -100, VOLUME + "/by-the-judge-" + way + live.hex("file"), O_WRONLY | O_CREAT, 0600);
    }

    @Test
    @Verifies("escapes.remount-rw")
    void open(Live live) {
        var container = container(live, live.value("first"));
        hostGivesItReadOnly(live, container);
        try (var twin = live.twin(container)) {
            assertEquals("success", write(live, twin, "first"), "A copy of your process in the container " + live.value("first") + " writes to the volume");
        }
    }

    @Test
    @Verifies("mount.locked-flags")
    void closed(Live live) {
        var container = container(live, live.value("second"));
        hostGivesItReadOnly(live, container);
        assertEquals(1, container.capabilities("CapEff") >>> CAP_SYS_ADMIN & 1, "Root of the container " + live.value("second") + " is to keep CAP_SYS_ADMIN. The capability");
        try (var twin = live.twin(container)) {
            assertEquals("success", twin.errno("sethostname", live.value("second"), live.value("second").length()), "What root of that container may else do: sethostname(2)");
            assertEquals("EROFS", write(live, twin, "second"), "A copy of your process in the container " + live.value("second") + " writes to the volume");
            assertEquals("EPERM", twin.errno("mount", "none", VOLUME, 0, MS_REMOUNT | MS_BIND, 0), "It tries to make it writable, by mount(2)");
            var newer = twin.errno("mount_setattr", -100, VOLUME, 0, ByteBuffer.allocate(32).order(ByteOrder.nativeOrder()).putLong(8, MOUNT_ATTR_RDONLY).array(), 32); // struct mount_attr: attr_clr
            if (!newer.equals("ENOSYS")) assertEquals("EPERM", newer, "It tries to make it writable, by mount_setattr(2)");
            assertEquals("EROFS", write(live, twin, "later"), "And writes once more");
        }
    }

    @Override
    public List<String> hints() {
        return List.of("The flag is one of the mount, and the container has a copy of that mount in its own namespace. Who may change it there?",
                "A bind mount that exists is changed by MS_REMOUNT | MS_BIND and the flags that it shall have, which is none: call(\"mount\", \"none\", \"/volume\", 0L, MS_REMOUNT | MS_BIND, 0L).",
                "Flags are locked when a mount namespace is made by somebody less privileged than the one that it is copied from.",
                "Less privileged means: another user namespace owns it. jail.container(CLONE_NEWUSER | CLONE_NEWUTS, ...).");
    }

    @Override
    public String hint(Live live) {
        try {
            var text = new java.util.ArrayList<String>();
            for (var name : List.of(live.value("first"), live.value("second"))) {
                var container = container(live, name);
                text.add(name + " has " + VOLUME + " with " + volume(container).options() + " and stands in " + container.link("user"));
            }
            return String.join("; ", text);
        } catch (AssertionError | UncheckedIOException e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            Read-only is a property of the mount, not of the volume. A mount namespace is a copy, and root of the same user namespace
            changes its copy as it likes. When a user namespace is made together with it the copy is less privileged: what came
            read-only, nosuid, nodev or noexec stays so, and the mounts cannot be taken apart. Without a user namespace the engine
            must take CAP_SYS_ADMIN from the container, as docker does, or forbid mount(2) by seccomp.""";
    }
}
