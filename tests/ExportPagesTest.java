import static madeup.Exported.ALL;
import static madeup.Exported.JSON;
import static madeup.Exported.FOLDER;
import static madeup.Exported.page;
import static madeup.Exported.passed;
import static madeup.Exported.student;
import static madeup.Exported.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.work.Roster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import madeup.MadeUpClass;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import outside.Home;

/** The pages of the results, read back with jsoup: that they say everything, tell nobody what is not for them, and run nothing. */
@DisplayName("Results, on pages,")
class ExportPagesTest {
    @Test
    @DisplayName("as a student's page have every claim with its points, and say what was expected, seen, and is to be read")
    void pages() throws IOException {
        for (var student : ALL.students()) {
            var page = page("students/" + student.student() + "/index.html");
            var items = page.select("section.item");
            assertEquals(student.items().size(), items.size());
            for (int i = 0; i < items.size(); i++) {
                var item = student.items().get(i);
                var claims = items.get(i).select("li:has(> .claim)");
                assertEquals(item.claims().size(), claims.size());
                assertEquals(item.points() == null ? "no score of " + item.max() + " points" : item.points() + " of " + item.max() + " points", items.get(i).select(".sum .number").text());
                for (int c = 0; c < claims.size(); c++) {
                    var claim = item.claims().get(c);
                    assertTrue(claims.get(c).select(".claim").text().substring(2).startsWith(claim.sentence()), claims.get(c)::text);
                    assertEquals(item.points() == null ? "no score of " + claim.max() : (passed(item, c) ? claim.max() : 0) + " of " + claim.max(), claims.get(c).select(".worth").text());
                    assertEquals(passed(item, c), claims.get(c).hasClass("pass"));
                    assertEquals(passed(item, c), claims.get(c).select(".why").isEmpty());
                }
            }
            var score = page.select(".score").text();
            assertEquals(student.points() == null ? "No score yet" : student.points() + " of " + student.max() + " points", score);
            assertEquals(student.points() == null, page.text().contains("This is not your fault"));
        }
        var copy = page("students/copy/index.html");
        var failed = copy.select("#exercise-rename li.fail");
        assertEquals(List.of("in-1234", "vm"), failed.select("dd").eachText());
        assertTrue(failed.text().contains("the thread still has the machine's hostname"), failed::text);
        assertTrue(copy.select("#exercise-rename .read").text().startsWith("Read: " + title("uts")), copy::text);
        assertTrue(page("students/error/index.html").select("#exercise-length details[open] pre").text().contains("error: <identifier> expected & more"));
        assertEquals(List.of("What your program printed", "What the compiler said"), page("students/error/index.html").select("summary").eachText());
        assertTrue(page("students/error/index.html").text().contains("It used too much memory."));
        assertTrue(page("students/error/index.html").select(".note").text().contains("big.txt is longer than 256 KiB"));
    }

    private static String title(String chapter) throws IOException {
        return Files.readString(Home.path().resolve("docs/chapters/" + chapter + ".adoc")).lines().findFirst().orElseThrow().substring(2);
    }

    @Test
    @DisplayName("as a student's page tell nothing of others and nothing that is for the teacher")
    void secrets() throws IOException {
        for (var student : ALL.students()) {
            var text = Files.readString(FOLDER.resolve("students/" + student.student() + "/index.html"));
            for (var note : student.notes()) if (note.to().equals("teacher")) assertFalse(Jsoup.parse(text).text().contains(note.text()), note::text);
            assertFalse(text.contains("secret detail") || text.contains("only for the teacher") || text.contains("as that of"), student.student());
            assertFalse(text.contains("\"../") || text.contains("report.html"), "a way to the class");
        }
    }

    @Test
    @DisplayName("as pages are text whatever is in them: nothing runs, nothing is fetched, nothing is hidden")
    void escaped() throws IOException {
        var names = new ArrayList<>(List.of("report.html"));
        for (var student : ALL.students()) names.add("students/" + student.student() + "/index.html");
        for (var name : names) {
            var page = page(name);
            assertTrue(page.select("img, iframe, object, embed, link, base, form, [onerror], [onload], [onclick], [src], b").isEmpty(), () -> name + ": " + page.select("img, [onerror], [src], b"));
            assertEquals(name.equals("report.html") ? 4 : 0, page.select("script").size(), name);
            for (var link : page.select("[href]")) {
                var href = link.attr("href");
                if (href.startsWith("#")) assertTrue(page.getElementById(href.substring(1)) != null, () -> name + " has no " + href);
                else assertTrue(name.equals("report.html") && Files.exists(Path.of(FOLDER.toUri().resolve(href))), () -> name + ": " + href);
            }
            assertTrue(page.select("meta[http-equiv=Content-Security-Policy]").attr("content").startsWith("default-src 'none';"));
            assertFalse(page.select("style").html().contains("url("), "the style sheet fetches something");
            assertFalse(Files.readString(FOLDER.resolve(name)).matches("(?s).*[\\x00-\\x08\\x0b-\\x1f\\x7f\\u0080-\\u009f\\u202a-\\u202e].*"), name + " has characters that nobody sees");
        }
        var one = student("all").items().get(0);
        var named = new ItemResult(one.kind(), "</script><b>bold</b>", one.lab(), 1, one.verdict(), null, null, one.points(), one.max(), one.claims(), List.of(), null, "x", 1);
        var odd = Jsoup.parse(Files.readString(written(new ClassResult(ALL.run(), List.of(StudentResult.of("odd", null, "x", List.of(named), List.of()))), Roster.NONE).resolve("report.html")));
        assertTrue(odd.select("b").isEmpty() && odd.select("script").size() == 4, () -> odd.select("b").toString());
        assertTrue(JSON.readTree(odd.selectFirst("#times").data()).path("items").get(0).asText().contains("</script>"));
        var page = page("students/nasty/index.html");
        var seen = page.select("#exercise-rename dd code").eachText();
        for (int i = 0; i < MadeUpClass.NASTY.size(); i++) {
            var text = MadeUpClass.NASTY.get(i);
            if (text.isBlank() || text.length() > 4096) continue;
            var visible = text.replace("\u001b", "<U+001B>").replace("\0", "<U+0000>").replace("\u0007", "<U+0007>").replace("\u007f", "<U+007F>").replace("\u0085", "<U+0085>").replace("\r", "<U+000D>")
                    .replace("\u202e", "<U+202E>").replace("\u202c", "<U+202C>").replaceAll("\ud83d(?![\udc00-\udfff])", "\ufffd");
            assertTrue(seen.contains(Jsoup.parse("<p></p>").selectFirst("p").text(visible).text()), () -> visible + " is not shown in " + seen);
        }
        assertTrue(page.text().contains("70000 characters in all"));
        assertTrue(Files.size(FOLDER.resolve("students/nasty/index.html")) < 200_000, "a long text is not shown whole");
        assertTrue(page("report.html").text().contains("no such") || page("report.html").text().contains("<b>no</b> cgroup for memory & processes"));
    }

