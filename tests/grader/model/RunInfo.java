package grader.model;

import java.util.List;

/**
 * How a class was graded.
 *
 * @param plan a digest of everything that was asked, of the checks and of the labs
 * @param privilege root or ordinary user
 * @param limits what bounded the answers, such as {@code memory 512 MiB by cgroup v1}
 * @param missing protections that this machine could not give; empty is best
 * @param millis how long it took
 */
public record RunInfo(String schema, String version, String plan, int shard, int shards, String privilege, List<String> limits, List<String> missing,
        String time, long millis) {
    public static final String SCHEMA = "namespace-labs/run/1";
}
