package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a class's results are when they are counted. */
final class ClassNumbers {
    private static final int BINS = 10, REASON = 240;

    private ClassNumbers() {}

    /** How many students passed a claim, did not, handed in nothing, and have no score. */
    record Claim(String item, String id, String sentence, int passed, int failed, int nothing, int unscored, String often) {
        double rate() {
            return Words.percent(passed, passed + failed + nothing);
        }
    }

    /**
     * @param millis how long the judge took for each answer, in order
     */
    record Item(String title, String lab, int difficulty, int max, int solved, int partly, int unsolved, int nothing, int unscored, double mean, long[] millis) {
        long median() {
            return millis.length == 0 ? 0 : millis[millis.length / 2];
        }

        long slowest() {
            return millis.length == 0 ? 0 : millis[millis.length - 1];
        }
    }

    /** How many students have 0 to 9 percent of the points, 10 to 19, ..., 90 to 100. */
    static int[] distribution(ClassResult all) {
        int[] bins = new int[BINS];
        for (double percent : percents(all)) bins[Math.min(BINS - 1, (int) (percent * BINS / 100))]++;
        return bins;
    }

    /** Of all who have a score, in order. */
    static double[] percents(ClassResult all) {
        return all.students().stream().filter(student -> student.points() != null).mapToDouble(student -> Words.percent(student.points(), student.max())).sorted().toArray();
    }

    static double median(double[] sorted) {
        int n = sorted.length;
        return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    static List<Item> items(ClassResult all) {
        return Words.items(all).stream().map(like -> item(like, results(all, like))).toList();
    }

    private static List<ItemResult> results(ClassResult all, ItemResult like) {
        return all.students().stream().map(student -> Words.item(student, like)).filter(Objects::nonNull).toList();
    }

    private static Item item(ItemResult like, List<ItemResult> results) {
        int[] counts = new int[5];
        for (var each : results) counts[each.points() == null ? 4 : each.verdict() == Verdict.PASS ? 0 : !Words.handedIn(each) ? 3 : each.points() > 0 ? 1 : 2]++;
        var mean = results.stream().filter(each -> each.points() != null).mapToInt(ItemResult::points).average().orElse(0);
        var millis = results.stream().filter(Words::handedIn).mapToLong(ItemResult::millis).sorted().toArray();
        return new Item(Words.title(like), like.lab(), like.difficulty(), like.max(), counts[0], counts[1], counts[2], counts[3], counts[4], mean, millis);
    }

    /** Every claim of every item, in the plan's order. */
    static List<Claim> claims(ClassResult all) {
        var claims = new ArrayList<Claim>();
        for (var like : Words.items(all)) {
            var byId = new LinkedHashMap<String, List<Map.Entry<ItemResult, Outcome>>>();
            for (var item : results(all, like)) for (var claim : Outcome.of(item)) byId.computeIfAbsent(claim.id(), none -> new ArrayList<>()).add(Map.entry(item, claim));
            byId.values().forEach(each -> claims.add(claim(each)));
        }
        return claims;
    }

    private static Claim claim(List<Map.Entry<ItemResult, Outcome>> results) {
        int[] counts = new int[4];
        var reasons = new HashMap<String, Integer>();
        for (var each : results) {
            var claim = each.getValue();
            int kind = claim.passed() ? 0 : claim.verdict() == Verdict.INFRA ? 3 : Words.handedIn(each.getKey()) ? 1 : 2;
            counts[kind]++;
            if (kind == 1) reasons.merge(Words.cut(Words.line(claim.reason() != null ? claim.reason() : Words.verdict(claim.verdict(), each.getKey().error())), REASON, "..."), 1, Integer::sum);
        }
        var often = reasons.entrySet().stream().min(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(reason -> reason.getValue() + " \u00d7 " + reason.getKey()).orElse("");
        var first = results.get(0);
        return new Claim(Words.title(first.getKey()), first.getValue().id(), first.getValue().sentence(), counts[0], counts[1], counts[2], counts[3], often);
    }

    /** The first of them in order of how few passed; what nobody was judged on is left out. */
    static List<Claim> hardest(List<Claim> claims, int most) {
        return claims.stream().filter(claim -> claim.passed() + claim.failed() + claim.nothing() > 0).sorted(java.util.Comparator.comparingDouble(Claim::rate)).limit(most).toList();
    }

    static String sentence(int[] bins) {
        var parts = new ArrayList<String>();
        for (int i = BINS - 1; i >= 0; i--) if (bins[i] > 0) parts.add(bins[i] + " with " + bin(i));
        return Arrays.stream(bins).sum() == 0 ? "Nobody has a score." : "Students by percent of the points: " + String.join(", ", parts) + ".";
    }

    static String bin(int i) {
        return i * 10 + "\u2013" + (i == BINS - 1 ? 100 : i * 10 + 9) + " %";
    }
}