    @Test
    @DisplayName("as the class's page count everybody, and mark who shares, who deceived and who has no score")
    void report() throws IOException {
        var page = page("report.html");
        var rows = page.select("#students-table tbody tr");
        assertEquals(ALL.students().stream().map(StudentResult::student).toList(), rows.select("th").eachText().stream().toList());
        for (int i = 0; i < rows.size(); i++) {
            var student = ALL.students().get(i);
            assertEquals(student.points() == null ? "no score" : student.points() + " / " + student.max(), rows.get(i).select("td.number").get(0).text());
            assertFalse(rows.get(i).select("svg.strip").attr("aria-label").isEmpty());
        }
        assertEquals(List.of("copy", "solution"), rows.get(0).select(".badge").eachText());
        var copies = page.select("#concern-copy li");
        assertEquals(1, copies.size(), "those without a note share nothing: " + copies.text());
        assertEquals(List.of("all", "copy"), copies.select("a").eachText());
        assertTrue(copies.text().contains("Length"));
        assertEquals(List.of("infra Rename: uts.rename2: nobody could look: INFRA", "infra Length: The grader's machine could not judge this, and it is not your fault: no memory"), page.select("#concern-infra li").eachText());
        assertEquals(List.of("tamper"), page.select("#concern-tamper a").eachText());
        assertTrue(page.select("#concern-tamper").text().contains("secret detail"));
        assertEquals(List.of("missing"), page.select("#concern-missing a").eachText());
        assertTrue(page.select("#concern-retry").text().contains("only for the teacher"));
        assertTrue(page.select("#concern-archive").isEmpty(), "what is for a student is for that student");
        assertEquals("1", page.select(".tiles a:contains(without a score) strong").text());
        assertEquals(ALL.run().missing(), page.select(".how ul").get(0).select("li").eachText());

        var data = JSON.readTree(page.selectFirst("#data").data());
        int[] bins = new int[10];
        for (var student : ALL.students()) if (student.points() != null) bins[Math.min(9, student.points() * 10 / student.max())]++;
        assertEquals(JSON.valueToTree(bins), data.path("students"));
        assertEquals(JSON.valueToTree(bins), JSON.valueToTree(page.select("#distribution").parents().select("figure").get(0).select("td").eachText().stream().mapToInt(Integer::parseInt).toArray()), "the table says the same");
        var counts = new LinkedHashMap<String, int[]>();
        for (var student : ALL.students()) {
            for (var item : student.items()) {
                for (int i = 0; i < item.claims().size(); i++) {
                    int kind = passed(item, i) ? 0 : item.verdict() == Verdict.INFRA ? 3 : item.fingerprint() == null ? 2 : 1;
                    counts.computeIfAbsent(item.claims().get(i).id(), none -> new int[4])[kind]++;
                }
            }
        }
        var claims = page.select("#claims").parents().select("section").get(0).select("tbody tr");
        assertEquals(counts.size(), claims.size());
        for (var claim : claims) {
            var count = counts.get(claim.select(".claim-id").text());
            assertEquals(List.of(count[0], count[1], count[2], count[3]), claim.select("td.number").eachText().subList(1, 5).stream().map(Integer::parseInt).toList(), claim.text());
        }
        var rates = counts.values().stream().mapToDouble(count -> count[0] / (double) (count[0] + count[1] + count[2])).sorted().limit(15).toArray();
        assertEquals(15, data.path("passed").size());
        for (int i = 0; i < 15; i++) {
            var count = counts.get(data.path("claims").get(i).asText().split(" ")[0]);
            assertEquals(rates[i], count[0] / (double) (count[0] + count[1] + count[2]), "the hardest first");
            assertEquals(List.of(count[0], count[1], count[2], count[3]), List.of(data.path("passed").get(i).asInt(), data.path("failed").get(i).asInt(), data.path("nothing").get(i).asInt(), data.path("unscored").get(i).asInt()));
        }
        var times = JSON.readTree(page.selectFirst("#times").data());
        assertEquals(60_000, times.path("slowest").get(0).asInt());
        assertEquals("60000", page.select("#items").parents().select("section").get(0).select("tbody tr").get(0).select("td[data-millis]").last().attr("data-millis"));
    }
}
