package madeup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import grader.export.Exports;
import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.Out;
import grader.model.StudentResult;
import grader.model.Verdict;
import grader.plan.Plan;
import grader.work.Roster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import outside.Home;
import outside.Scratch;

/** The class with everything in it, written in all forms, and how to read these back: by other libraries than wrote them where there are some. */
public final class Exported {
    public static final ClassResult ALL = MadeUpClass.everything();
    public static final ObjectMapper JSON = new ObjectMapper();
    public static final String ROSTER = """
            student,name,ID,SIS User ID,SIS Login ID,Section,username,Email address,assignment,lti user id
            all,x,101,-77,@ada,01,ada,ada@example.org,"UTS, part 1 (12345)",lti-1
            copy,x,102,,,=2,copy,copy@example.org,,
            error,x,,s103,,01,error,error@example.org,,
            infra,x,104,,,01,infra,infra@example.org,,
            missing,x,105,,,01,missing,missing@example.org,,
            nasty,x,106,,,01,nasty,nasty@example.org,,
            notrun,x,107,,,01,notrun,,,
            tamper,x,,,login,01,tamper,tamper@example.org,,
            """;
    /** Where the class is, written with the roster. */
    public static final Path FOLDER = first();

    private Exported() {}

    private static Path first() {
        try {
            return written(ALL, roster(ROSTER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a class somewhere else. */
    public static Path written(ClassResult all, Roster roster) throws IOException {
        var out = Scratch.newPath("results");
        write(all, roster, out);
        return out;
    }

    /** Writes a class over an earlier one: what was said about it. */
    public static String write(ClassResult all, Roster roster, Path out) throws IOException {
        var said = new ByteArrayOutputStream();
        var stderr = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            var plan = Plan.read(Home.path());
            for (var exporter : Exports.ALL) exporter.write(all, plan, roster, new Out(out));
        } finally {
            System.setErr(stderr);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    /** A roster from the text of its file. */
    public static Roster roster(String text) throws IOException {
        var file = Scratch.newPath("roster.csv");
        Files.writeString(file, text);
        return Roster.read(file);
    }

    public static JsonNode json(String name) throws IOException {
        return JSON.readTree(Files.readString(FOLDER.resolve(name)));
    }

    public static List<CSVRecord> csv(String name) throws IOException {
        return CSVFormat.RFC4180.parse(Files.newBufferedReader(FOLDER.resolve(name))).getRecords();
    }

    public static Document page(String name) throws IOException {
        return Jsoup.parse(Files.readString(FOLDER.resolve(name)));
    }

    /** A student of the class. */
    public static StudentResult student(String id) {
        return ALL.students().stream().filter(each -> each.student().equals(id)).findFirst().orElseThrow();
    }

    /** Whether a claim of an item may be called passed: worked out here anew, not asked of the code that is tested. */
    public static boolean passed(ItemResult item, int claim) {
        return item.claims().get(claim).verdict() == Verdict.PASS && List.of(Verdict.PASS, Verdict.FAIL, Verdict.NOT_RUN).contains(item.verdict());
    }

    /** Whether each claim passed, in the order of the plan. */
    public static List<Boolean> passes(StudentResult student) {
        var all = new ArrayList<Boolean>();
        for (var item : student.items()) for (int i = 0; i < item.claims().size(); i++) all.add(passed(item, i));
        return all;
    }

    public static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }
}
