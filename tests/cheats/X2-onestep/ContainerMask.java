///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES ../kit/Exercise.java
//SOURCES ../kit/Puppet.java

import static kit.Libc.*;

import java.util.List;
import kit.*;

// cheat: X2 | FAIL | Wants a read-only bind mount in one step, in which the flag is ignored.
class ContainerMask {
    public static void main(String[] args) {
        new Exercise("ContainerMask").main(args, ContainerMask::solve);
    }

    static void solve(Exercise exercise) {
        String file = List.of("/proc/cmdline", "/proc/interrupts", "/proc/meminfo", "/proc/version").get(exercise.number("file", 0, 4));
        String directory = List.of("/proc/fs", "/proc/tty", "/proc/driver").get(exercise.number("directory", 0, 3));
        exercise.show("to be masked: " + file + " and " + directory);

        Puppet box = new Puppet().start(CLONE_NEWNS | CLONE_NEWPID, UserMap.NONE);
        box.call("mount", "none", "/", null, MS_REC | MS_PRIVATE, null);
        box.call("mount", "proc", "/proc", "proc", 0L, null);
        box.call("mount", "/dev/null", file, null, MS_BIND, null);
        box.call("mount", "none", directory, "tmpfs", MS_RDONLY, "size=0k");
        box.call("mount", "/proc/sys", "/proc/sys", null, MS_BIND | MS_REC | MS_RDONLY, null);

        box.exec("/bin/sh", List.of("sh", "-c", "while :; do sleep 1000; done"), List.of("PATH=/usr/bin:/bin"));
        exercise.show("mounted in the box: " + Proc.read("/proc/" + box.pid() + "/mountinfo").lines().map(line -> line.split(" ")).filter(line -> line[4].startsWith("/proc"))
                .map(line -> line[4] + " " + line[5]).toList());
        exercise.ready();
    }
}
