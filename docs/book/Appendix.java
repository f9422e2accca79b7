package book;

import java.util.Map;
import java.util.TreeMap;
import java.util.ArrayList;
import java.util.List;

/** The appendix that no one writes: every claim with the lab that makes it and the tests that verify it. */
final class Appendix {
    private Appendix() {}

    static final String NAME = "claims";

    static String claims(Claims claims) {
        var text = new StringBuilder("""
            = All claims

            Each sentence about the kernel in this book is a claim.
            A lab makes it happen on your machine, and tests verify it from outside.
            Behind each claim stand the rows of the curriculum that it covers, and the tests.
            """);
        Map<String, List<Claims.Claim>> labs = new TreeMap<>();
        claims.all().forEach(claim -> labs.computeIfAbsent(claim.lab(), none -> new ArrayList<>()).add(claim));
        labs.forEach((lab, of) -> {
            text.append("\n== The lab ").append(lab).append("\n\n");
            for (Claims.Claim claim : of) {
                text.append("[[").append(claim.id()).append("]]`").append(claim.id()).append("` (").append(String.join(", ", claim.rows())).append(")::\n")
                        .append("pass:[").append(Macros.html(claim.sentence()).replace("]", "\\]")).append("]\n");
                for (Claims.Verification test : claim.tests()) {
                    text.append("+\n_Test:_ ").append(test.sentence().replace("\\\"", "\"")).append(" (`").append(test.file()).append("`, line ").append(test.line()).append(")\n");
                }
                text.append("\n");
            }
        });
        return text.toString();
    }
}
