package kit;

import java.util.List;

/**
 * A root file system for a container, made from what this machine has, so that nothing need be fetched: its busybox or,
 * without one, a few programs and the libraries that they name; hier(7), ldd(1).
 */
public final class RootFs {
    private RootFs() {}

    private static final List<String> PROGRAMS = List.of("sh", "cat", "chmod", "chroot", "cp", "echo", "env", "head", "hostname", "id", "ip",
            "kill", "ln", "ls", "mkdir", "mknod", "mount", "nproc", "ps", "pwd", "readlink", "rm", "rmdir", "sleep", "stat", "touch", "true", "umount",
            "uname", "unshare", "wc");

    /** Makes one in a directory that exists and is empty, where the caller stands. */
    public static void make(Caller caller, String directory) {
        Output made = caller.command(script(directory));
        if (made.status() != 0) {
            throw new IllegalStateException("no root file system in " + directory + ": " + made.text());
        }
    }

    /** The shell commands that make one, for a reader as for a shell. */
    public static String script(String directory) {
        return """
            set -e; umask 022; PATH=$PATH:/usr/sbin:/sbin; cd DIRECTORY
            mkdir -p bin dev etc proc root sys tmp; chmod 1777 tmp
            echo root:x:0:0:root:/root:/bin/sh > etc/passwd; echo root:x:0: > etc/group
            with_libraries() {
                cp -L "$1" bin/
                { ldd "$1" 2>/dev/null || :; } | grep -o '/[^ ]*' | while read -r file; do mkdir -p ".${file%/*}"; cp -L "$file" ".$file"; done
            }
            """.replace("DIRECTORY", directory) + (Machine.has("busybox") ? """
            with_libraries "$(command -v busybox)"
            bin/busybox --install bin
            """ : """
            for name in PROGRAMS; do
                if program=$(command -v $name) && [ -x "$program" ]; then with_libraries "$program"; fi
            done
            """.replace("PROGRAMS", String.join(" ", PROGRAMS)));
    }
}
