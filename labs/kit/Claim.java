package kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One sentence about the kernel with an id, which the lab, its chapter and its test have in common.
 *
 * @param rows the rows of the curriculum that it covers, such as UTS-02
 */
public record Claim(String id, List<String> rows, String sentence) {

    /** Reads a lab's table: a line a claim, {@code id | rows | sentence}. */
    static Map<String, Claim> table(String text) {
        Map<String, Claim> claims = new LinkedHashMap<>();
        for (String line : text.strip().lines().toList()) {
            String[] cells = line.strip().split("\\s+\\|\\s+", 3);
            Claim claim = new Claim(cells[0], List.of(cells[1].split("\\s+")), cells[2]);
            if (claims.put(claim.id, claim) != null) {
                throw new IllegalStateException("two claims are called " + claim.id);
            }
        }
        return claims;
    }

    /** What one side was expected to show and what it showed. */
    public record Side(String name, String expected, String saw, boolean holds) {}

    /** The process in the namespace shows exactly this. */
    public static Side inside(Object expected, Object saw) {
        return new Side("inside", String.valueOf(expected), String.valueOf(saw), String.valueOf(expected).equals(String.valueOf(saw)));
    }

    /** The same for who stayed outside. */
    public static Side outside(Object expected, Object saw) {
        return new Side("outside", String.valueOf(expected), String.valueOf(saw), String.valueOf(expected).equals(String.valueOf(saw)));
    }

    /** For what is not one value: {@code expected} says it in words, {@code holds} is the lab's own comparison. */
    public static Side inside(String expected, Object saw, boolean holds) {
        return new Side("inside", expected, String.valueOf(saw), holds);
    }

    /** The same for who stayed outside. */
    public static Side outside(String expected, Object saw, boolean holds) {
        return new Side("outside", expected, String.valueOf(saw), holds);
    }

    /**
     * What became of a claim.
     *
     * @param holds null where this machine cannot show it, and then {@code reason} says why
     */
    public record Result(Claim claim, List<Side> sides, Boolean holds, String reason) {
        static Result of(Claim claim, Side... sides) {
            boolean holds = sides.length > 0;
            for (Side side : sides) {
                holds &= side.holds();
            }
            return new Result(claim, new ArrayList<>(List.of(sides)), holds, null);
        }

        static Result cannot(Claim claim, String reason) {
            return new Result(claim, List.of(), null, reason);
        }

        static Result failed(Claim claim, String reason) {
            return new Result(claim, List.of(), false, reason);
        }
    }
}
