package kit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What has become of a lab's claims, and what follows from it: the verdict and the exit code. */
final class Outcome {
    static final int HOLDS = 0;
    static final int FAILS = 1;
    static final int CANNOT = 77;

    private final Map<String, Claim> claims;
    private final Map<String, Claim.Result> results = new LinkedHashMap<>();
    /** What stopped the lab; null when nothing did. */
    private Problem problem;

    Outcome(Map<String, Claim> claims) {
        this.claims = claims;
    }

    /** The claim with this id, which must stand in the lab's table. */
    Claim claim(String id) {
        if (!claims.containsKey(id)) {
            throw new IllegalArgumentException("the lab's table has no claim " + id);
        }
        return claims.get(id);
    }

    /** Each claim is settled once. */
    void settle(Claim.Result result) {
        if (results.put(result.claim().id(), result) != null) {
            throw new IllegalStateException("the lab settles " + result.claim().id() + " twice");
        }
    }

    /** No namespace was made: nothing that was seen proves anything, and what could not be tried is no excuse. */
    void failAll(String reason) {
        claims.forEach((id, claim) -> results.put(id, Claim.Result.failed(claim, reason)));
    }

    void stoppedBy(Problem problem) {
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }

    /** Whether the lab was stopped by something that this machine refuses, for a reason that was found. */
    private boolean excused() {
        return problem != null && problem.diagnosis.known();
    }

    /** Every claim in the order of the table; one that the lab did not get to fails, unless the machine is the reason. */
    List<Claim.Result> results() {
        return claims.values().stream().map(claim -> results.getOrDefault(claim.id(),
                excused() ? Claim.Result.cannot(claim, problem.diagnosis.cause())
                        : Claim.Result.failed(claim, "the lab did not get to it"))).toList();
    }

    /** How many claims came out as true, false, or null: cannot be shown here. */
    long count(Boolean holds) {
        return results().stream().filter(result -> Objects.equals(holds, result.holds())).count();
    }

    int exitCode() {
        if (count(false) > 0 || problem != null && !excused()) {
            return FAILS;
        }
        return problem != null || count(true) == 0 ? CANNOT : HOLDS;
    }

    /** The same in a word, for the record. */
    String verdict() {
        return switch (exitCode()) {
            case HOLDS -> "holds";
            case FAILS -> "fails";
            default -> "cannot";
        };
    }
}
