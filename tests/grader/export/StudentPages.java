package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** students/ID/index.html: a page for each student, to be given to that student and to nobody else. */
public final class StudentPages implements Exporter {
    private static final int NEXT = 3;
    private final Map<String, String> chapters = new HashMap<>();

    /** @param share of the bar, in thousandths */
    record Segment(String kind, int from, int share) {}

    record Chapter(String title, String file) {}

    record Claim(String id, String sentence, boolean passed, String kind, String mark, String verdict, String points, int max, String reason, boolean compared, String expected, String saw) {}

    record Item(String anchor, String title, String about, String kind, String mark, String verdict, String points, int max, String reason, List<Claim> claims,
            List<Chapter> chapters, boolean printed, String outputTitle, boolean open, String output) {}

    record Page(String style, String policy, String who, String id, boolean named, boolean scored, Integer points, int max, List<Segment> segments, String solved, boolean infra, String failed,
            List<String> notes, boolean more, List<Item> next, List<Item> items, String time, String date) {}

    @Override
    public void write(ClassResult all, Plan plan, Roster roster, Out out) throws IOException {
        var pages = new Pages(plan);
        var template = pages.template("student.html");
        var style = pages.file("style.css");
        for (var student : all.students()) out.write(ResultJson.folder(student.student()) + "index.html", template.execute(page(student, all, plan, style)));
    }

    private Page page(StudentResult student, ClassResult all, Plan plan, String style) {
        var items = student.items().stream().map(item -> item(item, plan)).toList();
        var failed = student.items().stream().filter(item -> item.verdict() == Verdict.INFRA).map(Words::title).toList();
        var notes = student.notes().stream().filter(note -> note.to().equals("student")).map(note -> note.text()).toList();
        var next = student.items().stream().filter(item -> item.verdict() != Verdict.PASS && item.verdict() != Verdict.INFRA)
                .sorted(Comparator.comparing(ItemResult::difficulty)).limit(NEXT).map(item -> items.get(student.items().indexOf(item))).toList();
        long solved = student.items().stream().filter(item -> item.verdict() == Verdict.PASS).count();
        var named = student.name() != null && !student.name().isBlank();
        return new Page(style, Pages.digest(style), named ? student.name() : student.student(), student.student(), named, student.points() != null, student.points(), student.max(),
                segments(student), solved + " of " + items.size() + (items.size() == 1 ? " item" : " items") + " solved", !failed.isEmpty(), String.join(", ", failed), notes, !next.isEmpty(), next, items,
                all.run().time(), Pages.date(all.run().time()));
    }

    /** The bar: got, not got, and without a score. */
    private static List<Segment> segments(StudentResult student) {
        int max = Math.max(1, student.max()), got = student.items().stream().mapToInt(item -> item.points() == null ? 0 : item.points()).sum();
        int none = student.items().stream().filter(item -> item.points() == null).mapToInt(ItemResult::max).sum();
        return List.of(new Segment("pass", 0, 1000 * got / max), new Segment("infra", 1000 * (max - none) / max, 1000 * none / max));
    }

    private Item item(ItemResult item, Plan plan) {
        var claims = Outcome.of(item).stream().map(claim -> claim(item, claim)).toList();
        var chapters = item.verdict() == Verdict.PASS ? List.<Chapter>of() : Outcome.of(item).stream().filter(claim -> !claim.passed()).map(Outcome::read)
                .filter(Objects::nonNull).distinct().map(read -> new Chapter(chapter(read, plan), read)).toList();
        var printed = item.output() != null && !item.output().isBlank();
        return new Item(Pages.anchor(Words.key(item)), Words.title(item), Words.kind(item.kind()) + (item.kind() == grader.model.Kind.EXERCISE ? ", difficulty " + item.difficulty() + " of 5" : ""),
                kind(item.verdict()), mark(item.verdict()), Words.verdict(item), points(item.points()), item.max(), item.verdict() == Verdict.PASS ? null : shown(item.reason()), claims, chapters, printed,
                "compile".equals(item.error()) ? "What the compiler said" : "What your program printed", item.verdict() == Verdict.STUDENT_ERROR, printed ? shown(item.output()) : "");
    }

    private static Claim claim(ItemResult item, Outcome claim) {
        var verdict = Words.verdict(claim.verdict(), item.error());
        var known = claim.passed() || claim.reason() == null || claim.reason().equals(item.reason()) || verdict.toLowerCase(Locale.ROOT).startsWith(claim.reason().toLowerCase(Locale.ROOT));
        var reason = known ? null : shown(claim.reason());
        return new Claim(claim.id(), claim.sentence(), claim.passed(), kind(claim.verdict()), mark(claim.verdict()), verdict, points(claim.points()), claim.max(), reason,
                !claim.passed() && claim.expected() != null, shown(claim.expected()), shown(claim.saw()));
    }

    private static String points(Integer points) {
        return points == null ? "no score" : points.toString();
    }

    private static String shown(String text) {
        return text == null ? null : Words.cut(text, Words.SHOWN, "\n... and more: " + text.length() + " characters in all");
    }

    static String kind(Verdict verdict) {
        return switch (verdict) {
            case PASS -> "pass";
            case INFRA -> "infra";
            case TAMPER -> "tamper";
            default -> "fail";
        };
    }

    private static String mark(Verdict verdict) {
        return switch (verdict) {
            case PASS -> "\u2714";
            case INFRA -> "\u2026";
            case TAMPER -> "!";
            default -> "\u2718";
        };
    }

    /** The title of a chapter; its file's name if there is none. */
    private String chapter(String read, Plan plan) {
        return chapters.computeIfAbsent(read, none -> {
            try {
                return Files.readAllLines(plan.home().resolve(read)).stream().filter(line -> line.startsWith("= ")).findFirst().map(line -> line.substring(2).strip()).orElse(read);
            } catch (IOException e) {
                return read;
            }
        });
    }
}
