package kit.xray;

import java.util.stream.Collectors;
import kit.*;

/**
 * What dockerd(8) does by itself, in its own words, for docker(1) only asks it.
 *
 * @param says cgroup driver and security options, empty without a daemon
 * @param obstacle why there is none, and what to do; null where there is one
 */
public record DockerDaemon(String says, String obstacle) {
    /** Nobody has asked. */
    static final DockerDaemon NONE = new DockerDaemon("", "");

    /** Asks as somebody who stands where {@code caller} does. */
    static DockerDaemon ask(Caller caller) {
        Output answer = caller.command("timeout 10 docker info --format '{{.ServerVersion}}: {{.CgroupDriver}} {{.SecurityOptions}}'");
        String last = answer.text().lines().reduce("", (before, line) -> line); // before it there may be warnings
        if (answer.ok() && !last.isEmpty() && !last.startsWith(":")) {
            return new DockerDaemon(last, null);
        }
        if (answer.status() == 124) {
            return new DockerDaemon("", "its daemon does not answer");
        }
        if (caller.sh("docker --version").contains("podman")) {
            return new DockerDaemon("", "it is podman by another name");
        }
        String refusal = caller.sh("docker ps").lines().filter(line -> !line.matches("|WARNING.*")).collect(Collectors.joining("; "));
        return new DockerDaemon("", refusal + (refusal.contains("permission denied") ? "; run the lab with sudo, or as a member of the group docker"
                : refusal.contains("daemon running") ? "; start it, as root: systemctl start docker" : ""));
    }

    /** Whether its containers have cgroups of their own; a daemon of an ordinary user's may be unable to make any. */
    public boolean makesCgroups() {
        return !says.contains(": none ");
    }

    /** Whether its containers have a user namespace of their own. */
    public boolean mapsUsers() {
        return says.matches(".*name=(userns|rootless).*");
    }

    /** Whether it puts a filter over its containers: the default, which can be switched off. */
    public boolean filters() {
        return says.contains("name=seccomp") && !says.contains("profile=unconfined");
    }

    /** Whether it sets no_new_privs: by an option, which is off by default. */
    public boolean setsNoNewPrivileges() {
        return says.contains("name=no-new-privileges");
    }

    /** Whether it lets AppArmor or SELinux label its containers. */
    public boolean labels() {
        return says.matches(".*name=(apparmor|selinux).*");
    }
}
