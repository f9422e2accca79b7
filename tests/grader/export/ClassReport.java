package grader.export;

import grader.model.ClassResult;
import grader.model.Out;
import grader.model.RunInfo;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** report.html: a page about the class for its teacher. It names everybody, so it is for nobody else. */
public final class ClassReport implements Exporter {
    private static final int HARDEST = 15;

    record Tile(String number, String what, String href, String kind) {}

    record Student(String id, String href, String name, String points, int max, String percent, int solved, Strip strip, List<String> notes) {}

    record ClaimRow(String item, String id, String sentence, String rate, int passed, int failed, int nothing, int unscored, String often) {}

    record ItemRow(String title, String lab, int difficulty, int max, int solved, int partly, int unsolved, int nothing, int unscored, String mean,
            long medianMillis, String median, long slowestMillis, String slowest) {}

    record Bin(String bin, int count) {}

    /** @param height of the chart, as a class of the style sheet */
    record Chart(String id, String label, String height) {}

    record Page(String style, String policy, String chartLibrary, String script, String data, String times, String time, String date, String shard, List<Tile> tiles, List<Concerns.Concern> concerns,
            boolean unprotected, List<String> missing, List<Student> students, boolean named, int itemCount, Chart distribution, List<Bin> bins, int unscored, Chart hardest, int hardestCount,
            List<ClaimRow> claims, Chart timing, List<ItemRow> items, RunInfo run, String took, boolean limited, List<String> limits) {}

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        var pages = new Pages(plan);
        out.write("report.html", pages.template("report.html").execute(page(all, pages)));
    }

    private static Page page(ClassResult all, Pages pages) throws IOException {
        var run = all.run();
        String style = pages.file("style.css"), library = Pages.chartLibrary(), script = pages.file("report.js");
        var columns = Words.items(all);
        var items = ClassNumbers.items(all);
        var claims = ClassNumbers.claims(all);
        var hardest = ClassNumbers.hardest(claims, HARDEST);
        int[] bins = ClassNumbers.distribution(all);
        var concerns = Concerns.of(all);
        int unscored = (int) all.students().stream().filter(student -> student.points() == null).count();
        return new Page(style, "script-src " + Pages.digest(library) + " " + Pages.digest(script) + "; style-src " + Pages.digest(style), library, script,
                json(data(bins, hardest)), json(times(items)), run.time(), Pages.date(run.time()), run.shards() > 1 ? "Part " + run.shard() + " of " + run.shards() + " of the class." : null,
                tiles(all, items, unscored, concerns), concerns, !run.missing().isEmpty(), run.missing(), all.students().stream().map(student -> student(student, columns)).toList(),
                all.students().stream().anyMatch(student -> student.name() != null), columns.size(),
                new Chart("distribution", ClassNumbers.sentence(bins), "middle"), IntStream.range(0, bins.length).mapToObj(i -> new Bin(ClassNumbers.bin(i), bins[i])).toList(), unscored,
                new Chart("hardest", label(hardest), height(hardest.size())), hardest.size(), claims.stream().map(ClassReport::row).toList(),
                new Chart("timing", "How long the judge took for an answer to each item, typically and at most. The table below has the numbers.", height(items.size())), items.stream().map(ClassReport::row).toList(),
                run, Words.duration(run.millis()), !run.limits().isEmpty(), run.limits());
    }

    private static List<Tile> tiles(ClassResult all, List<ClassNumbers.Item> items, int unscored, List<Concerns.Concern> concerns) {
        double[] percents = ClassNumbers.percents(all);
        int full = (int) all.students().stream().filter(student -> student.points() != null && student.points() == student.max() && student.max() > 0).count();
        return List.of(
                new Tile("" + all.students().size(), all.students().size() == 1 ? "student" : "students", "#students", ""),
                new Tile(percents.length == 0 ? "\u2013" : Words.decimal(ClassNumbers.median(percents)) + " %", "of the points, in the median", "#points", ""),
                new Tile("" + full, "with all points", "#points", ""),
                new Tile("" + unscored, "without a score", concerns.stream().anyMatch(each -> each.kind().equals("infra")) ? "#concern-infra" : "#students", unscored > 0 ? "infra" : ""),
                new Tile("" + items.size(), items.size() == 1 ? "item" : "items", "#items", ""));
    }

    private static Student student(StudentResult student, List<grader.model.ItemResult> columns) {
        var who = Concerns.who(student.student());
        var scored = student.points() != null;
        return new Student(who.id(), who.href(), student.name() == null ? "" : student.name(), scored ? "" + student.points() : "", student.max(),
                scored ? Words.decimal(Words.percent(student.points(), student.max())) : "", (int) student.items().stream().filter(item -> item.verdict() == Verdict.PASS).count(),
                Strip.of(student, columns), List.copyOf(Concerns.kinds(student)));
    }

    private static ClaimRow row(ClassNumbers.Claim claim) {
        var judged = claim.passed() + claim.failed() + claim.nothing() > 0;
        return new ClaimRow(claim.item(), claim.id(), claim.sentence(), judged ? Words.decimal(claim.rate()) : "", claim.passed(), claim.failed(), claim.nothing(), claim.unscored(), claim.often());
    }

    private static ItemRow row(ClassNumbers.Item item) {
        return new ItemRow(item.title(), item.lab(), item.difficulty(), item.max(), item.solved(), item.partly(), item.unsolved(), item.nothing(), item.unscored(), Words.decimal(item.mean()),
                item.median(), Words.duration(item.median()), item.slowest(), Words.duration(item.slowest()));
    }

    private static String label(List<ClassNumbers.Claim> hardest) {
        return "The claims that fewest students made true: " + String.join(", ", hardest.stream().map(claim -> claim.id() + " " + Words.decimal(claim.rate()) + " %").toList()) + ".";
    }

    /** A chart with a row for each of many is higher, in steps that the style sheet knows. */
    private static String height(int rows) {
        return rows <= 8 ? "middle" : rows <= 20 ? "high" : rows <= 45 ? "higher" : "highest";
    }

    private static Map<String, Object> data(int[] bins, List<ClassNumbers.Claim> hardest) {
        var data = new LinkedHashMap<String, Object>();
        data.put("bins", IntStream.range(0, bins.length).mapToObj(ClassNumbers::bin).toList());
        data.put("students", bins);
        data.put("claims", hardest.stream().map(claim -> claim.id() + " \u00b7 " + claim.item()).toList());
        data.put("passed", hardest.stream().map(ClassNumbers.Claim::passed).toList());
        data.put("failed", hardest.stream().map(ClassNumbers.Claim::failed).toList());
        data.put("nothing", hardest.stream().map(ClassNumbers.Claim::nothing).toList());
        data.put("unscored", hardest.stream().map(ClassNumbers.Claim::unscored).toList());
        return data;
    }

    private static Map<String, Object> times(List<ClassNumbers.Item> items) {
        var data = new LinkedHashMap<String, Object>();
        data.put("items", items.stream().map(ClassNumbers.Item::title).toList());
        data.put("median", items.stream().map(ClassNumbers.Item::median).toList());
        data.put("slowest", items.stream().map(ClassNumbers.Item::slowest).toList());
        return data;
    }

    /** JSON that may stand in an element script: no text in it can end the element. */
    private static String json(Object value) {
        return Out.json(value).replace("<", "\\u003c");
    }
}
