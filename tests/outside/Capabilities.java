package outside;

import java.util.List;
import java.util.regex.Pattern;

/** The names of capabilities and their numbers, by a table of the tests' own; capabilities(7). CapabilitiesTest compares it with the kernel's header. */
public final class Capabilities {
    /** In the order of their numbers, as capabilities(7) of man-pages 6.03 lists them, sorted by linux/capability.h. */
    public static final List<String> NAMES = List.of(("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
            + " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT"
            + " SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM"
            + " BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE").split(" "));

    private Capabilities() {}

    /** The set that a text of strace(1) or of a lab names: {@code 1<<CAP_KILL|1<<CAP_BPF}. */
    public static long mask(String text) {
        return Pattern.compile("\\bCAP_([A-Z_]+)").matcher(text).results().mapToLong(match -> {
            if (!NAMES.contains(match.group(1))) throw new AssertionError("not known to the tests: CAP_" + match.group(1));
            return 1L << NAMES.indexOf(match.group(1));
        }).reduce(0, (a, b) -> a | b);
    }

    /** Every capability of this kernel. */
    public static long all() {
        return (2L << Long.parseLong(Ran.command("cat", "/proc/sys/kernel/cap_last_cap").text())) - 1;
    }

    /** The one in a struct vfs_cap_data, as strace(1) writes the bytes: in C's escapes. */
    public static long ofFile(String setxattr) {
        var bytes = new java.util.ArrayList<Integer>();
        var text = setxattr.replaceFirst(".*\"security.capability\", \"(.*)\", 20, 0.*", "$1");
        for (var each = Pattern.compile("\\\\([0-7]{1,3})|\\\\x([0-9a-f]{2})|\\\\([a-z\\\\\"])|(.)").matcher(text); each.find();)
            bytes.add(each.group(1) != null ? Integer.parseInt(each.group(1), 8) : each.group(2) != null ? Integer.parseInt(each.group(2), 16)
                    : each.group(3) != null ? (int) "\t\n\013\f\r\\\"".charAt("tnvfr\\\"".indexOf(each.group(3))) : each.group(4).charAt(0));
        if (bytes.size() == 19) bytes.add(0); // it leaves out a zero at the end
        if (bytes.size() != 20) throw new AssertionError(setxattr);
        long permitted = 0;
        for (int i = 0; i < 4; i++) permitted |= (long) bytes.get(4 + i) << 8 * i | (long) bytes.get(12 + i) << 32 + 8 * i;
        return permitted;
    }
}
