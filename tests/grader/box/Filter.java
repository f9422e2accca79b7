package grader.box;

import static kit.SeccompFilter.RET_ALLOW;
import static kit.SeccompFilter.RET_ERRNO;

import java.util.List;
import kit.Errno;
import kit.SeccompFilter;
import kit.SeccompFilter.Argument;

/** The system calls that no answer needs, and that no namespace confines. Namespaces and mounts are the subject, and allowed. */
final class Filter {
    private Filter() {}

    private static final int EAFNOSUPPORT = 97, AF_PACKET = 17;

    static SeccompFilter make() {
        // Other architectures' calls are refused, not deadly: so one can see whether a stricter filter of the answer's own kills for them.
        return new SeccompFilter(RET_ALLOW, RET_ERRNO | Errno.ENOSYS)
                .on(RET_ERRNO | Errno.EPERM, "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
                        "acct", "quotactl", "quotactl_fd", "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "bpf", "perf_event_open",
                        "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "keyctl", "request_key", "open_by_handle_at",
                        "lookup_dcookie", "nfsservctl", "fanotify_init", "move_pages", "migrate_pages", "iopl", "ioperm", "modify_ldt", "process_madvise")
                // Of sockets those that a network namespace confines; the others, such as AF_VSOCK and AF_ALG, have numbers above.
                .on(RET_ERRNO | EAFNOSUPPORT, List.of(new Argument(0, "SCMP_CMP_GT", AF_PACKET, 0)), "socket", "socketpair")
                // The terminal of whoever grades: TIOCSTI, TIOCLINUX. There is none, but the calls have no other use.
                .on(RET_ERRNO | Errno.EPERM, List.of(new Argument(1, "SCMP_CMP_MASKED_EQ", 0xffffffffL, 0x5412)), "ioctl")
                .on(RET_ERRNO | Errno.EPERM, List.of(new Argument(1, "SCMP_CMP_MASKED_EQ", 0xffffffffL, 0x541c)), "ioctl");
    }
}
