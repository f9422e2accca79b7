///usr/bin/env jbang "$0" "$@" ; exit $?
//SOURCES Tests.java

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import outside.Coverage;

/** Prints every claim with the rows that it covers, its lab, and the tests that verify it; then how much is covered. */
public final class Claims {
    public static void main(String... args) throws ClassNotFoundException {
        if (args.length > 0) {
            System.err.println("./build.sh claims takes no arguments.");
            System.exit(2);
        }
        var out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        var coverage = Coverage.look();
        int id = coverage.claims().stream().mapToInt(claim -> claim.id().length()).max().orElse(0);
        int rows = coverage.claims().stream().mapToInt(claim -> String.join(" ", claim.rows()).length()).max().orElse(0);
        int lab = coverage.claims().stream().mapToInt(claim -> claim.lab().length()).max().orElse(0);
        var format = "%-" + Math.max(id, 5) + "s  %-" + Math.max(rows, 4) + "s  %-" + Math.max(lab, 3) + "s  %s%n";
        out.printf(format, "claim", "rows", "lab", "tests");
        for (var claim : coverage.claims())
            out.printf(format, claim.id(), String.join(" ", claim.rows()), claim.lab(),
                    String.join("; ", coverage.tests().getOrDefault(claim.id(), List.of("NONE"))));
        out.println();
        for (var rank : List.of("core", "intermediate", "advanced")) {
            var covered = coverage.rows(rank, true);
            var missing = coverage.rows(rank, false);
            out.printf("%s: %d of %d rows%s%n", rank, covered.size(), covered.size() + missing.size(),
                    missing.isEmpty() ? "" : "; without a claim: " + String.join(" ", missing));
        }
    }
}
