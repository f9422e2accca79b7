package grader.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import grader.judge.Check;
import grader.judge.Live;
import grader.judge.Twin;
import java.util.List;
import kit.Errno;
import org.junit.jupiter.api.Test;
import outside.Proc;
import outside.Verifies;

class SeccompNotifyCheck extends Check {
    private static final int CAP_SYS_ADMIN = 21;

    /** The first task under a filter of the answer's own: it must have a UTS namespace that it may not rename itself. */
    private static Proc supervised(Live live) {
        var task = live.filtered();
        assertEquals(0, task.capabilities("CapEff") >>> CAP_SYS_ADMIN & 1, "Your thread under the filter has CAP_SYS_ADMIN. The capability");
        if (task.identity("uts").equals(live.init().identity("uts"))) throw new AssertionError("Your thread under the filter stands in " + task.link("uts") + ", as before.");
        return task;
    }

    private static String ask(Twin twin, String name) {
        return twin.errno("sethostname", name, name.length());
    }

    /** Names that nobody knew before: a twin asks for them. */
    private static String allowed(Live live, String end) {
        return live.value("allowed") + "-" + end + live.hex("end of the name");
    }

    @Test
    @Verifies("seccomp.user-notification")
    void allowed(Live live) {
        var task = supervised(live);
        try (var twin = live.twin(task)) {
            for (var name : List.of(allowed(live, "a"), allowed(live, "b") + ".example", live.value("allowed"))) {
                assertEquals("success", ask(twin, name), "sethostname(\"" + name + "\") of a copy of your thread");
                assertEquals(name, live.hostname(task), "The hostname after it was asked for");
            }
        }
        live.unchanged();
    }

    @Test
    @Verifies("seccomp.arguments-not-pointers")
    void refused(Live live) {
        var task = supervised(live);
        var good = allowed(live, "c");
        try (var twin = live.twin(task)) {
            assertEquals("success", ask(twin, good), "sethostname(\"" + good + "\") of a copy of your thread");
            for (var bad : List.of("x" + good, good.substring(1), live.value("allowed").replaceFirst(".$", ""), good.toUpperCase(java.util.Locale.ROOT))) {
                assertEquals(Errno.name(live.number("errno", 44, 58)), ask(twin, bad), "sethostname(\"" + bad + "\") of a copy of your thread");
                assertEquals(good, live.hostname(task), "The hostname after another one was refused");
            }
            var other = "x" + good.substring(1);
            long address = twin.room(64);
            for (int i = 0; i < 2; i++) {
                twin.write(address, i == 0 ? good : other);
                assertEquals(i == 0 ? "success" : Errno.name(live.number("errno", 44, 58)), twin.errno("sethostname", address, good.length()),
                        "sethostname(2) with the same address and the same length, and there \"" + (i == 0 ? good : other) + "\"");
            }
        }
    }

    @Override
    public List<String> hints() {
        return List.of("The filter only says that somebody else decides: RET_USER_NOTIF. Who installs it gets a descriptor, by which the calls come.",
                "ioctl(listener, NOTIF_RECV, notification) waits for a call. The id stands at byte 0, the PID at 8, the first argument at 32, the second at 40.",
                "open(\"/proc/\" + pid + \"/mem\", O_RDONLY, 0) and pread(2) at the address that is the first argument give the name. It does not end with a zero: the length is the second argument.",
                "The answer has the same id at byte 0, and at 16 the errno, negative; 0 means success. Then ioctl(listener, NOTIF_SEND, answer).",
                "Set the name that you have read on the thread that may: host.run(() -> sethostname(text, length)). Never let the kernel go on with the call, for then it reads the name once more.");
    }

    @Override
    public String hint(Live live) {
        try {
            var task = supervised(live);
            try (var twin = live.twin(task)) {
                return "A copy of your thread " + task.pid() + " asks for the hostname " + allowed(live, "d") + ": " + ask(twin, allowed(live, "d")) + "; afterwards it is " + live.hostname(task) + ".";
            }
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    @Override
    public String explanation() {
        return """
            The kernel stops the caller and asks whoever has the listener: so a container manager lets an unprivileged container do
            single things, such as mount(2) of one file system. Two traps are in it. The PID may be another process's by the time that you open
            /proc/PID/mem: SECCOMP_IOCTL_NOTIF_ID_VALID after the opening tells. And the caller's other threads can change the name after you
            have read it: so the supervisor acts on its own copy, and does not let the call go on (SECCOMP_USER_NOTIF_FLAG_CONTINUE).""";
    }
}
