package grader.export;

import grader.model.ClassResult;
import grader.model.ItemResult;
import grader.model.StudentResult;
import grader.model.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a teacher should look at, gathered by what it is, each with those whom it is about. */
final class Concerns {
    private static final int SHORT = 4;
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("infra", "No score: the grader's machine failed");
        TITLES.put("tamper", "Made to deceive the grader");
        TITLES.put("copy", "Copies");
        TITLES.put("solution", "The workbook's own solution");
        TITLES.put("archive", "Submissions that could not be read whole");
        TITLES.put("missing", "Nothing handed in");
        TITLES.put("kept", "Scores kept from an earlier run");
        TITLES.put("retry", "Judged more than once");
    }

    private Concerns() {}

    record Who(String id, String href) {}

    record Entry(List<Who> students, String text) {}

    /** @param open shown at once: what is urgent, and what is short */
    record Concern(String kind, String anchor, String title, int count, boolean open, List<Entry> entries) {}

    /** In the order of their weight; kinds that nobody foresaw come last. */
    static List<Concern> of(ClassResult all) {
        var found = new LinkedHashMap<String, Map<String, Set<String>>>(); // kind, text, students
        for (var kind : TITLES.keySet()) found.put(kind, new LinkedHashMap<>());
        var copies = copies(all);
        copies.forEach((students, items) -> found.get("copy").put(String.join(", ", items) + ": the same but for layout and comments", students));
        for (var student : all.students()) {
            for (var item : student.items()) if (item.verdict() == Verdict.INFRA) add(found, "infra", Words.title(item) + ": " + why(item), student);
            for (var note : student.notes()) {
                var known = note.kind().equals("copy") && copies.keySet().stream().anyMatch(students -> students.contains(student.student()));
                if (note.to().equals("teacher") && !known) add(found, note.kind(), note.text(), student);
            }
        }
        return found.entrySet().stream().filter(kind -> !kind.getValue().isEmpty()).map(kind -> concern(kind.getKey(), kind.getValue())).toList();
    }

    private static String why(ItemResult item) {
        if (item.reason() != null) return item.reason();
        return item.claims().stream().filter(claim -> claim.verdict() == Verdict.INFRA && claim.reason() != null).findFirst().map(claim -> claim.id() + ": " + claim.reason()).orElse("no reason is given");
    }

    private static void add(Map<String, Map<String, Set<String>>> found, String kind, String text, StudentResult student) {
        found.computeIfAbsent(kind, none -> new LinkedHashMap<>()).computeIfAbsent(text, none -> new TreeSet<>()).add(student.student());
    }

    private static Concern concern(String kind, Map<String, Set<String>> texts) {
        var entries = texts.entrySet().stream().map(text -> new Entry(text.getValue().stream().map(Concerns::who).toList(), Words.cut(text.getKey(), Words.SHOWN, "..."))).toList();
        var students = texts.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        return new Concern(kind, "concern-" + Pages.anchor(kind), TITLES.getOrDefault(kind, kind), students.size(), entries.size() <= SHORT || kind.equals("infra") || kind.equals("tamper"), entries);
    }

    static Who who(String student) {
        return new Who(student, "students/" + Pages.address(student) + "/index.html");
    }

    /** Who shares what: students who have the same answers, and to which items. What the model does not call a copy is none, such as an untouched starter. */
    private static Map<Set<String>, List<String>> copies(ClassResult all) {
        var whose = new TreeMap<String, Set<String>>();
        var titles = new LinkedHashMap<String, String>();
        for (var student : all.students()) {
            for (var item : student.items()) {
                if (item.fingerprint() == null || student.notes().stream().noneMatch(note -> note.kind().equals("copy") && note.text().startsWith(item.name() + " "))) continue;
                var key = Words.key(item) + " " + item.fingerprint();
                whose.computeIfAbsent(key, none -> new TreeSet<>()).add(student.student());
                titles.put(key, Words.title(item));
            }
        }
        var shared = new LinkedHashMap<Set<String>, List<String>>();
        whose.forEach((key, students) -> {
            if (students.size() > 1) shared.computeIfAbsent(students, none -> new ArrayList<>()).add(titles.get(key));
        });
        return shared;
    }

    /** The kinds of what is to be looked at with one student. */
    static Set<String> kinds(StudentResult student) {
        var kinds = new LinkedHashSet<String>();
        if (student.items().stream().anyMatch(item -> item.verdict() == Verdict.INFRA)) kinds.add("infra");
        for (var note : student.notes()) if (note.to().equals("teacher")) kinds.add(note.kind());
        return kinds;
    }
}
