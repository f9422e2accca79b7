package kit;

import static kit.Libc.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Why a call failed, found by looking at this machine, and what to do about it.
 *
 * @param known false where nothing was found that explains the errno
 */
public record Diagnosis(boolean known, String cause, String remedy) {

    private static Diagnosis because(String cause, String remedy) {
        return new Diagnosis(true, cause, remedy);
    }

    /** A program that is not installed. */
    public static Diagnosis missing(String program, String debianPackage) {
        return because("there is no program '" + program + "' in PATH",
                "install it; on Debian and Ubuntu: sudo apt-get install " + debianPackage);
    }

    /** The reason for an errno of a call with these CLONE_NEW flags. */
    public static Diagnosis of(String call, int errno, int flags) {
        for (Namespace type : Namespace.in(flags)) {
            if (!Files.isSymbolicLink(Path.of("/proc/self/ns", type.proc)) && Proc.exists("/proc/self/status")) {
                return because("this kernel (" + Machine.kernel() + ") has no " + type.proc + " namespaces, or was built without them",
                        "use Linux " + type.since + " or newer with the option switched on");
            }
        }
        if (errno == Errno.ENOSPC && flags != 0) {
            return limit(flags);
        }
        if (errno == Errno.EUSERS && flags != 0) {
            return because("user namespaces are nested 32 deep", "leave some of the outer ones");
        }
        if (errno == Errno.EINVAL && (flags & CLONE_NEWUSER) != 0) {
            return because("this process has " + Proc.status("self", "Threads")
                    + " threads, and only a process with one thread can change its user namespace",
                    "make a child with clone(CLONE_NEWUSER) instead");
        }
        if (errno == Errno.ENOMEM && call.startsWith("clone")) {
            return because("the first process of the PID namespace has ended, and nothing can be started in it any more",
                    "make a new PID namespace");
        }
        if (errno == Errno.ENOENT && call.startsWith("mount")) {
            return because("a directory to mount on is missing (the labs use /mnt and /run)", "make them, as root: mkdir -p /mnt /run");
        }
        if (errno == Errno.EPERM || errno == Errno.EACCES || errno == Errno.ENOSYS) {
            return refused(call, flags);
        }
        return new Diagnosis(false, "not known to this workbook", "run the Doctor: ./build.sh doctor");
    }

    private static Diagnosis limit(int flags) {
        for (Namespace type : Namespace.in(flags)) {
            String knob = "user.max_" + type.proc + "_namespaces";
            if (Machine.sysctl(knob.replace('.', '/')).equals("0")) {
                return because(knob + " is 0", "as root: sysctl " + knob + "=1000; in a container, ask who runs it");
            }
        }
        return because("a limit of an outer user namespace is used up (user.max_*_namespaces there), or 32 namespaces are nested",
                "end processes that hold namespaces (lsns shows them), or raise the limit outside");
    }

    private static Diagnosis refused(String call, int flags) {
        if (Machine.seccompFilter() && Errno.of(() -> Libc.unshare(0)).equals("EPERM")) { // only a filter refuses this one, and it comes first
            return filtered();
        }
        if (Machine.sysctl("kernel/unprivileged_userns_clone").equals("0") && !Machine.privileged()) {
            return because("kernel.unprivileged_userns_clone is 0: only root may make user namespaces here",
                    "as root: sysctl kernel.unprivileged_userns_clone=1; or run the lab as root");
        }
        if (Machine.sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1") && (getuid() != 0 || confined())) {
            return because("AppArmor restricts user namespaces of ordinary users (kernel.apparmor_restrict_unprivileged_userns is 1)",
                    "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or run the lab as root");
        }
        if (call.startsWith("mount") && (call.contains("proc") && hidden("/proc") || call.contains("sysfs") && hidden("/sys"))) {
            return because("parts of this machine's /proc or /sys are hidden by other mounts (masked paths), as in a container;"
                    + " the kernel gives no fresh view to who has not the full one",
                    "run outside of the container, or start it without masked paths (docker: --security-opt systempaths=unconfined)");
        }
        if (Machine.seccompFilter()) {
            return filtered();
        }
        if (call.startsWith("write(/proc/PID/uid_map") && getuid() == 0 && !Machine.capable(CAP_SETFCAP)) {
            return because("uid 0 without CAP_SETFCAP may give uid 0 to no user namespace (CapEff " + Proc.status("self", "CapEff")
                    + "); user_namespaces(7)", "run as an ordinary user, or as root with that capability");
        }
        if ((flags & CLONE_NEWUSER) != 0 && Proc.mountsAt(Proc.read("/proc/self/mountinfo"), "/").isEmpty()) {
            return because("this process stands in a chroot(2), where the kernel makes no user namespaces",
                    "leave the chroot, or pivot_root(2) into the directory instead");
        }
        if (!Machine.capable(CAP_SYS_ADMIN)) {
            return because("this process has no CAP_SYS_ADMIN (CapEff " + Proc.status("self", "CapEff") + ")",
                    flags == CLONE_NEWUSER ? "use a machine that allows user namespaces" : "run as root, or allow user namespaces");
        }
        return new Diagnosis(false, "not known to this workbook (uid " + getuid() + ", CapEff "
                + Proc.status("self", "CapEff").toLowerCase(Locale.ROOT) + ")", "run the Doctor: ./build.sh doctor");
    }

    /** Where a seccomp filter may be the reason as well, masked paths are it only if there are some. */
    private static boolean hidden(String top) {
        return !Machine.seccompFilter() || !Machine.masks(top).isEmpty();
    }

    private static Diagnosis filtered() {
        return because("a seccomp filter looks at this process's system calls (Seccomp: 2 in /proc/self/status), as in a container",
                "run outside of the container, or start it with another profile (docker: --security-opt seccomp=unconfined)");
    }

    private static boolean confined() {
        try {
            return !Files.readString(Path.of("/proc/self/attr/current")).strip().startsWith("unconfined");
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
