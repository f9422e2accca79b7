package kit.xray;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A shell beside the lab, for what ends with no namespace: cgroups, and an image and a container of docker's. It waits for
 * the end of its input, which comes however the lab ends, and clears away what has the lab's name. Should it be killed as
 * well, the next lab's clears away what is left.
 */
final class EngineWatch implements AutoCloseable {
    /** Arguments: docker or ":", the beginning of all names, ours, and directories with cgroups. */
    private static final String SCRIPT = """
        docker=$1 pattern=$2 name=$3; shift 3
        clean() {
            find "$@" -depth -type d -path "*/$name*" | while read -r cgroup; do kill -9 $(cat "$cgroup"/cgroup.procs); rmdir "$cgroup"; done
            $docker rm --force "$name"; $docker rmi "$name"
        }
        left() { find "$@" -maxdepth 2 -type d -name "$name"; $docker images --quiet "$name"; }
        ours=$name
        for name in $({ find "$@" -maxdepth 1 -name "$pattern*" -printf '%f\\n'; $docker images --format '{{.Repository}}' | grep "^$pattern"; } | sort -u); do
            pid=${name#$pattern}; [ -d "/proc/${pid%%-*}" ] || clean "$@"
        done
        name=$ours
        read -r nothing
        for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
            [ -n "$(left "$@")" ] || exit 0
            clean "$@"
            sleep 0.1
        done
        """;

    private final Process shell;

    /** @param trees directories with cgroups, none if no engine makes any */
    EngineWatch(boolean docker, String pattern, String name, List<String> trees) throws IOException {
        List<String> line = new ArrayList<>(List.of("setsid", "sh", "-c", SCRIPT, "sh", docker ? "docker" : ":", pattern, name, "/nonexistent"));
        line.addAll(trees);
        shell = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    @Override
    public void close() throws IOException {
        shell.getOutputStream().close();
        shell.onExit().join();
    }
}
